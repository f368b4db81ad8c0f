/// What performs HTTP requests. The one seam at which tests replace the network.
package protocol Transport: Sendable {
  /// Performs a request and returns the whole answer, whatever its status.
  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse

  /// Performs a request and returns as soon as the answer's headers are there.
  func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStreamResponse
}
