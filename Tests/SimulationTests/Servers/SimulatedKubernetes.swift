import Foundation
import HTTPTransport
import JSONValue
import Sandbox
import Synchronization

/// A Kubernetes API server within the process, on the simulation's clock.
final class SimulatedKubernetes: SimulatedServer {
  private struct State {
    var cluster: KubeCluster
    /// Sleeps of open watches, to be woken when something changes.
    var watches: Set<UInt64> = []
    var writes: [String] = []
  }

  let kind = Outgoing.Server.kubernetes
  private let clock: VirtualClock
  private let dice: Dice
  private let state: Mutex<State>

  init(clock: VirtualClock, dice: Dice, resourceDefinitions: [JSONValue]) throws {
    self.clock = clock
    self.dice = dice
    let now = KubeTime(microseconds: clock.wallMicroseconds)
    state = Mutex(
      State(
        cluster: try KubeCluster(
          customResourceDefinitions: resourceDefinitions, now: now, historyLimit: 100_000)))
  }

  private var now: KubeTime { KubeTime(microseconds: clock.wallMicroseconds) }

  /// The provider's writes but Events, as `METHOD /path`.
  var writes: [String] { state.withLock { $0.writes } }

  func forgetWrites() { state.withLock { $0.writes = [] } }

  func answer(_ request: HTTPRequest, target: String) -> HTTPResponse {
    let kube = Self.translate(request, target)
    if request.method != "GET", !kube.path.hasSuffix("/events"), !kube.path.contains("/events/") {
      state.withLock { $0.writes.append("\(request.method) \(kube.path)") }
    }
    switch respond(to: kube) {
    case .reply(let reply):
      return HTTPResponse(
        status: reply.status, headers: ["Content-Type": reply.contentType], body: reply.body)
    case .watch: return HTTPResponse(status: 400)
    }
  }

  func open(_ request: HTTPRequest, target: String) -> HTTPStreamResponse {
    switch respond(to: Self.translate(request, target)) {
    case .reply(let reply):
      let body = Dispenser(reply.body)
      return HTTPStreamResponse(
        status: reply.status, body: HTTPBody { () throws(TransportError) in body.take() })
    case .watch(let session):
      let watch = OpenWatch(
        server: self, clock: clock, dice: dice, session: session, idle: request.idleTimeout)
      return HTTPStreamResponse(
        status: 200, body: HTTPBody { () throws(TransportError) in try await watch.next() })
    }
  }

  /// Performs a request, ends what it left to garbage collection, and wakes the watches.
  func respond(to request: KubeRequest) -> KubeResponse {
    let now = now
    let (response, woken) = state.withLock { state -> (KubeResponse, Set<UInt64>) in
      let before = state.cluster.store.resourceVersion
      let response = state.cluster.respond(to: request, now: now)
      if state.cluster.hasBackgroundWork { _ = state.cluster.runBackgroundWork(now: now) }
      let isChanged = state.cluster.store.resourceVersion != before
      return (response, isChanged ? state.watches : [])
    }
    for id in woken.sorted() { clock.wake(id) }
    return response
  }

  fileprivate func frames(_ session: inout WatchSession) -> [UInt8] {
    let now = now
    var copy = session
    let bytes = state.withLock { $0.cluster.frames(for: &copy, now: now) }
    session = copy
    return bytes
  }

  fileprivate func sleep(_ id: UInt64, until moment: Duration) async {
    state.withLock { _ = $0.watches.insert(id) }
    _ = await clock.sleep(until: moment, id: id)
    state.withLock { _ = $0.watches.remove(id) }
  }

  private static func translate(_ request: HTTPRequest, _ target: String) -> KubeRequest {
    let parts = target.split(separator: "?", maxSplits: 1)
    let query = (parts.count > 1 ? parts[1] : "").split(separator: "&").map { pair in
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (
        name: decode(sides[0]), value: sides.count > 1 ? decode(sides[1]) : ""
      )
    }
    return KubeRequest(
      method: request.method, path: decode(parts[0]), query: query,
      accept: request.headers["Accept"] ?? "", contentType: request.headers["Content-Type"] ?? "",
      userAgent: request.headers["User-Agent"] ?? "", body: request.body ?? [])
  }

  private static func decode(_ text: Substring) -> String {
    text.removingPercentEncoding ?? String(text)
  }
}

/// One watch as its reader sees it.
private actor OpenWatch {
  private let server: SimulatedKubernetes
  private let clock: VirtualClock
  private let dice: Dice
  private var session: WatchSession
  private let idle: Duration?
  private let id: UInt64

  init(
    server: SimulatedKubernetes, clock: VirtualClock, dice: Dice, session: WatchSession,
    idle: Duration?
  ) {
    self.server = server
    self.clock = clock
    self.dice = dice
    self.session = session
    self.idle = idle
    id = clock.makeID()
  }

  func next() async throws(TransportError) -> [UInt8]? {
    let silentUntil = clock.now + (idle ?? .seconds(86_400))
    while true {
      let bytes = server.frames(&session)
      if !bytes.isEmpty {
        // Events take their time too: the provider often acts on a view that is a little old.
        _ = await clock.sleep(until: clock.now + dice.milliseconds(1...30))
        return bytes
      }
      if session.isFinished { return nil }
      if Task.isCancelled {
        throw TransportError(
          kind: .cancelled, message: "cancelled", requestMayHaveBeenSent: true)
      }
      guard clock.now < silentUntil else {
        throw TransportError(
          kind: .timedOut, message: "the watch was silent", requestMayHaveBeenSent: true)
      }
      let wall = Duration.microseconds(session.nextWake.microseconds - clock.wallMicroseconds)
      await server.sleep(id, until: min(silentUntil, clock.now + wall))
    }
  }
}
