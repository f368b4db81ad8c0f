import Glibc

/// Small files, whole.
enum TextFile {
  /// A file that can't be read or written, with the system's reason.
  struct Failure: Error, CustomStringConvertible {
    let path: String
    let action: String
    let code: Int32

    var description: String {
      "\(path) can't be \(action): \(unsafe String(cString: strerror(code)))"
    }
  }

  /// The file's text.
  static func read(_ path: String) throws(Failure) -> String {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(path: path, action: "read", code: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
      guard count >= 0 else { throw Failure(path: path, action: "read", code: errno) }
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(contentsOf: chunk[..<count])
    }
  }

  /// Whether there is a file that can be read.
  static func exists(_ path: String) -> Bool { unsafe access(path, R_OK) == 0 }

  /// Replaces the file in one step, so that nobody reads half of it; readable by its owner only.
  static func write(_ text: String, to path: String) throws(Failure) {
    let temporary = "\(path).\(getpid()).new"
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Failure(path: path, action: "written", code: errno) }
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      guard count > 0 else {
        let code = errno
        close(descriptor)
        unsafe unlink(temporary)
        throw Failure(path: path, action: "written", code: code)
      }
      bytes = bytes.dropFirst(count)
    }
    close(descriptor)
    guard unsafe rename(temporary, path) == 0 else {
      throw Failure(path: path, action: "written", code: errno)
    }
  }

  /// The names in a folder, sorted.
  static func names(in folder: String) -> [String] {
    guard let handle = unsafe opendir(folder) else { return [] }
    defer { unsafe closedir(handle) }
    var names: [String] = []
    while let entry = unsafe readdir(handle) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
        unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }
}
