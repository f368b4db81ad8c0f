package import JSONValue

/// A failure as the API server words it: a `meta/v1` Status. The texts are those of
/// `k8s.io/apimachinery/pkg/api/errors`, on which clients and users rely.
package struct APIStatusError: Error, Sendable, Hashable {
  /// The HTTP status code.
  package let code: Int
  /// The machine-readable reason, e.g. `Conflict`.
  package let reason: String
  /// The text for people.
  package let message: String
  /// `details` of the Status, when there are any.
  package let details: JSONValue?

  /// An error by its parts.
  package init(code: Int, reason: String, message: String, details: JSONValue? = nil) {
    self.code = code
    self.reason = reason
    self.message = message
    self.details = details
  }

  /// The Status object.
  package var status: JSONValue {
    var object: JSONValue = [
      "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
      "message": .string(message), "reason": .string(reason), "code": .integer(Int64(code)),
    ]
    object["details"] = details
    return object
  }
}

extension APIStatusError {
  private static func details(_ resource: GroupResource, _ name: String) -> JSONValue {
    var details: JSONValue = ["kind": .string(resource.resource)]
    if !name.isEmpty { details["name"] = .string(name) }
    if !resource.group.isEmpty { details["group"] = .string(resource.group) }
    return details
  }

  static func notFound(_ resource: GroupResource, _ name: String) -> APIStatusError {
    APIStatusError(
      code: 404, reason: "NotFound", message: "\(resource) \"\(name)\" not found",
      details: details(resource, name))
  }

  static func unknownPath() -> APIStatusError {
    APIStatusError(
      code: 404, reason: "NotFound",
      message: "the server could not find the requested resource", details: [:])
  }

  static func alreadyExists(
    _ resource: GroupResource, _ name: String, isBeingDeleted: Bool
  ) -> APIStatusError {
    let prefix = isBeingDeleted ? "object is being deleted: " : ""
    return APIStatusError(
      code: 409, reason: "AlreadyExists",
      message: "\(prefix)\(resource) \"\(name)\" already exists",
      details: details(resource, name))
  }

  static func conflict(
    _ resource: GroupResource, _ name: String, _ why: String
  ) -> APIStatusError {
    APIStatusError(
      code: 409, reason: "Conflict",
      message: "Operation cannot be fulfilled on \(resource) \"\(name)\": \(why)",
      details: details(resource, name))
  }

  static func staleWrite(_ resource: GroupResource, _ name: String) -> APIStatusError {
    conflict(
      resource, name,
      "the object has been modified; please apply your changes to the latest version and try again")
  }

  static func forbidden(
    _ resource: GroupResource, _ name: String, _ why: String, causes: [JSONValue] = []
  ) -> APIStatusError {
    var details = details(resource, name)
    if !causes.isEmpty { details["causes"] = .array(causes) }
    return APIStatusError(
      code: 403, reason: "Forbidden", message: "\(resource) \"\(name)\" is forbidden: \(why)",
      details: details)
  }

  static func badRequest(_ message: String) -> APIStatusError {
    APIStatusError(code: 400, reason: "BadRequest", message: message)
  }

  static func invalid(
    kind: String, group: String, name: String, _ errors: [FieldError]
  ) -> APIStatusError {
    let qualified = group.isEmpty ? kind : "\(kind).\(group)"
    var details: JSONValue = [
      "kind": .string(kind), "causes": .array(errors.map(\.cause)),
    ]
    if !name.isEmpty { details["name"] = .string(name) }
    if !group.isEmpty { details["group"] = .string(group) }
    let texts = errors.map(\.description)
    let summary = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
    return APIStatusError(
      code: 422, reason: "Invalid", message: "\(qualified) \"\(name)\" is invalid: \(summary)",
      details: details)
  }

  static func methodNotAllowed() -> APIStatusError {
    APIStatusError(
      code: 405, reason: "MethodNotAllowed",
      message: "the server does not allow this method on the requested resource", details: [:])
  }

  static func unsupportedMediaType(accepted: [String]) -> APIStatusError {
    APIStatusError(
      code: 415, reason: "UnsupportedMediaType",
      message: "the body of the request was in an unknown format - accepted media types include: "
        + accepted.joined(separator: ", "))
  }

  static func notAcceptable(accepted: [String]) -> APIStatusError {
    APIStatusError(
      code: 406, reason: "NotAcceptable",
      message: "only the following media types are accepted: "
        + accepted.joined(separator: ", "))
  }

  /// A list's `continue` or a watch's `resourceVersion` that is no longer in the history.
  static func expired(_ message: String) -> APIStatusError {
    APIStatusError(code: 410, reason: "Expired", message: message)
  }

  static func tooLargeResourceVersion(_ asked: UInt64, current: UInt64) -> APIStatusError {
    APIStatusError(
      code: 504, reason: "Timeout",
      message: "Timeout: Too large resource version: \(asked), current: \(current)",
      details: [
        "causes": [
          ["reason": "ResourceVersionTooLarge", "message": "Too large resource version"]
        ],
        "retryAfterSeconds": 1,
      ])
  }

  static func unauthorized() -> APIStatusError {
    APIStatusError(code: 401, reason: "Unauthorized", message: "Unauthorized")
  }
}
