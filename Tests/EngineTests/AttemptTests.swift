import HTTPTransport
import KubeWatch
import Logging
import LuaBridge
import Synchronization
import Testing

@testable import Engine

/// A folder of scripts that is saved to while attempts go on.
private final class Saves: Sendable {
  private let text = Mutex("1")
  private let approved = Mutex<[String]>([])
  private let holdsUp = Mutex(false)
  private let held: AsyncStream<Void>
  private let holds: AsyncStream<Void>.Continuation
  private let goes: AsyncStream<Void>
  private let go: AsyncStream<Void>.Continuation

  init() {
    (held, holds) = AsyncStream.makeStream()
    (goes, go) = AsyncStream.makeStream()
  }

  var approvals: [String] { approved.withLock { $0 } }
  func approve(_ hashes: [String]) { approved.withLock { $0 = hashes } }

  func save(_ new: String) { text.withLock { $0 = new } }

  var candidate: ScriptCandidate {
    get throws {
      let text = """
        return { group = "x.example.org", version = "v1", kind = "X", plural = "xs",
          resource_type = "x", observe = function() return { exists = \(text.withLock { $0 }) } end }
        """
      return ScriptCandidate(
        try ScriptBundle(sources: [
          ScriptSource(module: "resources.x", path: "resources/x.lua", text: Array(text.utf8))
        ]))
    }
  }

  /// The next attempt stops in its check until `letGoOn`.
  func holdUpTheNext() { holdsUp.withLock { $0 = true } }

  /// What an attempt does in its check.
  func check() async {
    guard holdsUp.withLock({ $0.exchange(with: false) }) else { return }
    holds.yield()
    for await _ in goes { return }
  }

  func untilOneIsHeldUp() async { for await _ in held { return } }

  func letGoOn() { go.yield() }
}

extension Bool {
  fileprivate mutating func exchange(with new: Bool) -> Bool {
    defer { self = new }
    return self
  }
}

private struct NoNetwork: Transport {
  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    throw TransportError(kind: .cannotConnect, message: "", requestMayHaveBeenSent: false)
  }

  func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStreamResponse {
    throw TransportError(kind: .cannotConnect, message: "", requestMayHaveBeenSent: false)
  }
}

@Suite(.timeLimit(.minutes(1))) struct AttemptTests {
  private let saves = Saves()
  private let library: RuleLibrary
  private let deployment: RuleDeployment

  init() throws {
    let saves = saves
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let time = TimeSource.system()
    library = try RuleLibrary(load: { _ in try saves.candidate })
    let planner = RulePlanner(
      resources: ResourceStores([]),
      connections: Connections(
        watch: { _, _ in Task {} }, connect: { _, _, _ in throw CancellationError() },
        wake: { _ in }, logger: logger),
      runner: RuleRunner(limits: ScriptLimits(), runner: ScriptRunner()),
      schedule: PollSchedule(interval: .seconds(60)), settled: SettledDrift(), time: time,
      logger: logger)
    let client = KubeClient(
      access: ClusterAccess(server: "https://k.invalid"), transport: NoNetwork())
    deployment = RuleDeployment(
      RuleDeployment.Parts(
        library: library, planner: planner, policy: DeploymentPolicy(),
        schemas: {
          await saves.check()
          return ResourceSchemas(definitions: [])
        },
        limits: ScriptLimits(), approvals: { saves.approvals },
        report: DeploymentReport(
          registry: MetricRegistry(),
          events: EventRecorder(client: client, component: "", instance: "", logger: logger),
          configs: Store(), logger: logger),
        time: time))
  }

  /// A save is tried while the Lease is taken over, which tries as well: what was read first must not be
  /// live last.
  @Test func olderScriptsDoNotReplaceNewerOnes() async throws {
    saves.save("2")
    saves.holdUpTheNext()
    let first = Task { await deployment.attempt() }
    await saves.untilOneIsHeldUp()
    saves.save("3")
    let hasEnded = Mutex(false)
    let second = Task {
      defer { hasEnded.withLock { $0 = true } }
      return await deployment.attempt()
    }
    while deployment.attempts < 2, !hasEnded.withLock({ $0 }) { await Task.yield() }
    saves.letGoOn()
    #expect(await first.value)
    #expect(await second.value)
    #expect(try library.rules.hash == saves.candidate.hash)
    #expect(library.rules.generation == 3)
    #expect(deployment.attempts == 0)
  }

  @Test func whoIsCancelledWhileItWaitsLeavesTheTurnToOthers() async throws {
    saves.save("2")
    saves.holdUpTheNext()
    let first = Task { await deployment.attempt() }
    await saves.untilOneIsHeldUp()
    let second = Task { await deployment.attempt() }
    while deployment.attempts < 2 { await Task.yield() }
    second.cancel()
    #expect(await second.value == false)
    #expect(deployment.attempts == 1)
    saves.save("3")
    let third = Task { await deployment.attempt() }
    while deployment.attempts < 2 { await Task.yield() }
    saves.letGoOn()
    #expect(await first.value)
    #expect(await third.value)
    #expect(try library.rules.hash == saves.candidate.hash)
  }

  /// Seven characters could be another script's by chance.
  @Test(arguments: [
    ([], false), (["0123456"], false), (["01234567"], true), (["12345678"], false),
    (["ffffffff", "0123456789abcdef"], true), (["0123456789abcdef0"], false), ([""], false),
  ])
  func anApprovalNamesWhatWaitsByEightCharactersOrMore(approvals: [String], isApproved: Bool) {
    saves.approve(approvals)
    #expect(!deployment.isApproved)
    library.hold("0123456789abcdef", reasons: ["a test"])
    #expect(deployment.isWaiting)
    #expect(deployment.isApproved == isApproved)
  }

  @Test func theTurnGoesInTheOrderOfAsking() {
    var order = AttemptOrder()
    let tickets = (0..<4).map { _ in order.ask() }
    #expect(tickets.map { order.isTurn(of: $0) } == [true, false, false, false])
    #expect(order.leave(tickets[1]) == nil)
    #expect(order.leave(tickets[0]) == tickets[2])
    #expect(order.isTurn(of: tickets[2]))
    #expect(!order.isTurn(of: tickets[3]))
    #expect(order.leave(tickets[2]) == tickets[3])
    #expect(order.leave(tickets[3]) == nil)
    #expect(order.length == 0)
  }
}
