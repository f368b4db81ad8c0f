import HTTPTransport
import JSONValue
import Sandbox
import Synchronization

/// Discord within the process, on the simulation's clock.
final class SimulatedDiscord: SimulatedServer {
  let kind = Outgoing.Server.discord
  private let clock: VirtualClock
  private let state: Mutex<DiscordSimulation>
  private let unexplained = Mutex<[String]>([])
  private let times = Mutex<[(time: Duration, method: String, path: String, status: Int)]>([])

  init(clock: VirtualClock, simulation: DiscordSimulation) {
    self.clock = clock
    state = Mutex(simulation)
  }

  var now: SimulatedTime { SimulatedTime(microseconds: clock.wallMicroseconds) }

  /// Looks into the simulator, or changes it behind the provider's back.
  func with<Value: Sendable>(_ body: (inout sending DiscordSimulation) -> sending Value) -> Value {
    state.withLock { body(&$0) }
  }

  /// Every request with the time at which it arrived.
  var requests: [(time: Duration, method: String, path: String, status: Int)] {
    times.withLock { $0 }
  }

  /// Those of them that change something.
  var mutations: [String] {
    requests.filter { $0.method != "GET" }.map { "\($0.method) \($0.path)" }
  }

  /// Those that came without a reason for the audit log.
  var withoutReason: [String] { unexplained.withLock { $0 } }

  func forgetRequests() { times.withLock { $0 = [] } }

  func answer(_ request: HTTPRequest, target: String) -> HTTPResponse {
    var simulated = SimulatedRequest(method: request.method, target: target)
    simulated.authorization = request.headers["Authorization"]
    simulated.userAgent = request.headers["User-Agent"]
    simulated.contentType = request.headers["Content-Type"]
    simulated.auditLogReason = request.headers["X-Audit-Log-Reason"]
    simulated.body = request.body ?? []
    if request.method != "GET", simulated.auditLogReason?.isEmpty ?? true {
      unexplained.withLock { $0.append("\(request.method) \(target)") }
    }
    let time = now
    let outcome = state.withLock { $0.handle(simulated, now: time) }
    times.withLock { $0.append((clock.now, request.method, target, outcome.status)) }
    var headers = HTTPHeaders()
    for header in outcome.headers { headers.add(header.name, header.value) }
    return HTTPResponse(status: outcome.status, headers: headers, body: outcome.body)
  }

  func open(_ request: HTTPRequest, target: String) -> HTTPStreamResponse {
    HTTPStreamResponse(status: 404, body: HTTPBody { () throws(TransportError) in nil })
  }

  /// A request of the guild's owner, by the control API's rules; the status must be a success.
  func asOwner(_ method: String, _ path: String, _ body: JSONValue? = nil) -> JSONValue {
    var request = SimulatedRequest(method: method, target: "/api/v10" + path)
    request.body = body?.serialized() ?? []
    let time = now
    let outcome = state.withLock { $0.handleAsOwner(request, now: time) }
    guard (200..<300).contains(outcome.status) else {
      fatalError("\(method) \(path): \(String(decoding: outcome.body, as: UTF8.self))")
    }
    return (try? JSONValue(parsing: outcome.body)) ?? .null
  }
}
