import Engine
package import JSONValue

/// Where a plan wants a secret value: `{ "$input": "token" }`. The value itself is known to Swift
/// alone, from the moment that it is read until it is sent.
package enum SecretPlaceholder {
  static let member = "$input"

  /// The name that a placeholder stands for; nil for any other value.
  static func name(_ value: JSONValue) -> String? {
    guard case .object(let members) = value, members.count == 1 else { return nil }
    return members[member]?.stringValue
  }

  /// A placeholder for the input of this name.
  package static func value(_ name: String) -> JSONValue { [member: .string(name)] }
}

extension JSONValue {
  /// The names of all placeholders in the value.
  var placeholders: Set<String> {
    if let name = SecretPlaceholder.name(self) { return [name] }
    switch self {
    case .object(let members):
      return members.values.reduce(into: []) { $0.formUnion($1.placeholders) }
    case .array(let elements): return elements.reduce(into: []) { $0.formUnion($1.placeholders) }
    default: return []
    }
  }

  /// The value with each placeholder replaced; below a Secret's `data`, by the value's Base64.
  func filled(_ secret: (String) -> String?) -> JSONValue {
    func fill(_ value: JSONValue, isData: Bool) -> JSONValue {
      if let name = SecretPlaceholder.name(value) {
        guard let text = secret(name) else { return value }
        return .string(isData ? Base64Encoding.encode(Array(text.utf8)) : text)
      }
      switch value {
      case .object(let members):
        return .object(
          Dictionary(
            uniqueKeysWithValues: members.map { ($0, fill($1, isData: isData || $0 == "data")) }))
      case .array(let elements): return .array(elements.map { fill($0, isData: isData) })
      default: return value
      }
    }
    return fill(self, isData: false)
  }

  /// The value with every RFC 3339 time replaced by a word, to compare what was built twice.
  var withoutTimes: JSONValue {
    switch self {
    case .object(let members): .object(members.mapValues(\.withoutTimes))
    case .array(let elements): .array(elements.map(\.withoutTimes))
    case .string(let text) where Timestamp(text) != nil: "TIME"
    default: self
    }
  }
}
