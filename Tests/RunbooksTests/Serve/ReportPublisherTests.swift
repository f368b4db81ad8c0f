import Engine
import HTTPTransport
import JSONValue
import KubeWatch
import Logging
import Synchronization
import Testing

@testable import Runbooks

/// Reports written to the sandbox's API server, and to a webhook that answers from a list.
@Suite(.timeLimit(.minutes(1))) struct ReportPublisherTests {
  private final class Webhook: Transport {
    private let answers: Mutex<[HTTPResponse]>
    private let bodies = Mutex<[JSONValue]>([])

    init(_ answers: [HTTPResponse]) { self.answers = Mutex(answers) }

    var received: [JSONValue] { bodies.withLock { $0 } }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
      let body = (try? JSONValue(parsing: request.body ?? [])) ?? .null
      bodies.withLock { $0.append(body) }
      return answers.withLock { $0.isEmpty ? HTTPResponse(status: 204) : $0.removeFirst() }
    }

    func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStreamResponse {
      throw TransportError(kind: .invalidRequest, message: "", requestMayHaveBeenSent: false)
    }
  }

  private struct Setup {
    let publisher: ReportPublisher
    let events: EventRecorder
    let registry = MetricRegistry()
    let clock = TestClock()

    init(_ cluster: Cluster, _ webhook: Webhook?) {
      let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
      events = EventRecorder(
        client: cluster.client, component: "provider-discord-runbooks", instance: "test",
        logger: logger)
      var places = ReportPublisher.Places(reports: "default")
      if webhook != nil {
        places.discord = { try WebhookAddress("http://127.0.0.1:1/api/webhooks/1/abc") }
      }
      publisher = ReportPublisher(
        client: cluster.client, events: events, transport: webhook ?? Webhook([]),
        time: clock.source, places: places, metrics: RunbookMetrics(registry), logger: logger)
    }
  }

  private static let key = ObjectKey(
    namespace: "default", name: "provider-discord-runbook-high-error-rate")

  @Test func aReportIsWhereEverybodyLooks() async throws {
    try await Cluster.run { cluster in
      let webhook = Webhook([
        HTTPResponse(status: 429, body: Array(#"{"retry_after": 1.5}"#.utf8)),
        HTTPResponse(status: 500), HTTPResponse(status: 204),
      ])
      let setup = Setup(cluster, webhook)
      async let writing: Void = setup.events.run()
      await setup.publisher.publish(ReportTextTests.report(), for: ReportTextTests.job(.alert))
      await setup.publisher.publish(
        ReportTextTests.report(cause: nil, verdict: "pass"), for: ReportTextTests.job(.resolved))
      await setup.events.drain(within: .seconds(10))
      await writing

      let kept = try await cluster.get(.configMaps, Self.key)
      #expect(kept.value(at: "data", "verdict") == "pass")
      let history = kept.value(at: "data", "history")?.stringValue?.split(separator: "\n")
      #expect(history?.count == 2)
      #expect(history?.first?.hasSuffix("resolved pass") == true)
      #expect(history?.last?.contains("alert fail · HER-004: token rejected") == true)

      let events = try await cluster.client.list(.events, namespace: "crossplane-system").items
      let reasons = Set(events.compactMap { $0["reason"]?.string })
      #expect(reasons == ["RunbookFail", "RunbookPass"])
      #expect(
        events.allSatisfy { $0["involvedObject"]?["name"]?.string == "provider-discord" })

      // 429 and 500 were tried again, as late as they asked for.
      #expect(webhook.received.count == 4)
      #expect(setup.clock.uptime == .seconds(2.5))
      #expect(webhook.received[0]["content"]?.stringValue?.contains("High Error Rate") == true)
      for place in ["configmap", "event", "discord"] {
        #expect(setup.registry.value(RunbookMetrics.publishing, [place, "ok"]) == 2)
      }
    }
  }

  /// A release may call its Deployment whatever it likes.
  @Test func anEventIsAboutTheDeploymentThatTheRunFound() async throws {
    try await Cluster.run { cluster in
      var other = Cluster.deployment()
      other.set("discord-eu", at: ["metadata", "name"])
      try await cluster.make(Cluster.deployments, other)
      let setup = Setup(cluster, nil)
      async let writing: Void = setup.events.run()
      for name in ["discord-eu", "gone"] {
        let report = ReportTextTests.report(
          deployment: ObjectKey(namespace: "crossplane-system", name: name))
        await setup.publisher.publish(report, for: ReportTextTests.job(.alert))
      }
      await setup.events.drain(within: .seconds(10))
      await writing
      let found = try await cluster.client.list(.events, namespace: "crossplane-system").items
      #expect(found.map { $0["involvedObject"]?["name"]?.string } == ["discord-eu"])
      // There is no such Deployment: it is about the report itself.
      let rest = try await cluster.client.list(.events, namespace: "default").items
      #expect(rest.map { $0["involvedObject"]?["kind"]?.string } == ["ConfigMap"])
    }
  }

  @Test func aScheduleThatFindsNothingIsNoNews() async throws {
    try await Cluster.run { cluster in
      let webhook = Webhook([])
      let setup = Setup(cluster, webhook)
      let job = RunbookJob(number: 1, runbook: "high-error-rate", trigger: .schedule, alerts: [])
      await setup.publisher.publish(ReportTextTests.report(verdict: "pass"), for: job)
      #expect(webhook.received.isEmpty)
      await setup.publisher.publish(ReportTextTests.report(verdict: "warn"), for: job)
      #expect(webhook.received.count == 1)
    }
  }

  @Test func aWebhookThatIsGoneDoesNotKeepTheReportFromTheCluster() async throws {
    try await Cluster.run { cluster in
      let setup = Setup(cluster, Webhook([HTTPResponse(status: 404)]))
      await setup.publisher.publish(ReportTextTests.report(), for: ReportTextTests.job(.alert))
      #expect(setup.registry.value(RunbookMetrics.publishing, ["discord", "failed"]) == 1)
      let kept = try await cluster.get(.configMaps, Self.key)
      #expect(kept.value(at: "data", "verdict") == "fail")
    }
  }
}
