import Glibc

/// Reads whole small files without Foundation.
package enum FileBytes {
  /// Enough for any kubeconfig; a larger file is a mistake.
  private static let limit = 16 << 20

  /// The bytes of a file of at most 16 MiB.
  ///
  /// - Throws: `AccessError` with the path and the system's reason.
  package static func read(_ path: String) throws(AccessError) -> [UInt8] {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw AccessError("cannot read \(path): \(reason(errno))") }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe Glibc.read(file, $0.baseAddress, $0.count)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw AccessError("cannot read \(path): \(reason(errno))")
      }
      if count == 0 { return bytes }
      bytes.append(contentsOf: buffer[..<count])
      guard bytes.count <= limit else { throw AccessError("\(path) is larger than 16 MiB") }
    }
  }

  static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  private static func reason(_ code: Int32) -> String {
    // glibc's texts for the codes of open and read are constants, safe from any thread.
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }

  /// The bytes of a file, and when it was written, in seconds since 1970; nil when it is not there.
  package static func facts(_ path: String) -> (size: Int64, modified: Int64)? {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return nil }
    return (Int64(status.st_size), Int64(status.st_mtim.tv_sec))
  }
}
