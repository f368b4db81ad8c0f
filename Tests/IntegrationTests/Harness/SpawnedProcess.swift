import Foundation

/// A program of this run: its output goes to a log file, and it never outlives the run.
final class SpawnedProcess: Sendable {
  private let process: Process
  private let lifeline: Pipe?
  let logPath: String

  var pid: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }
  var log: String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "" }

  /// Starts it.
  /// - Parameters:
  ///   - environment: added to this process's own.
  ///   - endsWithInput: the program gets an open standard input, and ends when that closes.
  init(
    _ executable: String, _ arguments: [String], environment: [String: String] = [:],
    logPath: String, endsWithInput: Bool = false
  ) throws {
    process = Process()
    self.logPath = logPath
    lifeline = endsWithInput ? Pipe() : nil
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let lifeline {
      process.standardInput = lifeline
    } else {
      process.standardInput = FileHandle.nullDevice
    }
    if !FileManager.default.fileExists(atPath: logPath) {
      _ = FileManager.default.createFile(atPath: logPath, contents: nil)
    }
    try OutputRecord.keep(log: logPath)
    let log = FileHandle(forWritingAtPath: logPath)
    log?.seekToEndOfFile()
    process.standardOutput = log
    process.standardError = log
    try process.run()
    Watchdog.watch(process.processIdentifier)
  }

  /// Asks it to stop, as a cluster does.
  func terminate() { kill(pid, SIGTERM) }

  /// Ends it in the middle of whatever it does, as a lost machine does.
  func killNow() { kill(pid, SIGKILL) }

  /// Waits for its end.
  /// - Returns: its exit code; for a signal, the signal's number.
  func exitCode(within deadline: Duration) async throws -> Int32 {
    try await eventually("process \(pid) ends", within: deadline, every: .milliseconds(10)) {
      !process.isRunning
    }
    return process.terminationStatus
  }

  /// Fails at once when the program has ended: nothing that it should do will happen any more.
  func requireRunning() throws {
    guard !process.isRunning else { return }
    throw Unmendable(
      description:
        "\(process.executableURL?.path ?? "") ended with \(process.terminationStatus):\n"
        + log.suffix(4000))
  }

  /// Highest resident memory since its start, in KiB (`VmHWM`).
  var peakResidentKiB: Int? {
    guard let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
    else { return nil }
    return Int(line.filter(\.isNumber))
  }

  /// Processor time of the process, user and system, in seconds.
  var processorSeconds: Double? {
    guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
      let tail = stat.split(separator: ")").last
    else { return nil }
    // After the name in brackets: field 3 is the state, 14 and 15 are utime and stime in ticks.
    let fields = tail.split(separator: " ")
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
      return nil
    }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
}
