package import HTTPTransport
package import JSONValue
package import KubeWatch
import Synchronization

/// Reads of the API server with short deadlines; a server that does not answer is left alone.
///
/// Busy is not gone: the first answer, with its handshake, may take twice as long as others, and a
/// request that takes too long while the server answers others says nothing about the server.
package final class KubeReads: Sendable {
  /// How long the first answer may take, and then each.
  package static let firstTimeout = Duration.seconds(6)
  private static let timeout = Duration.seconds(3)

  private let client: KubeClient?
  private let latch = SourceLatch()
  /// How many answers have come.
  private let answers = Mutex(0)

  /// Reads through a transport.
  package init(access: ClusterAccess, transport: any Transport, version: String) {
    // One that puts us off with 429 is busy; waiting would take the check's time.
    client = KubeClient(access: access, transport: transport, version: version, sleep: { _ in })
  }

  /// No API server is known.
  package init(unavailable failure: SourceFailure) {
    client = nil
    latch.close(failure)
  }

  /// The answer to a request.
  package func raw(
    method: String = "GET", path: String, query: [(String, String)] = [], body: [UInt8]? = nil
  ) async throws(SourceFailure) -> HTTPResponse {
    try latch.check()
    guard let client else { throw SourceFailure(.unconfigured, "no API server is known") }
    let before = answers.withLock { $0 }
    do throws(KubeError) {
      let response = try await client.raw(
        method: method, path: path, query: query, body: body, timeout: Self.timeout(after: before))
      answers.withLock { $0 += 1 }
      return response
    } catch {
      throw failure(error, before)
    }
  }

  private static func timeout(after answers: Int) -> Duration {
    answers == 0 ? firstTimeout : timeout
  }

  /// What a Pod answers behind the API server's proxy, whatever its status. What the API server says
  /// itself, such as that there is no way to the Pod, is a failure.
  func proxied(
    _ method: String, path: String, query: [(String, String)], body: [UInt8]?
  ) async throws(SourceFailure) -> HTTPResponse {
    try latch.check()
    guard let client else { throw SourceFailure(.unconfigured, "no API server is known") }
    do throws(KubeError) {
      let response = try await client.exchange(
        method: method, path: path, query: query, body: body, timeout: Self.timeout)
      let isOwnWord =
        response.status >= 400
        && (try? JSONValue(parsing: response.body))?["kind"]?.stringValue == "Status"
      guard isOwnWord else { return response }
      throw KubeError(
        status: response.status, headers: response.headers, body: response.body)
    } catch {
      // A Pod that hangs says nothing about the API server.
      throw SourceFailure(error)
    }
  }

  /// - Parameter before: how many answers had come when the request was sent.
  private func failure(_ error: KubeError, _ before: Int) -> SourceFailure {
    let failure = SourceFailure(error)
    guard let transport = error.transport else {
      answers.withLock { $0 += 1 }
      return failure
    }
    let isAlive = transport.kind == .timedOut && answers.withLock { $0 } > before
    if !isAlive, !error.isCancelled {
      latch.close(
        SourceFailure(.unreachable, "the API server does not answer: \(failure.message)"))
    }
    return failure
  }

  /// The JSON at a path.
  package func json(
    path: String, query: [(String, String)] = []
  ) async throws(SourceFailure) -> JSONValue {
    let response = try await raw(path: path, query: query)
    do throws(JSONError) {
      return try JSONValue(parsing: response.body)
    } catch {
      throw SourceFailure(.error, "the API server sent no JSON for \(path)")
    }
  }

  /// Creates a review, which changes nothing.
  package func review(_ path: String, _ body: JSONValue) async throws(SourceFailure) -> JSONValue {
    let response = try await raw(method: "POST", path: path, body: body.serialized())
    return (try? JSONValue(parsing: response.body)) ?? .null
  }
}

extension SourceFailure {
  init(_ error: KubeError) {
    if let transport = error.transport {
      self.init(transport.kind == .timedOut ? .timeout : .unreachable, transport.message)
      return
    }
    switch error.status {
    case 401: self.init(.unauthorized, error.message)
    case 403: self.init(.forbidden, error.message)
    case 404: self.init(.notfound, error.message)
    case 503, 504: self.init(.unreachable, error.message)
    default: self.init(.error, "\(error)")
    }
  }
}
