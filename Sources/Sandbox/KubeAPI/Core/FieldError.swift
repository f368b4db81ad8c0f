package import JSONValue

/// What is wrong with one field, worded as `k8s.io/apimachinery/pkg/util/validation/field` does.
package struct FieldError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The sort of mistake.
  package enum Kind: String, Sendable {
    case required = "FieldValueRequired"
    case invalid = "FieldValueInvalid"
    case typeInvalid = "FieldValueTypeInvalid"
    case notSupported = "FieldValueNotSupported"
    case duplicate = "FieldValueDuplicate"
    case forbidden = "FieldValueForbidden"
    case tooLong = "FieldValueTooLong"
    case tooMany = "FieldValueTooMany"

    fileprivate var words: String {
      switch self {
      case .required: "Required value"
      case .invalid, .typeInvalid: "Invalid value"
      case .notSupported: "Unsupported value"
      case .duplicate: "Duplicate value"
      case .forbidden: "Forbidden"
      case .tooLong: "Too long"
      case .tooMany: "Too many"
      }
    }
  }

  /// The sort of mistake.
  package let kind: Kind
  /// The path of the field, e.g. `spec.forProvider.name`.
  package let field: String
  /// The offending value as text (strings in quotes); nil where the sort shows none.
  package let value: String?
  /// What would be right.
  package let detail: String

  /// An error by its parts.
  package init(_ kind: Kind, _ field: String, value: JSONValue? = nil, _ detail: String = "") {
    self.init(kind, field, text: value.map(Self.text), detail)
  }

  /// An error whose value is already text.
  package init(_ kind: Kind, _ field: String, text: String?, _ detail: String) {
    self.kind = kind
    self.field = field
    self.detail = detail
    switch kind {
    case .required, .forbidden, .tooLong: value = nil
    default: value = text
    }
  }

  /// The error without its field: a cause's message.
  package var body: String {
    var text = kind.words
    if let value { text += ": \(value)" }
    if !detail.isEmpty { text += ": \(detail)" }
    return text
  }

  package var description: String { "\(field): \(body)" }

  var cause: JSONValue {
    ["reason": .string(kind.rawValue), "message": .string(body), "field": .string(field)]
  }

  /// A value as an error shows it: quoted text, or compact JSON.
  package static func text(_ value: JSONValue) -> String { value.serializedText() }
}
