import Engine
import Glibc
import Synchronization

/// The folder of `run --record`: keeps the newest recordings.
final class RecordingFolder: Sendable {
  private let path: String
  private let maximum: Int
  private let names: Mutex<[String]>

  /// Makes the folder, readable by its owner only.
  ///
  /// - Throws: `TextFile.Failure` when nothing can be written there.
  init(_ path: String, maximum: Int) throws(TextFile.Failure) {
    self.path = path
    self.maximum = maximum
    unsafe mkdir(path, 0o700)
    guard unsafe access(path, W_OK | X_OK) == 0 else {
      throw TextFile.Failure(path: path, action: "written to", code: errno)
    }
    names = Mutex(TextFile.names(in: path).filter { $0.hasSuffix(".run.json") })
  }

  /// Writes a recording and removes the oldest beyond the maximum.
  func store(_ name: String, _ bytes: [UInt8]) throws {
    try TextFile.write(String(decoding: bytes, as: UTF8.self), to: "\(path)/\(name)")
    let surplus: [String] = names.withLock { names in
      names.append(name)
      let surplus = names.prefix(max(0, names.count - maximum))
      names.removeFirst(surplus.count)
      return Array(surplus)
    }
    for old in surplus { unsafe unlink("\(path)/\(old)") }
  }
}
