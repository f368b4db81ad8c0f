import HTTPTransport
import Synchronization

/// A transport that answers from a test's script and keeps what was asked.
final class ScriptedTransport: Transport {
  enum StreamAnswer: Sendable {
    /// Lines, each its own chunk, and then the end.
    case lines([String])
    /// Lines, and then silence until the reader is cancelled.
    case linesThenHang([String])
    case linesThenFail([String], TransportError)
    case status(Int, String)
    case failure(TransportError)
  }

  typealias Send = @Sendable (HTTPRequest, Int) throws(TransportError) -> HTTPResponse

  private struct State {
    var requests: [HTTPRequest] = []
    var sends = 0
    var streams: [StreamAnswer]
  }

  private let state: Mutex<State>
  private let onSend: Send

  /// - Parameters:
  ///   - streams: the answers to `stream`, one after the other; then streams that stay silent.
  ///   - onSend: gets the request and how many came before it.
  init(streams: [StreamAnswer] = [], onSend: @escaping Send) {
    state = Mutex(State(streams: streams))
    self.onSend = onSend
  }

  var requests: [HTTPRequest] { state.withLock { $0.requests } }
  var urls: [String] { requests.map { $0.url } }

  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    let number = state.withLock { state in
      state.requests.append(request)
      state.sends += 1
      return state.sends - 1
    }
    return try onSend(request, number)
  }

  func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStreamResponse {
    let answer = state.withLock { state in
      state.requests.append(request)
      return state.streams.isEmpty ? StreamAnswer.linesThenHang([]) : state.streams.removeFirst()
    }
    switch answer {
    case .lines(let lines): return Self.response(200, lines) { _ throws(TransportError) in nil }
    case .linesThenHang(let lines):
      return Self.response(200, lines) { _ throws(TransportError) in
        try? await Task.sleep(for: .seconds(3600))
        throw TransportError(kind: .cancelled, message: "cancelled", requestMayHaveBeenSent: true)
      }
    case .linesThenFail(let lines, let error):
      return Self.response(200, lines) { _ throws(TransportError) in throw error }
    case .status(let status, let body):
      return Self.response(status, [body]) { _ throws(TransportError) in nil }
    case .failure(let error): throw error
    }
  }

  private static func response(
    _ status: Int, _ lines: [String],
    then end: @escaping @Sendable (Int) async throws(TransportError) -> [UInt8]?
  ) -> HTTPStreamResponse {
    let chunks = lines.map { Array(($0 + "\n").utf8) }
    final class Cursor: Sendable {
      let position = Atomic(0)
    }
    let cursor = Cursor()
    return HTTPStreamResponse(
      status: status,
      body: HTTPBody { () async throws(TransportError) -> [UInt8]? in
        let index = cursor.position.add(1, ordering: .relaxed).oldValue
        if index < chunks.count { return chunks[index] }
        return try await end(index)
      })
  }
}

extension HTTPResponse {
  static func json(_ text: String, status: Int = 200, headers: HTTPHeaders = [:]) -> HTTPResponse {
    HTTPResponse(status: status, headers: headers, body: Array(text.utf8))
  }
}

/// Waits, without blocking a thread, until something holds; false after ten seconds.
func eventually(_ condition: @Sendable () async -> Bool) async -> Bool {
  for _ in 0..<1000 {
    if await condition() { return true }
    try? await Task.sleep(for: .milliseconds(10))
  }
  return await condition()
}
