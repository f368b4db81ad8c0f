package import JSONValue

/// One HTTP request to the API server, without the HTTP library.
package struct KubeRequest: Sendable {
  /// The method in capitals.
  package var method: String
  /// The decoded path without the query.
  package var path: String
  /// The decoded query, in order; names may repeat.
  package var query: [(name: String, value: String)]
  /// The `Accept` header; empty when there is none.
  package var accept: String
  /// The `Content-Type` header; empty when there is none.
  package var contentType: String
  /// The `User-Agent` header; empty when there is none.
  package var userAgent: String
  /// The body; empty when there is none.
  package var body: [UInt8]

  /// A request by its parts.
  package init(
    method: String, path: String, query: [(name: String, value: String)] = [],
    accept: String = "", contentType: String = "application/json", userAgent: String = "",
    body: [UInt8] = []
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.accept = accept
    self.contentType = contentType
    self.userAgent = userAgent
    self.body = body
  }

  /// The first value of a query parameter.
  package func parameter(_ name: String) -> String? {
    query.first { $0.name == name }?.value
  }

  /// Whether a parameter says yes, as Go's `strconv.ParseBool` reads it.
  package func isSet(_ name: String) -> Bool {
    ["1", "t", "T", "true", "True", "TRUE"].contains(parameter(name) ?? "")
  }
}

/// A complete answer.
package struct KubeReply: Sendable {
  /// The HTTP status code.
  package var status: Int
  /// The content type of the body.
  package var contentType: String
  /// The body.
  package var body: [UInt8]
  /// Texts for `Warning: 299` headers.
  package var warnings: [String] = []

  /// A reply by its parts.
  package init(status: Int, contentType: String = "application/json", body: [UInt8]) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }

  /// A JSON reply.
  package init(status: Int = 200, _ value: JSONValue, warnings: [String] = []) {
    self.init(status: status, body: value.serialized() + [10])
    self.warnings = warnings
  }

  /// The reply that reports a failure.
  package init(_ error: APIStatusError) {
    self.init(status: error.code, error.status)
  }
}

/// What the core answers to a request.
package enum KubeResponse: Sendable {
  case reply(KubeReply)
  /// The driver streams the watch's frames until it ends.
  case watch(WatchSession)
}
