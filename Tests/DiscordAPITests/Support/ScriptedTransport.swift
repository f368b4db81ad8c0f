import DiscordAPI
import HTTPTransport
import Synchronization

/// A transport whose answers a closure gives, and that remembers what was sent.
final class ScriptedTransport: Transport {
  typealias Answer = @Sendable (HTTPRequest, Int) async throws(TransportError) -> HTTPResponse

  private let answer: Answer
  private let log = Mutex<[HTTPRequest]>([])

  /// `answer` gets the request and its number, from 0.
  init(_ answer: @escaping Answer) {
    self.answer = answer
  }

  /// Answers in order; the last one again and again.
  convenience init(_ responses: [HTTPResponse]) {
    self.init { (_, number) async throws(TransportError) -> HTTPResponse in
      responses[min(number, responses.count - 1)]
    }
  }

  var requests: [HTTPRequest] { log.withLock { $0 } }

  /// `METHOD path` of all requests, without the base.
  var lines: [String] {
    requests.map { "\($0.method) \($0.url.dropFirst("https://discord.com/api/v10".count))" }
  }

  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    let number = log.withLock {
      $0.append(request)
      return $0.count - 1
    }
    return try await answer(request, number)
  }

  func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStreamResponse {
    throw TransportError(
      kind: .invalidRequest, message: "no streams here", requestMayHaveBeenSent: false)
  }
}

extension HTTPResponse {
  static func json(
    _ text: String, status: Int = 200, headers: HTTPHeaders = ["Via": "1.1 google"]
  ) -> HTTPResponse {
    HTTPResponse(status: status, headers: headers, body: Array(text.utf8))
  }
}

extension TransportError {
  static let reset = TransportError(
    kind: .connectionLost, message: "reset by peer", requestMayHaveBeenSent: true)
  static let refused = TransportError(
    kind: .cannotConnect, message: "connection refused", requestMayHaveBeenSent: false)
}
