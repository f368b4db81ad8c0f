import Engine
import HTTPTransport
import JSONValue
import KubeWatch
import Runbooks
import Synchronization

/// Carries plans out against a cluster and keeps what people would see.
final class FixHarness: Sendable {
  private struct State {
    var lines: [String] = []
    var undo: UndoRecord?
    var asked: [String] = []
    var checkRuns = 0
    var probes: [JSONValue] = []
    var deletions: [JSONValue] = []
  }

  private let state = Mutex(State())
  let cluster: Cluster
  let clock = TestClock()

  init(_ cluster: Cluster) { self.cluster = cluster }

  var lines: [String] { state.withLock { $0.lines } }
  var undo: UndoRecord? { state.withLock { $0.undo } }
  var asked: [String] { state.withLock { $0.asked } }
  var probes: [JSONValue] { state.withLock { $0.probes } }
  /// The bodies of all deletions that were sent.
  var deletions: [JSONValue] { state.withLock { $0.deletions } }

  /// - Parameters:
  ///   - build: gets how often it was called before.
  ///   - agrees: what the person says; called with the fix that is shown.
  ///   - check: gets how often it was called before.
  ///   - beforeEach: what happens in the cluster just before a change arrives; gets its URL.
  ///   - answer: what stands in for the server's answer to a request; nil lets the server answer.
  func run(
    consent: Fix.Consent = .given, purpose: RemediationGuard.Purpose = .plan,
    secrets: [String: SecretInput] = [:],
    agrees: @escaping @Sendable (Fix) async -> Bool = { _ in true },
    check: @escaping @Sendable (Int) async throws -> [Fix.Check] = { _ in [] },
    build: @escaping @Sendable (Int) async throws -> RemediationPlan,
    beforeEach: (@Sendable (String) async -> Void)? = nil,
    answer: @escaping @Sendable (HTTPRequest) -> HTTPResponse? = { _ in nil }
  ) async -> (Fix, FixOutcome) {
    let builds = Counter()
    let client = KubeClient(
      access: cluster.client.access,
      transport: InterruptedTransport { request in
        if request.method == "DELETE", let body = try? JSONValue(parsing: request.body ?? []) {
          self.state.withLock { $0.deletions.append(body) }
        }
        if request.method == "PATCH", !request.url.contains("dryRun") {
          await beforeEach?(request.url)
        }
        return answer(request)
      })
    let driver = FixDriver(
      client: client, secrets: secrets, time: clock.source, actor: "a test",
      seams: FixDriver.Seams(
        build: { try await build(builds.next()) },
        probe: { body in self.state.withLock { $0.probes.append(body) } },
        check: { _ in
          let number = self.state.withLock { state in
            state.checkRuns += 1
            return state.checkRuns - 1
          }
          return try await check(number)
        },
        ask: { fix in
          self.state.withLock { $0.asked.append(FixReport(fix, outcome: nil).planText) }
          return await agrees(fix)
        },
        progress: { line in self.state.withLock { $0.lines.append(line) } },
        record: { record in self.state.withLock { $0.undo = record } }))
    return await driver.run(
      Fix(
        consent: consent, purpose: purpose, undo: Plans.undo(server: cluster.server),
        patience: .seconds(30), pause: .seconds(3)))
  }
}

/// Counts from 0.
final class Counter: Sendable {
  private let value = Mutex(0)

  func next() -> Int {
    value.withLock { value in
      value += 1
      return value - 1
    }
  }
}

/// A transport before whose requests something happens.
private struct InterruptedTransport: Transport {
  let interrupt: @Sendable (HTTPRequest) async -> HTTPResponse?
  private let transport = CurlTransport()

  init(interrupt: @escaping @Sendable (HTTPRequest) async -> HTTPResponse?) {
    self.interrupt = interrupt
  }

  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    if let answer = await interrupt(request) { return answer }
    return try await transport.send(request)
  }

  func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStreamResponse {
    try await transport.stream(request)
  }
}
