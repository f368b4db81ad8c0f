/// A tar archive of small files (POSIX ustar), which every system can read.
package enum TarArchive {
  /// The archive's bytes.
  ///
  /// - Parameters:
  ///   - files: paths of at most 99 bytes, and contents.
  ///   - modified: seconds since 1970, of all files.
  package static func bytes(
    of files: [(path: String, bytes: [UInt8])], modified: Int64
  ) -> [UInt8] {
    var archive: [UInt8] = []
    for file in files {
      archive += header(file.path, size: file.bytes.count, modified)
      archive += file.bytes
      archive += [UInt8](repeating: 0, count: (512 - file.bytes.count % 512) % 512)
    }
    // The end: two empty blocks.
    return archive + [UInt8](repeating: 0, count: 1_024)
  }

  private static func header(_ path: String, size: Int, _ modified: Int64) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at offset: Int) {
      for (position, byte) in text.utf8.enumerated() { header[offset + position] = byte }
    }
    func octal(_ number: Int64, _ width: Int) -> String {
      let digits = String(number, radix: 8)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    put(String(decoding: path.utf8.prefix(99), as: UTF8.self), at: 0)
    put(octal(0o600, 7), at: 100)
    put(octal(0, 7), at: 108)
    put(octal(0, 7), at: 116)
    put(octal(Int64(size), 11), at: 124)
    put(octal(max(modified, 0), 11), at: 136)
    put("        ", at: 148)
    put("0", at: 156)
    put("ustar", at: 257)
    put("00", at: 263)
    let sum = header.reduce(0) { $0 + Int64($1) }
    put(octal(sum, 6), at: 148)
    header[154] = 0
    header[155] = 32
    return header
  }
}
