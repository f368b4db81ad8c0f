import ArgumentParser
import Engine
import Logging

/// The options that `run` and `sandbox` share.
struct ProviderOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Watch only this namespace; repeatable.", valueName: "name"))
  var namespace: [String] = EnvironmentDefault.list("namespace")

  @Option(help: ArgumentHelp("Time between two looks at Discord.", valueName: "duration"))
  var poll: String = EnvironmentDefault.text("poll", "1m")

  @Option(
    help: ArgumentHelp(
      "Address of /healthz, /readyz and /metrics; unless given, run: 0.0.0.0:8080, sandbox: "
        + "127.0.0.1:8080.", valueName: "host:port"))
  var listen: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Show a status page at / of that address; run: off unless asked for, sandbox: on.")
  var statusPage: Bool?

  @Option(
    help: ArgumentHelp(
      "Namespace of the reports of runbook serve, of which the status page shows the last.",
      valueName: "name"))
  var runbookReports: String?

  @Option(
    help: ArgumentHelp(
      "Folder with your rules, laid out as scripts/; without it the shipped rules are used.",
      valueName: "dir"))
  var scripts: String?

  @Option(
    help: ArgumentHelp(
      "How many objects saved scripts may change before somebody has to approve: a share such as "
        + "25% (and always ten), or a number.", valueName: "share"))
  var reloadLimit: String = EnvironmentDefault.text("reload-limit", "25%")

  @Option(help: ArgumentHelp("How many objects are worked on at once.", valueName: "number"))
  var maxConcurrent: Int = Int(EnvironmentDefault.text("max-concurrent", "16")) ?? 16

  @OptionGroup(title: "Budgets of one run of a script")
  var budgets: ScriptBudgetOptions

  @OptionGroup(title: "Circuit breakers, one for each resource type")
  var breakers: BreakerOptions

  @OptionGroup(title: "Recordings")
  var recording: RecordingOptions

  @Option(help: ArgumentHelp("How log lines look: json or text.", valueName: "format"))
  var logFormat: String = EnvironmentDefault.text("log-format", Self.standardLogFormat)

  @Option(
    help: ArgumentHelp(
      "trace, debug, info, notice, warning, error or critical.", valueName: "level"))
  var logLevel: String = EnvironmentDefault.text("log-level", "info")

  /// People at a terminal read text; everything else gets JSON.
  private static var standardLogFormat: String {
    Terminal.isStandardError ? "text" : "json"
  }

  mutating func validate() throws {
    guard GoDuration.parse(poll).map({ $0 >= .seconds(1) }) == true else {
      throw ValidationError("--poll \(poll) is not a duration of at least 1s, such as 30s or 1m30s")
    }
    if let listen = saidListen, ListenAddress(listen) == nil {
      throw ValidationError("--listen \(listen) is not an address such as 0.0.0.0:8080 or :8080")
    }
    guard DeploymentPolicy(reloadLimit) != nil else {
      throw ValidationError(
        "--reload-limit \(reloadLimit) is neither a share such as 25% nor a number of objects")
    }
    guard (1...1_000).contains(maxConcurrent) else {
      throw ValidationError("--max-concurrent \(maxConcurrent) is not between 1 and 1000")
    }
    guard StandardErrorLogHandler.Format(rawValue: logFormat) != nil else {
      throw ValidationError("--log-format \(logFormat) is neither json nor text")
    }
    guard Logger.Level(rawValue: logLevel) != nil else {
      throw ValidationError(
        "--log-level \(logLevel) is none of "
          + Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))
    }
  }

  private var saidListen: String? { listen ?? EnvironmentDefault.optional("listen") }

  /// Where health, metrics and the status page are served.
  func address(in surroundings: ProviderSurroundings) -> ListenAddress {
    saidListen.flatMap { ListenAddress($0) } ?? surroundings.listen
  }

  func showsStatusPage(in surroundings: ProviderSurroundings) -> Bool {
    statusPage ?? EnvironmentDefault.flag("status-page") ?? surroundings.showsStatusPage
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
