import ArgumentParser
import Engine
import Logging

/// How a command that stays tells what it does, on standard error.
struct LogOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How log lines look: json or text.", valueName: "format"))
  var logFormat: String = EnvironmentDefault.text("log-format", Self.standardFormat)

  @Option(
    help: ArgumentHelp(
      "trace, debug, info, notice, warning, error or critical.", valueName: "level"))
  var logLevel: String = EnvironmentDefault.text("log-level", "info")

  /// People at a terminal read text; everything else gets JSON.
  private static var standardFormat: String { Terminal.isStandardError ? "text" : "json" }

  mutating func validate() throws {
    guard StandardErrorLogHandler.Format(rawValue: logFormat) != nil else {
      throw ValidationError("--log-format \(logFormat) is neither json nor text")
    }
    guard Logger.Level(rawValue: logLevel) != nil else {
      throw ValidationError(
        "--log-level \(logLevel) is none of "
          + Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))
    }
  }

  /// The logger that everything else gets; libraries never make their own.
  ///
  /// - Parameter copy: gets each line too.
  func logger(alsoTo copy: (@Sendable ([UInt8]) -> Void)? = nil) -> Logger {
    let format = StandardErrorLogHandler.Format(rawValue: logFormat) ?? .json
    let level = Logger.Level(rawValue: logLevel) ?? .info
    return Logger(label: "provider-discord") { _ in
      StandardErrorLogHandler(format: format, level: level) { line in
        copy?(line)
        StandardErrorLogHandler.writeToStandardError(line)
      }
    }
  }
}
