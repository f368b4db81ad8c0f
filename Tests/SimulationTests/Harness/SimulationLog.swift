import Foundation
import Logging

/// The provider's log with virtual times on standard error, when SIMULATION_LOG is set.
struct SimulationLog: LogHandler {
  let clock: VirtualClock
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.debug

  private static let isWanted = ProcessInfo.processInfo.environment["SIMULATION_LOG"] != nil

  static func logger(_ clock: VirtualClock) -> Logger {
    guard isWanted else {
      return Logger(label: "simulation", factory: { _ in SwiftLogNoOpLogHandler() })
    }
    return Logger(label: "simulation", factory: { _ in SimulationLog(clock: clock) })
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }
    let fields = all.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    let text = "\(clock.now) \(event.level) \(event.message) \(fields)\n"
    FileHandle.standardError.write(Data(text.utf8))
  }
}
