/// Why a request to Discord has no answer to work with. Every case says who may go on and when; no
/// case ever holds the token.
package enum DiscordError: Error, Sendable, Hashable {
  /// Discord refused this one request (4xx but 401 and 429): a fact about the object or the input.
  case answered(DiscordFailure)
  /// The token is wrong (401, 40001, 50014). Closed: nothing more is sent until a client is made
  /// for another token.
  case unauthorized
  /// The limits want a wait longer than is good for holding a worker: not sent, or answered 429.
  case requeue(after: Duration, reason: String)
  /// The resource type's circuit breaker is open: not sent.
  case circuitOpen(resourceType: String, retryAfter: Duration)
  /// 5xx, no answer, or an answer that is not JSON. `mayHaveBeenPerformed` when a write could have
  /// taken effect: a POST must then be looked for, never sent again.
  case unavailable(status: Int?, message: String, mayHaveBeenPerformed: Bool)
  /// The request is not one (path, method, header): a bug of the caller. Not sent.
  case invalidRequest(String)
  /// The calling task was cancelled. As for `unavailable`, a write may have taken effect.
  case cancelled(mayHaveBeenPerformed: Bool)
}

/// What Discord said when it refused a request.
package struct DiscordFailure: Sendable, Hashable {
  /// The HTTP status.
  package var status: Int
  /// Discord's JSON error code, such as 50035; 0 when it gave none.
  package var code: Int
  /// Discord's message, or the beginning of a body that was not JSON.
  package var message: String
  /// What was wrong with which field.
  package var errors: [FieldError]

  /// A failure.
  package init(status: Int, code: Int, message: String, errors: [FieldError] = []) {
    self.status = status
    self.code = code
    self.message = message
    self.errors = errors
  }
}

/// One leaf of the `errors` tree of Discord's error body.
package struct FieldError: Sendable, Hashable {
  /// The keys that lead to it, joined by dots; array indexes are keys:
  /// `permission_overwrites.0.allow`. Empty for an error of the whole body.
  package var path: String
  /// Such as `BASE_TYPE_BAD_LENGTH`: text, though Discord's OpenAPI description says integer.
  package var code: String
  /// For people.
  package var message: String

  /// A leaf.
  package init(path: String, code: String, message: String) {
    self.path = path
    self.code = code
    self.message = message
  }
}

extension DiscordError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .answered(let failure): failure.description
    case .unauthorized:
      "Discord does not accept the token (401): no more requests until the token is replaced"
    case .requeue(let wait, let reason): "\(reason): again in \(wait)"
    case .circuitOpen(let type, let wait):
      "the circuit breaker for \(type) is open: again in \(wait)"
    case .unavailable(let status, let message, let maybe):
      "Discord is unavailable\(status.map { " (\($0))" } ?? ""): \(message)"
        + (maybe ? "; the change may have been made" : "")
    case .invalidRequest(let reason): "not a request to Discord: \(reason)"
    case .cancelled(let maybe): "cancelled" + (maybe ? "; the change may have been made" : "")
    }
  }
}

extension DiscordFailure: CustomStringConvertible {
  package var description: String {
    var text = "\(status)\(code == 0 ? "" : " (code \(code))"): \(message)"
    for error in errors {
      text += "; \(error.path.isEmpty ? "body" : error.path): \(error.message) [\(error.code)]"
    }
    return text
  }
}
