import HTTPTransport

/// What a simulated server does with a request that reached it.
protocol SimulatedServer: Sendable {
  var kind: Outgoing.Server { get }
  func answer(_ request: HTTPRequest, target: String) -> HTTPResponse
  func open(_ request: HTTPRequest, target: String) -> HTTPStreamResponse
}

/// The network between one life of the provider and a server. When the provider is killed, nothing
/// more leaves it, and no answer reaches it; what was on the wire arrives all the same.
struct SimulatedTransport: Transport {
  let server: any SimulatedServer
  let life: Life
  /// One way.
  let latency: ClosedRange<Int>

  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    let target = Self.target(of: request.url)
    let (outgoing, fate) = try await depart(request, target)
    switch fate {
    case .resetBefore: throw Self.lost
    case .statusBefore(let status): return Self.failure(status)
    default: break
    }
    let response = server.answer(request, target: target)
    if fate == .crashAfter { life.end() }
    await travel()
    guard life.isAlive else { throw Self.dead(outgoing) }
    switch fate {
    case .resetAfter: throw Self.lost
    case .statusAfter(let status): return Self.failure(status)
    default: return response
    }
  }

  func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStreamResponse {
    let target = Self.target(of: request.url)
    let (outgoing, fate) = try await depart(request, target)
    if fate == .crashAfter { life.end() }
    await travel()
    guard life.isAlive else { throw Self.dead(outgoing) }
    switch fate {
    case .resetBefore, .resetAfter: throw Self.lost
    case .statusBefore(let status), .statusAfter(let status):
      let body = Self.failure(status).body
      return HTTPStreamResponse(status: status, body: Self.once(body))
    default: return server.open(request, target: target)
    }
  }

  /// Decides on the request and brings it to the server.
  private func depart(
    _ request: HTTPRequest, _ target: String
  ) async throws(TransportError) -> (Outgoing, Fate) {
    let outgoing = life.log.next(
      server.kind, request.method, target, replica: life.replica)
    guard life.isAlive, !Task.isCancelled else {
      // A loop of the dead process that nobody has cancelled yet must let time pass, or those whose
      // requests are still on the wire never end.
      _ = await life.clock.sleep(until: life.clock.now + .seconds(1))
      throw Self.dead(outgoing)
    }
    let fate = life.fate(of: outgoing)
    if fate == .crashBefore {
      life.end()
      throw Self.dead(outgoing)
    }
    if fate == .refused {
      throw TransportError(
        kind: .cannotConnect, message: "connection refused", requestMayHaveBeenSent: false)
    }
    await travel()
    return (outgoing, fate)
  }

  /// Time on the wire passes also for a request whose sender is dead.
  private func travel() async {
    let arrival = life.clock.now + life.dice.milliseconds(latency)
    let clock = life.clock
    // A task of its own: cancelling the sender does not stop what was sent.
    _ = await Task { await clock.sleep(until: arrival) }.value
  }

  private static func target(of url: String) -> String {
    guard let scheme = url.firstRange(of: "://"),
      let slash = url[scheme.upperBound...].firstIndex(of: "/")
    else { return "/" }
    return String(url[slash...])
  }

  private static let lost = TransportError(
    kind: .connectionLost, message: "connection reset", requestMayHaveBeenSent: true)

  private static func dead(_ outgoing: Outgoing) -> TransportError {
    TransportError(
      kind: .cancelled, message: "killed at request \(outgoing.number)",
      requestMayHaveBeenSent: true)
  }

  private static func failure(_ status: Int) -> HTTPResponse {
    HTTPResponse(status: status, body: Array("upstream connect error".utf8))
  }

  private static func once(_ bytes: [UInt8]) -> HTTPBody {
    let rest = Dispenser(bytes)
    return HTTPBody { () throws(TransportError) in rest.take() }
  }
}
