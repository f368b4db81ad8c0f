import Foundation
import Logging
import Synchronization

/// Lines of a provider's log, message and fields, for tests that look at it.
final class LogLines: Sendable {
  private let lines = Mutex<[String]>([])
  private let loudLines = Mutex<[String]>([])

  func add(_ line: String, _ level: Logger.Level) {
    lines.withLock { $0.append(line) }
    if level >= .info { loudLines.withLock { $0.append(line) } }
  }

  var all: [String] { lines.withLock { $0 } }

  /// Lines that somebody reads who has not asked for debug ones.
  var loud: [String] { loudLines.withLock { $0 } }
}

/// The provider's log with virtual times on standard error, when SIMULATION_LOG is set.
struct SimulationLog: LogHandler {
  let clock: VirtualClock
  var lines: LogLines?
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.debug

  private static let isWanted = ProcessInfo.processInfo.environment["SIMULATION_LOG"] != nil

  static func logger(_ clock: VirtualClock, lines: LogLines?) -> Logger {
    guard isWanted || lines != nil else {
      return Logger(label: "simulation", factory: { _ in SwiftLogNoOpLogHandler() })
    }
    return Logger(
      label: "simulation", factory: { _ in SimulationLog(clock: clock, lines: lines) })
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }
    let fields = all.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    lines?.add("\(event.message) \(fields)", event.level)
    guard Self.isWanted else { return }
    let text = "\(clock.now) \(event.level) \(event.message) \(fields)\n"
    FileHandle.standardError.write(Data(text.utf8))
  }
}
