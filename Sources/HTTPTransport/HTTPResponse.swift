/// The protocol that carried an exchange.
package enum HTTPVersion: Sendable, Hashable {
  case http1
  case http2
}

/// A whole answer, body read to its end and decompressed.
package struct HTTPResponse: Sendable {
  package var status: Int
  package var headers: HTTPHeaders
  package var body: [UInt8]
  package var version: HTTPVersion

  package init(
    status: Int, headers: HTTPHeaders = [:], body: [UInt8] = [], version: HTTPVersion = .http1
  ) {
    self.status = status
    self.headers = headers
    self.body = body
    self.version = version
  }
}

/// An answer whose body is still on its way.
package struct HTTPStreamResponse: Sendable {
  package var status: Int
  package var headers: HTTPHeaders
  package var body: HTTPBody
  package var version: HTTPVersion

  package init(
    status: Int, headers: HTTPHeaders = [:], body: HTTPBody, version: HTTPVersion = .http1
  ) {
    self.status = status
    self.headers = headers
    self.body = body
    self.version = version
  }
}
