/// One HTTP request as a transport performs it: never redirected, no cookies.
package struct HTTPRequest: Sendable {
  /// The method as it goes on the wire, in capitals.
  package var method: String

  /// An absolute `http` or `https` URL, percent-encoded where it must be.
  package var url: String

  package var headers: HTTPHeaders

  /// The body; nil sends none, an empty array sends one of length 0.
  package var body: [UInt8]?

  /// The most that the whole exchange may take; for a stream, until its headers are there.
  package var timeout: Duration

  /// The most that name resolution, TCP and TLS together may take.
  package var connectTimeout: Duration

  /// For a stream: the longest silence after the headers before it ends with `.timedOut`. Time in
  /// which the reader itself held the stream back does not count.
  package var idleTimeout: Duration?

  package init(
    method: String, url: String, headers: HTTPHeaders = [:], body: [UInt8]? = nil,
    timeout: Duration = .seconds(30), connectTimeout: Duration = .seconds(10),
    idleTimeout: Duration? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.connectTimeout = connectTimeout
    self.idleTimeout = idleTimeout
  }
}
