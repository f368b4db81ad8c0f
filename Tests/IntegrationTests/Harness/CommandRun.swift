import Foundation

/// One finished run of a command line program.
struct CommandRun: Sendable {
  let exitCode: Int32
  let output: String
  let errors: String

  /// Runs a program to its end; output goes through files, so that no pipe can fill up.
  static func run(
    _ executable: String, _ arguments: [String], input: String? = nil, timeout: Duration
  ) async throws -> CommandRun {
    let folder = try RunFolder.make("command")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [executable] + arguments
    if let input {
      try input.write(toFile: folder + "/in", atomically: false, encoding: .utf8)
      process.standardInput = FileHandle(forReadingAtPath: folder + "/in")
    } else {
      process.standardInput = FileHandle.nullDevice
    }
    for name in ["out", "err"] {
      _ = FileManager.default.createFile(atPath: folder + "/" + name, contents: nil)
    }
    process.standardOutput = FileHandle(forWritingAtPath: folder + "/out")
    process.standardError = FileHandle(forWritingAtPath: folder + "/err")
    try process.run()
    Watchdog.watch(process.processIdentifier)
    do {
      try await eventually(
        "\(executable) \(arguments.joined(separator: " ")) ends", within: timeout,
        every: .milliseconds(5)
      ) { !process.isRunning }
    } catch {
      kill(process.processIdentifier, SIGKILL)
      throw error
    }
    return CommandRun(
      exitCode: process.terminationStatus,
      output: try String(contentsOfFile: folder + "/out", encoding: .utf8),
      errors: try String(contentsOfFile: folder + "/err", encoding: .utf8))
  }
}

/// A command ended with another code than 0.
struct CommandFailure: Error, CustomStringConvertible {
  let command: String
  let run: CommandRun

  var description: String { "\(command) ended with \(run.exitCode): \(run.errors)\(run.output)" }
}
