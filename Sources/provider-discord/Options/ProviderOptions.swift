import ArgumentParser
import Engine

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

  @OptionGroup var log: LogOptions

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
  }

  private var saidListen: String? { listen ?? EnvironmentDefault.optional("listen") }

  /// Where health, metrics and the status page are served.
  func address(in surroundings: ProviderSurroundings) -> ListenAddress {
    saidListen.flatMap { ListenAddress($0) } ?? surroundings.listen
  }

  func showsStatusPage(in surroundings: ProviderSurroundings) -> Bool {
    statusPage ?? EnvironmentDefault.flag("status-page") ?? surroundings.showsStatusPage
  }
}
