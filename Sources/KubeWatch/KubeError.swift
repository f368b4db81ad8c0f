package import HTTPTransport
import JSONValue

/// Why the API server did not do what was asked.
package struct KubeError: Error, Sendable, CustomStringConvertible {
  /// One of `details.causes` of a Status.
  package struct Cause: Sendable, Hashable {
    package let field: String
    package let reason: String
    package let message: String
  }

  /// The HTTP status, or the code of a watch's ERROR event; nil when no answer came.
  package var status: Int?

  /// Kubernetes' word, such as `NotFound`, `Conflict`, `Invalid`; empty when there was none.
  package var reason: String

  /// The server's message, or what happened to the request.
  package var message: String

  /// The fields that the server complained about.
  package var causes: [Cause]

  /// How long the server wants to be left alone.
  package var retryAfter: Duration?

  /// What happened to the request when no answer came.
  package var transport: TransportError?

  package init(
    status: Int? = nil, reason: String = "", message: String, causes: [Cause] = [],
    retryAfter: Duration? = nil, transport: TransportError? = nil
  ) {
    self.status = status
    self.reason = reason
    self.message = message
    self.causes = causes
    self.retryAfter = retryAfter
    self.transport = transport
  }

  package init(_ error: TransportError) {
    self.init(message: error.message, transport: error)
  }

  /// Reads a `Status` object, or whatever a proxy in front of the server answered.
  package init(status: Int, headers: HTTPHeaders, body: [UInt8]) {
    let root = (try? JSONDocument(parsing: body))?.root
    if let root, root["kind"]?.string == "Status" {
      self.init(statusObject: root)
    } else {
      // A proxy's page has nothing for a reader of a log; its beginning must do.
      let text = String(decoding: body.prefix(200), as: UTF8.self)
      let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
      self.init(
        status: status, message: line.isEmpty ? "HTTP status \(status)" : line)
    }
    self.status = status
    if let seconds = headers["Retry-After"].flatMap({ Int64($0) }) {
      retryAfter = .seconds(seconds)
    }
  }

  /// A `Status` object, as a body or in a watch's ERROR event.
  init(statusObject root: JSONCursor) {
    let details = root["details"]
    self.init(
      status: root["code"]?.integer.map { Int($0) }, reason: root["reason"]?.string ?? "",
      message: root["message"]?.string ?? "the API server gave no message",
      causes: (details?["causes"]?.elements ?? []).map {
        Cause(
          field: $0["field"]?.string ?? "", reason: $0["reason"]?.string ?? "",
          message: $0["message"]?.string ?? "")
      },
      retryAfter: details?["retryAfterSeconds"]?.integer.flatMap {
        $0 > 0 ? .seconds($0) : nil
      })
  }

  package var isNotFound: Bool { status == 404 }
  package var isAlreadyExists: Bool { reason == "AlreadyExists" }
  /// The object is no longer in the state that the write was based on.
  package var isConflict: Bool { status == 409 && !isAlreadyExists }
  /// The resourceVersion, or the list's continue token, is too old.
  package var isExpired: Bool { status == 410 || reason == "Expired" || reason == "Gone" }
  package var isInvalid: Bool { status == 422 || reason == "Invalid" }
  package var isForbidden: Bool { status == 403 }
  package var isUnauthorized: Bool { status == 401 }
  package var isTooManyRequests: Bool { status == 429 }
  package var isCancelled: Bool { transport?.kind == .cancelled }

  /// Whether the server may have acted on the request although it was not reported as done.
  package var mayHaveBeenPerformed: Bool {
    if let transport { return transport.requestMayHaveBeenSent }
    return status.map { $0 >= 500 } ?? false
  }

  package var description: String {
    if let transport { return "no answer from the API server: \(transport)" }
    let code = [status.map { "\($0)" }, reason.isEmpty ? nil : reason].compactMap { $0 }
    return code.isEmpty ? message : "\(code.joined(separator: " ")): \(message)"
  }
}
