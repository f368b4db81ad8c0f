import Glibc
import JSONValue
package import Logging
import Synchronization

/// Writes each log message as one line of JSON, or of text for people, to standard error.
package struct StandardErrorLogHandler: LogHandler {
  /// How a line looks.
  package enum Format: String, Sendable, CaseIterable {
    case json, text
  }

  package var logLevel: Logger.Level
  package var metadata: Logger.Metadata = [:]
  private let format: Format
  private let write: @Sendable ([UInt8]) -> Void

  /// Makes a handler.
  ///
  /// - Parameter write: takes a finished line; standard error unless a test wants it.
  package init(
    format: Format, level: Logger.Level,
    write: @escaping @Sendable ([UInt8]) -> Void = Self.writeToStandardError
  ) {
    self.format = format
    logLevel = level
    self.write = write
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    var fields = metadata
    for (key, value) in event.metadata ?? [:] { fields[key] = value }
    let time = Timestamp.now().milliseconds
    switch format {
    case .json: write(Self.json(time, event.level, event.message, fields))
    case .text: write(Self.text(time, event.level, event.message, fields))
    }
  }

  private static func json(
    _ time: String, _ level: Logger.Level, _ message: Logger.Message, _ fields: Logger.Metadata
  ) -> [UInt8] {
    var line: [String: JSONValue] = [:]
    for (key, value) in fields { line[key] = .string("\(value)") }
    line["time"] = .string(time)
    line["level"] = .string(level.rawValue)
    line["msg"] = .string("\(message)")
    return JSONValue.object(line).serialized() + [0x0A]
  }

  private static func text(
    _ time: String, _ level: Logger.Level, _ message: Logger.Message, _ fields: Logger.Metadata
  ) -> [UInt8] {
    var line = "\(time) \(level.rawValue) \(message)"
    for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
      let text = "\(value)".split(whereSeparator: \.isNewline).joined(separator: " ⏎ ")
      line += text.contains(" ") ? " \(key)=\"\(text)\"" : " \(key)=\(text)"
    }
    return Array((line + "\n").utf8)
  }

  /// Writes a whole line; lines of different threads are never mixed.
  package static func writeToStandardError(_ line: [UInt8]) {
    lock.withLock { _ in
      var start = 0
      while start < line.count {
        let written = unsafe line[start...].withUnsafeBytes { bytes in
          unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
        guard written > 0 else { return }
        start += written
      }
    }
  }

  private static let lock = Mutex(())
}
