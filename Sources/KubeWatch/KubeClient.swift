package import HTTPTransport

/// Requests to one API server.
///
/// Bodies and answers are bytes; nothing here logs or keeps them, so a Secret goes from the server
/// to the caller alone.
package struct KubeClient: Sendable {
  /// How a patch's body is to be read.
  package enum PatchKind: Sendable {
    /// RFC 7386. With `metadata.resourceVersion` in it, a change in between is a conflict.
    case merge
    /// RFC 6902.
    case json
    /// Server-side apply under a field manager's name.
    case apply(fieldManager: String, force: Bool)

    var contentType: String {
      switch self {
      case .merge: "application/merge-patch+json"
      case .json: "application/json-patch+json"
      case .apply: "application/apply-patch+yaml"
      }
    }
  }

  package let access: ClusterAccess
  private let transport: any Transport
  private let fields: HTTPHeaders
  private let requestFinished: @Sendable (_ method: String, _ status: Int?) -> Void
  private let sleep: @Sendable (Duration) async -> Void

  /// How often a request is sent again that the server put off with 429 and Retry-After.
  private static let attempts = 4

  /// - Parameters:
  ///   - version: this program's, for `User-Agent`.
  ///   - requestFinished: called after every exchange, with nil when there was no answer.
  package init(
    access: ClusterAccess, transport: any Transport, version: String = "0",
    sleep: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) },
    requestFinished: @escaping @Sendable (_ method: String, _ status: Int?) -> Void = { _, _ in }
  ) {
    self.access = access
    self.transport = transport
    self.requestFinished = requestFinished
    self.sleep = sleep
    fields = ["User-Agent": "provider-discord/\(version)", "Accept": "application/json"]
  }

  /// Performs a request of any kind; an answer outside 200 to 299 is thrown.
  ///
  /// - Parameter path: from `/`, already percent-encoded.
  package func raw(
    method: String, path: String, query: [(String, String)] = [], body: [UInt8]? = nil,
    contentType: String = "application/json", timeout: Duration = .seconds(30)
  ) async throws(KubeError) -> HTTPResponse {
    var attempt = 1
    while true {
      do throws(KubeError) {
        return try await once(method, path, query, body, contentType, timeout)
      } catch {
        // The server did nothing yet (API priority and fairness), so that any method may go again.
        guard error.isTooManyRequests, let delay = error.retryAfter, attempt < Self.attempts,
          !Task.isCancelled
        else { throw error }
        attempt += 1
        await sleep(min(delay, .seconds(30)))
      }
    }
  }

  private func once(
    _ method: String, _ path: String, _ query: [(String, String)], _ body: [UInt8]?,
    _ contentType: String, _ timeout: Duration
  ) async throws(KubeError) -> HTTPResponse {
    let response = try await exchange(
      method: method, path: path, query: query, body: body, contentType: contentType,
      timeout: timeout)
    guard (200..<300).contains(response.status) else {
      throw failure(response.status, response.headers, response.body)
    }
    return response
  }

  /// Performs a request once and gives the answer whatever its status: what a proxied Pod answers is
  /// not the API server's to judge.
  package func exchange(
    method: String, path: String, query: [(String, String)] = [], body: [UInt8]? = nil,
    contentType: String = "application/json", timeout: Duration
  ) async throws(KubeError) -> HTTPResponse {
    var request = self.request(method, path, query)
    request.body = body
    request.timeout = timeout
    if body != nil { request.headers.add("Content-Type", contentType) }
    let response: HTTPResponse
    do throws(TransportError) {
      response = try await transport.send(request)
    } catch {
      requestFinished(method, nil)
      throw KubeError(error)
    }
    requestFinished(method, response.status)
    return response
  }

  /// Opens a watch or another endless answer.
  func stream(
    path: String, query: [(String, String)], idleTimeout: Duration
  ) async throws(KubeError) -> HTTPBody {
    var request = self.request("GET", path, query)
    request.idleTimeout = idleTimeout
    let response: HTTPStreamResponse
    do throws(TransportError) {
      response = try await transport.stream(request)
    } catch {
      requestFinished("WATCH", nil)
      throw KubeError(error)
    }
    requestFinished("WATCH", response.status)
    guard (200..<300).contains(response.status) else {
      var body: [UInt8] = []
      while body.count < 64 << 10, let chunk = try? await response.body.next() { body += chunk }
      throw failure(response.status, response.headers, body)
    }
    return response.body
  }

  private func request(
    _ method: String, _ path: String, _ query: [(String, String)]
  ) -> HTTPRequest {
    var headers = fields
    if let token = access.token { headers.add("Authorization", "Bearer \(token.current())") }
    return HTTPRequest(
      method: method, url: access.server + path + PercentEncoding.query(query), headers: headers)
  }

  private func failure(_ status: Int, _ headers: HTTPHeaders, _ body: [UInt8]) -> KubeError {
    if status == 401 { access.token?.refused() }
    return KubeError(status: status, headers: headers, body: body)
  }
}
