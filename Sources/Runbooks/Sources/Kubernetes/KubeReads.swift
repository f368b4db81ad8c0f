package import HTTPTransport
package import JSONValue
package import KubeWatch

/// Reads of the API server with short deadlines; a server that once did not answer is left alone.
package final class KubeReads: Sendable {
  private let client: KubeClient?
  private let timeout: Duration
  private let latch = SourceLatch()

  /// - Parameter timeout: of one request.
  package init(
    access: ClusterAccess, transport: any Transport, version: String,
    timeout: Duration = .seconds(3)
  ) {
    // One that puts us off with 429 is busy; waiting would take the check's time.
    client = KubeClient(access: access, transport: transport, version: version, sleep: { _ in })
    self.timeout = timeout
  }

  /// No API server is known.
  package init(unavailable failure: SourceFailure) {
    client = nil
    timeout = .zero
    latch.close(failure)
  }

  /// The answer to a request.
  package func raw(
    method: String = "GET", path: String, query: [(String, String)] = [], body: [UInt8]? = nil
  ) async throws(SourceFailure) -> HTTPResponse {
    try latch.check()
    guard let client else { throw SourceFailure(.unconfigured, "no API server is known") }
    do throws(KubeError) {
      return try await client.raw(
        method: method, path: path, query: query, body: body, timeout: timeout)
    } catch {
      throw failure(error)
    }
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
        method: method, path: path, query: query, body: body, timeout: timeout)
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

  private func failure(_ error: KubeError) -> SourceFailure {
    let failure = SourceFailure(error)
    if error.transport != nil, !error.isCancelled {
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
