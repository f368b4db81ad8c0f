import HTTPTransport

/// Lets requests pass only while this process leads, by the clock at the very moment of sending.
struct FencedTransport: Transport {
  /// What passes at all times.
  enum Exempt: Sendable {
    case nothing
    /// What changes nothing, so that the caches of a standby are warm.
    case reads
  }

  let base: any Transport
  let leadership: Leadership
  let exempt: Exempt
  let now: @Sendable () -> ContinuousClock.Instant

  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    try check(request)
    return try await base.send(request)
  }

  func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStreamResponse {
    try check(request)
    return try await base.stream(request)
  }

  private func check(_ request: HTTPRequest) throws(TransportError) {
    if exempt == .reads, request.method == "GET" { return }
    guard leadership.mayAct(at: now()) else {
      throw TransportError(
        kind: .cancelled, message: "this replica does not lead", requestMayHaveBeenSent: false)
    }
  }
}
