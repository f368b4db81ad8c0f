package import HTTPTransport
import KubeWatch

/// The way to the provider's own HTTP port: direct, or through the API server's proxy to its Pod.
package struct ProviderEndpoint: Sendable {
  /// Which way.
  package enum Way: Sendable {
    case direct(url: String, transport: any Transport)
    case proxy(reads: KubeReads, namespace: String, pod: String, port: Int)
    /// There is none, and why.
    case none(SourceFailure)

    var word: String {
      switch self {
      case .direct: "direct"
      case .proxy: "proxy"
      case .none: "none"
      }
    }
  }

  package let way: Way
  private let latch = SourceLatch()
  private let timeout: Duration

  /// - Parameter timeout: of one request.
  package init(way: Way, timeout: Duration = .seconds(3)) {
    self.way = way
    self.timeout = timeout
  }

  /// The body that a path answers with, whatever its status.
  func send(
    _ method: String, _ path: String, body: [UInt8]? = nil
  ) async throws(SourceFailure) -> (status: Int, body: [UInt8]) {
    try latch.check()
    switch way {
    case .none(let failure): throw failure
    case .direct(let url, let transport):
      var request = HTTPRequest(method: method, url: url + path, body: body, timeout: timeout)
      request.connectTimeout = min(timeout, .seconds(2))
      if body != nil { request.headers.add("Content-Type", "application/json") }
      do throws(TransportError) {
        let response = try await transport.send(request)
        return (response.status, response.body)
      } catch {
        let failure = SourceFailure(
          error.kind == .timedOut ? .timeout : .unreachable,
          "the provider does not answer at \(url): \(error.message)")
        latch.close(failure)
        throw failure
      }
    case .proxy(let reads, let namespace, let pod, let port):
      let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
      let base = "/api/v1/namespaces/\(namespace)/pods/\(pod):\(port)/proxy"
      var query: [(String, String)] = []
      if parts.count > 1 { query.append((parts[1], "")) }
      do throws(SourceFailure) {
        let response = try await reads.proxied(
          method, path: base + parts[0], query: query, body: body)
        return (response.status, response.body)
      } catch {
        if error.kind == .timeout || error.kind == .unreachable { latch.close(error) }
        throw error
      }
    }
  }
}
