/// One exchange on its way through the loop.
///
/// `@unchecked Sendable`: the sender fills `waiter` before it hands the exchange to the loop, and
/// from then on only the loop's thread touches what is mutable here.
final class CurlExchange: @unchecked Sendable {
  enum Waiter {
    case whole(CheckedContinuation<Result<HTTPResponse, TransportError>, Never>)
    case stream(CheckedContinuation<Result<HTTPStreamResponse, TransportError>, Never>, CurlStream)
    /// The headers of a stream were handed over; the rest goes into the stream's buffer.
    case body(CurlStream)
    case nobody
  }

  let request: HTTPRequest
  let settings: CurlSettings
  var waiter = Waiter.nobody

  /// The easy handle, while the exchange is in libcurl's hands.
  var handle: CurlHandle?
  var isCancelled = false

  var status = 0
  var headers = HTTPHeaders()
  var version = HTTPVersion.http1
  var body: [UInt8] = []

  /// How much of the request's body libcurl took.
  var bodyBytesTaken = 0

  /// What a callback found wrong, which libcurl then reports as its own failure.
  var refusal: TransportError.Kind?

  /// When the stream is given up unless something arrives; nil for whole exchanges, whose time
  /// libcurl itself limits, and while the reader holds the stream back.
  var deadline: ContinuousClock.Instant?

  init(request: HTTPRequest, settings: CurlSettings) {
    self.request = request
    self.settings = settings
  }

  var isStream: Bool {
    switch waiter {
    case .stream, .body: true
    case .whole, .nobody: false
    }
  }

  /// Ends the exchange well.
  func succeed() {
    switch waiter {
    case .whole(let continuation):
      continuation.resume(
        returning: .success(
          HTTPResponse(status: status, headers: headers, body: body, version: version)))
    case .stream(_, let stream):
      // An answer without a body: libcurl is done before anything asked for the body.
      deliverHeaders()
      stream.finish(.success(()))
    case .body(let stream): stream.finish(.success(()))
    case .nobody: break
    }
    waiter = .nobody
  }

  func fail(_ error: TransportError) {
    switch waiter {
    case .whole(let continuation): continuation.resume(returning: .failure(error))
    case .stream(let continuation, _): continuation.resume(returning: .failure(error))
    case .body(let stream): stream.finish(.failure(error))
    case .nobody: break
    }
    waiter = .nobody
  }

  /// Hands a stream's headers to its reader.
  func deliverHeaders() {
    guard case .stream(let continuation, let stream) = waiter else { return }
    waiter = .body(stream)
    restartIdleTime()
    let lifetime = CurlStream.Lifetime(stream)
    let body = HTTPBody { () async throws(TransportError) -> [UInt8]? in
      try await lifetime.stream.next()
    }
    continuation.resume(
      returning: .success(
        HTTPStreamResponse(status: status, headers: headers, body: body, version: version)))
  }

  func restartIdleTime() {
    deadline = request.idleTimeout.map { ContinuousClock.now.advanced(by: $0) }
  }

  /// Whether a complete request can have reached a server, given how many bytes of requests left.
  func mayHaveBeenSent(requestBytes: Int) -> Bool {
    requestBytes > 0 && bodyBytesTaken >= (request.body?.count ?? 0)
  }
}
