import Engine
import Hummingbird
import HummingbirdTesting
import JSONValue
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import Testing

@testable import Runbooks

@Suite(.timeLimit(.minutes(1))) struct RunbookServiceTests {
  private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

  /// A service whose runs end when the test says so.
  private struct Setup: Sendable {
    let service: RunbookService
    let registry = MetricRegistry()
    let clock = TestClock()
    let runs: AsyncStream<RunbookJob>
    let published: AsyncStream<ReportSummary>

    init(
      scheduled: [String] = [], interval: Duration? = nil, limits: AlertDesk.Limits = .init(),
      time: TimeSource? = nil, fails: Bool = false
    ) {
      let (runs, begun) = AsyncStream<RunbookJob>.makeStream()
      let (published, ended) = AsyncStream<ReportSummary>.makeStream()
      self.runs = runs
      self.published = published
      service = RunbookService(
        desk: AlertDesk(
          alerts: ["ProviderDiscordDown": "provider-down"], scheduled: scheduled,
          interval: interval, now: .zero, limits: limits),
        time: time ?? clock.source,
        seams: RunbookService.Seams(
          run: { job in
            begun.yield(job)
            if fails { throw RemediationError("no report") }
            return ReportSummary(runbook: job.runbook, title: job.runbook, verdict: "fail")
          },
          publish: { report, _ in ended.yield(report) }),
        metrics: RunbookMetrics(registry), logger: logger)
    }

    /// Runs the service for as long as `body` needs it, then ends it as a signal does.
    func whileRunning(_ body: @Sendable @escaping () async throws -> Void) async throws {
      let group = ServiceGroup(services: [service], logger: logger)
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        try await body()
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
      }
    }

    func receiver(token: String? = nil) throws -> WebhookReceiver {
      WebhookReceiver(
        address: try #require(ListenAddress("127.0.0.1:0")), registry: registry,
        token: token.map { text in { @Sendable in text } }, service: service, logger: logger)
    }
  }

  private static func body(_ alerts: [JSONValue] = [AlertmanagerMessageTests.alert]) -> ByteBuffer {
    ByteBuffer(bytes: AlertmanagerMessageTests.message(alerts).serialized())
  }

  @Test func anAlertIsAnsweredAtOnceRunAndCounted() async throws {
    let setup = Setup()
    let app = Application(router: try setup.receiver().router())
    try await app.test(.router) { client in
      try await client.execute(uri: WebhookReceiver.path, method: .post, body: Self.body()) {
        #expect($0.status == .accepted)
        #expect(String(buffer: $0.body).contains("\"accepted\":1"))
      }
      try await client.execute(uri: WebhookReceiver.path, method: .post, body: Self.body()) {
        #expect($0.status == .accepted)
        #expect(String(buffer: $0.body).contains("\"duplicates\":1"))
      }
    }
    try await setup.whileRunning {
      var published = setup.published.makeAsyncIterator()
      let report = await published.next()
      #expect(report?.runbook == "provider-down")
    }
    let registry = setup.registry
    #expect(registry.value(RunbookMetrics.runs, ["provider-down", "alert", "fail"]) == 1)
    #expect(registry.value(RunbookMetrics.verdict, ["provider-down", "fail"]) == 1)
    #expect(registry.value(RunbookMetrics.verdict, ["provider-down", "pass"]) == 0)
    #expect(registry.value(RunbookMetrics.alerts, ["duplicate"]) == 1)
    let page = registry.render()
    #expect(
      page.contains("provider_discord_runbook_duration_seconds_count{runbook=\"provider-down\"} 1"))
    #expect(page.contains("provider_discord_runbook_last_run_timestamp_seconds"))
  }

  @Test func aRunThatGivesNoReportIsCountedAndStopsNothing() async throws {
    let setup = Setup(fails: true)
    _ = setup.service.receive([
      Alert(
        status: .firing, labels: ["alertname": "ProviderDiscordDown"],
        startsAt: "2026-01-01T00:00:00Z", fingerprint: "a"),
      Alert(
        status: .resolved, labels: ["alertname": "ProviderDiscordDown"],
        startsAt: "2026-01-01T00:00:00Z", fingerprint: "a"),
    ])
    try await setup.whileRunning {
      var runs = setup.runs.makeAsyncIterator()
      #expect(await runs.next()?.trigger == .alert)
      #expect(await runs.next()?.trigger == .resolved)
    }
    #expect(setup.registry.value(RunbookMetrics.runs, ["provider-down", "alert", "error"]) == 1)
  }

  @Test func theScheduleGoesOnByItself() async throws {
    let setup = Setup(scheduled: ["high-memory"], interval: .seconds(900))
    try await setup.whileRunning {
      var runs = setup.runs.makeAsyncIterator()
      for _ in 0..<3 { #expect(await runs.next()?.trigger == .schedule) }
    }
    #expect(setup.clock.uptime >= .seconds(1_800))
  }

  @Test func aWrongTokenAndAWrongBodyAreRefused() async throws {
    let setup = Setup()
    let app = Application(router: try setup.receiver(token: "the-token").router())
    try await app.test(.router) { client in
      for header in [nil, "Bearer wrong", "the-token", "Bearer the-token2"] {
        var headers = HTTPFields()
        if let header { headers[.authorization] = header }
        try await client.execute(
          uri: WebhookReceiver.path, method: .post, headers: headers, body: Self.body()
        ) { #expect($0.status == .unauthorized) }
      }
      let allowed: HTTPFields = [.authorization: "Bearer the-token"]
      try await client.execute(
        uri: WebhookReceiver.path, method: .post, headers: allowed, body: Self.body()
      ) { #expect($0.status == .accepted) }
      try await client.execute(
        uri: WebhookReceiver.path, method: .post, headers: allowed,
        body: ByteBuffer(string: "{\"version\":\"3\"}")
      ) { #expect($0.status == .badRequest) }
      try await client.execute(
        uri: WebhookReceiver.path, method: .post, headers: allowed,
        body: ByteBuffer(repeating: 32, count: AlertmanagerMessage.sizeLimit + 1)
      ) { #expect($0.status == .contentTooLarge) }
      try await client.execute(uri: "/healthz", method: .get) { #expect($0.status == .ok) }
      try await client.execute(uri: "/metrics", method: .get) {
        #expect(String(buffer: $0.body).contains("provider_discord_runbook_queue_length 1"))
      }
    }
    #expect(setup.registry.value(RunbookMetrics.alerts, ["malformed"]) == 2)
  }

  @Test func aFullQueueAsksAlertmanagerToTryAgain() async throws {
    var limits = AlertDesk.Limits()
    limits.queue = 0
    let setup = Setup(limits: limits)
    let app = Application(router: try setup.receiver().router())
    try await app.test(.router) { client in
      try await client.execute(uri: WebhookReceiver.path, method: .post, body: Self.body()) {
        #expect($0.status == .serviceUnavailable)
        #expect($0.headers[.retryAfter] == "30")
      }
    }
  }
}
