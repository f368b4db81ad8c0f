import JSONValue

/// What a stored field, which is only given back as it is, may hold. Null is always allowed.
enum AttributeKind: String, Sendable {
  case text = "a text"
  case truth = "true or false"
  case whole = "a whole number"
  case list = "a list"
  case object = "an object"

  /// The kind of a value; fields that are null at first hold texts.
  init(of value: JSONValue) {
    switch value {
    case .bool: self = .truth
    case .integer, .double: self = .whole
    case .array: self = .list
    case .object: self = .object
    case .null, .string: self = .text
    }
  }
}

extension ControlBody {
  /// The members that are attributes of these kinds.
  func attributes(
    _ kinds: [String: AttributeKind]
  ) throws(ControlError) -> [String: JSONValue] {
    var result: [String: JSONValue] = [:]
    for name in names.sorted() {
      guard let kind = kinds[name], let value = self[name] else { continue }
      let fits = value.isNull || AttributeKind(of: value) == kind
      guard fits else { throw complaint(name, "must be \(kind.rawValue)") }
      result[name] = value
    }
    return result
  }
}
