import Synchronization

/// The last lines of this process' log.
final class RecentLines: Sendable {
  private let lines = Mutex<[String]>([])
  private static let most = 5_000

  /// Keeps a line.
  func add(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    let line = text.hasSuffix("\n") ? String(text.dropLast()) : text
    lines.withLock { lines in
      lines.append(line)
      if lines.count > Self.most + 500 { lines.removeFirst(500) }
    }
  }

  /// Oldest first.
  var all: [String] { lines.withLock { $0 } }
}
