import ArgumentParser
import Engine
import Glibc
import HTTPTransport
import KubeWatch
import Logging
import LuaBridge
import Runbooks
import ServiceLifecycle

/// `provider-discord runbook serve`
struct RunbookServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Answer alerts: receive Alertmanager's webhook and run each alert's runbook.",
    discussion: """
      Takes Alertmanager's messages at POST /api/v1/alerts, answers 202 at once, and runs the runbook \
      of each alert, one run of a runbook at a time. The report goes into the ConfigMap \
      provider-discord-runbook-ID and into an Event on the provider's Deployment, and as a message to \
      a Discord webhook if one is given. When an alert ends, the runbook runs again and says whether \
      that is true. Nothing is ever fixed by this. /healthz, /readyz and /metrics are on the same port.

      EXAMPLES
        In a cluster, beside the provider (the chart's runbooks.serve.enabled):
          provider-discord runbook serve --prometheus http://prometheus:9090

        With a token that Alertmanager must send, and two runbooks every 15 minutes:
          provider-discord runbook serve --webhook-token-file /etc/runbooks/token \\
            --interval 15m --runbook high-memory --runbook disaster-recovery

        Alertmanager's side:
          receivers:
            - name: runbooks
              webhook_configs:
                - url: http://provider-discord-runbooks:9095/api/v1/alerts

      EXIT CODES
        0  ended as asked (SIGTERM, SIGINT)
        1  could not start or go on
        2  a runbook's script or the command line is wrong
      """)

  @Option(help: ArgumentHelp("Where to listen.", valueName: "host:port"))
  var listen: String = EnvironmentDefault.text("listen", "0.0.0.0:9095")

  @Option(
    help: ArgumentHelp(
      "Where the reports' ConfigMaps go; the pod's own namespace, or the provider's, without it.",
      valueName: "name"))
  var reportNamespace: String?

  @Option(
    help: ArgumentHelp("Run the runbooks of --runbook this often.", valueName: "duration"))
  var interval: String?

  @Option(help: ArgumentHelp("A runbook for --interval; repeatable.", valueName: "id"))
  var runbook: [String] = EnvironmentDefault.list("runbook")

  @Option(
    help: ArgumentHelp(
      "File with the bearer token that Alertmanager must send.", valueName: "file"))
  var webhookTokenFile: String?

  @Option(help: ArgumentHelp("File with the URL of a Discord webhook.", valueName: "file"))
  var discordWebhookFile: String?

  @OptionGroup var log: LogOptions
  @OptionGroup var scripts: RunbookScripts
  @OptionGroup var world: RunbookWorldOptions

  private var beat: String? { interval ?? EnvironmentDefault.optional("interval") }

  func validate() throws {
    guard ListenAddress(listen) != nil else {
      throw ValidationError("--listen \(listen) is not an address such as 0.0.0.0:9095")
    }
    if let beat {
      guard GoDuration.parse(beat).map({ $0 >= .seconds(10) }) == true else {
        throw ValidationError("--interval \(beat) is not a duration of at least 10s, such as 15m")
      }
    }
    guard (beat == nil) == runbook.isEmpty else {
      throw ValidationError("--interval and --runbook go together")
    }
  }

  func run() async throws {
    let logger = log.logger()
    let library = try scripts.library()
    for id in runbook where library.runbook(id) == nil {
      let known = library.runbooks.map(\.id).joined(separator: ", ")
      throw ValidationError("--runbook \(id): there is no such runbook; there are \(known)")
    }
    // Wrong files are found now, and not when the first alert comes.
    let values = try world.readValues()
    for name in values.unknownThresholds(among: library.runbooks) {
      throw ValidationError("the values file sets \(name), which no runbook has")
    }
    let token = try secretFile(webhookTokenFile, "webhook-token-file") { $0 }
    let webhook = try secretFile(discordWebhookFile, "discord-webhook-file") {
      try WebhookAddress($0)
    }
    let access = try world.access()
    let client = KubeClient(
      access: access, transport: CurlTransport(tls: access.tls),
      version: ProviderDiscord.version)
    let time = TimeSource.system()
    let registry = MetricRegistry()
    let events = EventRecorder(
      client: client, component: "provider-discord-runbooks", instance: Self.instance,
      logger: logger)
    let provider = world.namespace ?? values.target["namespace"] ?? "crossplane-system"
    let metrics = RunbookMetrics(registry)
    let publisher = ReportPublisher(
      client: client, events: events, transport: CurlTransport(), time: time,
      places: ReportPublisher.Places(
        reports: reportNamespace ?? EnvironmentDefault.optional("report-namespace") ?? provider,
        discord: webhook),
      metrics: metrics, logger: logger)
    let served = ServedRunbooks(library, scripts: scripts, world: world)
    let service = RunbookService(
      desk: AlertDesk(
        alerts: library.runbooksByAlert, scheduled: runbook,
        interval: beat.flatMap(GoDuration.parse), now: time.uptime()),
      time: time,
      seams: RunbookService.Seams(
        run: { try await served.run($0) }, publish: { await publisher.publish($0, for: $1) }),
      metrics: metrics, logger: logger)
    guard let address = ListenAddress(listen) else {
      throw ValidationError("--listen \(listen) is not valid")
    }
    let receiver = WebhookReceiver(
      address: address, registry: registry, token: token, service: service, logger: logger)
    let server = receiver.server { port in
      logger.info("waiting for alerts", metadata: ["port": "\(port)"])
    }
    let reloading = ScriptReloading(served: served, service: service, logger: logger)
    try await Services.run(
      [EventWriting(events: events), reloading, server, service], logger: logger)
  }

  /// A secret's file, read anew for each use, so that a rotated Secret is used at once.
  private func secretFile<Value>(
    _ option: String?, _ name: String, _ parse: @escaping @Sendable (String) throws -> Value
  ) throws -> (@Sendable () throws -> Value)? {
    guard let path = option ?? EnvironmentDefault.optional(name) else { return nil }
    let read: @Sendable () throws -> Value = {
      let text = try TextFile.read(path).split(whereSeparator: \.isWhitespace).joined()
      guard !text.isEmpty else { throw RemediationError("\(path) is empty") }
      return try parse(text)
    }
    _ = try read()
    return read
  }

  private static var instance: String {
    unsafe getenv("HOSTNAME").map { unsafe String(cString: $0) } ?? "runbooks"
  }
}
