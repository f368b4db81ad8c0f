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

  /// Replaces the file in one step, so that nobody reads half of it.
  ///
  /// - Parameter mode: its permissions; without it, it is readable by its owner only.
  static func write(_ text: String, to path: String, mode: mode_t = 0o600) throws(Failure) {
    try write(Array(text.utf8), to: path, mode: mode)
  }

  /// Replaces the file in one step; readable by its owner only.
  static func write(_ content: [UInt8], to path: String, mode: mode_t = 0o600) throws(Failure) {
    let temporary = "\(path).\(getpid()).new"
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw Failure(path: path, action: "written", code: errno) }
    var bytes = content[...]
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

  /// Makes a folder and those above it; that it is there already is fine.
  static func makeFolder(_ path: String) throws(Failure) {
    var made = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      made += part
      if !made.isEmpty, unsafe mkdir(made, 0o700) != 0, errno != EEXIST {
        throw Failure(path: made, action: "made", code: errno)
      }
      made += "/"
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
