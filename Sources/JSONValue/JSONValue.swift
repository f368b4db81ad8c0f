/// A JSON value. `null` is a value: a member that is null is not a member that is missing.
package enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  /// Exact to 64 bits. Discord's snowflakes and permissions are strings and never come here.
  case integer(Int64)
  case double(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])
}

extension JSONValue {
  /// Parses one JSON text.
  package init(parsing bytes: [UInt8]) throws(JSONError) {
    self = try JSONDocument(parsing: bytes).root.value()
  }

  /// Parses one JSON text.
  package init(parsing text: String) throws(JSONError) {
    try self.init(parsing: Array(text.utf8))
  }
}

extension JSONCursor {
  /// The value under the cursor as a tree.
  package func value() -> JSONValue {
    switch tag {
    case .object:
      var object: [String: JSONValue] = [:]
      for (name, value) in members { object[name] = value.value() }
      return .object(object)
    case .array: return .array(elements.map { $0.value() })
    case .string: return .string(string ?? "")
    case .integer, .unsigned, .double:
      if let integer { return .integer(integer) }
      return .double(double ?? 0)
    case .true: return .bool(true)
    case .false: return .bool(false)
    case .null: return .null
    }
  }
}

// Not by a nil literal: in `flag ? nil : value` it would make a null out of what is meant as missing.
extension JSONValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .double(value) }
  package init(stringLiteral value: String) { self = .string(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements) { _, last in last })
  }
}
