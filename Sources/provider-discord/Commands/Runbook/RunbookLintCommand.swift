import ArgumentParser
import Engine
import Glibc
import HTTPTransport
import JSONValue
import KubeWatch
import Runbooks

/// `provider-discord runbook lint`
struct RunbookLintCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint",
    abstract: "Hold the runbooks against reality: alerts, a live scrape, histograms, roles.",
    discussion: """
      Finds alerts without a runbook and the other way round, links that lead elsewhere, metrics and \
      labels that the provider does not have, thresholds that no bucket of a histogram reaches, and \
      rights that the role lacks. What is not given is not looked at.

      EXAMPLES
        Against the chart, rendered, and a running provider:
          helm template chart/provider-discord --set prometheusRule.create=true \\
            > rendered.yaml
          provider-discord runbook lint --rules rendered.yaml --rbac rendered.yaml \\
            --metrics http://127.0.0.1:8080/metrics

        May I, in the cluster of my kubeconfig?
          provider-discord runbook lint --live-rights

        In a workflow of GitHub:
          provider-discord runbook lint --rules rendered.yaml -o github

      EXIT CODES
        0  everything agrees
        1  something does not, or could not be read
        2  a runbook's script or the command line is wrong
      """)

  /// How the findings look.
  enum Output: String, ExpressibleByArgument, CaseIterable {
    case text, json, github
  }

  @Option(
    help: ArgumentHelp(
      "Rules of Prometheus, a PrometheusRule, or a rendered chart.", valueName: "file"))
  var rules: String?

  @Option(help: ArgumentHelp("/metrics of a running provider, or a copy.", valueName: "url|file"))
  var metrics: String?

  @Option(help: ArgumentHelp("A rendered chart with its roles and bindings.", valueName: "file"))
  var rbac: String?

  @Option(
    help: ArgumentHelp(
      "The service account that runs the runbooks; any with runbook in its name without it.",
      valueName: "name"))
  var serviceAccount: String?

  @Flag(help: "Ask the cluster whether whoever runs this has the rights.")
  var liveRights = false

  @Option(name: .shortAndLong, help: ArgumentHelp("text, json or github.", valueName: "format"))
  var output: Output = .text

  @OptionGroup var scripts: RunbookScripts
  @OptionGroup var world: RunbookWorldOptions

  func validate() throws {
    guard rules != nil || metrics != nil || rbac != nil || liveRights else {
      throw ValidationError("give at least one of --rules, --metrics, --rbac, --live-rights")
    }
    if rbac != nil, liveRights {
      throw ValidationError("--rbac and --live-rights exclude each other")
    }
  }

  func run() async throws {
    let library = try scripts.library()
    let alerts = try rules.map { try AlertRules(yaml: TextFile.read($0), file: $0) }
    var scrape: ScrapeShape?
    if let metrics { scrape = ScrapeShape(try await Self.page(metrics)) }
    let findings = try await RunbookLint(library.runbooks, scripts: folder).findings(
      alerts: alerts, scrape: scrape, rights: try rights())
    show(findings)
    if !findings.isEmpty { throw ExitCode(1) }
  }

  private var folder: String {
    scripts.scripts ?? EnvironmentDefault.optional("scripts")
      ?? (unsafe access("scripts/runbooks", R_OK) == 0 ? "scripts" : ShippedFiles.scripts() ?? "")
  }

  private func rights() throws -> (@Sendable (RunbookRight) async throws -> Bool)? {
    if let rbac {
      let granted = try GrantedRights(
        yaml: TextFile.read(rbac), file: rbac, account: serviceAccount)
      return { granted.allow($0) }
    }
    guard liveRights else { return nil }
    let access = try world.access()
    let client = KubeClient(
      access: access, transport: CurlTransport(tls: access.tls),
      version: ProviderDiscord.version)
    let reviews = AccessReviews(
      client: client, namespace: world.namespace ?? "crossplane-system")
    return { try await reviews.allow($0) }
  }

  private static func page(_ place: String) async throws -> String {
    guard place.hasPrefix("http://") || place.hasPrefix("https://") else {
      return try TextFile.read(place)
    }
    let response = try await CurlTransport().send(
      HTTPRequest(method: "GET", url: place, timeout: .seconds(10)))
    guard response.status == 200 else {
      throw RemediationError("\(place) answered with status \(response.status)")
    }
    return String(decoding: response.body, as: UTF8.self)
  }

  private func show(_ findings: [LintFinding]) {
    switch output {
    case .text:
      for finding in findings { print(finding.text, terminator: "") }
      print(findings.isEmpty ? "everything agrees" : "\(findings.count) found")
    case .json:
      print(JSONValue.array(findings.map(\.json)).serializedText(pretty: true))
    case .github: for finding in findings { print(finding.github, terminator: "") }
    }
    Terminal.flush()
  }
}
