extension JSONValue {
  /// The text, or nil for any other kind of value.
  package var stringValue: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// The integer, or nil for any other kind of value. A double with an integral value counts.
  package var integerValue: Int64? {
    switch self {
    case .integer(let integer): integer
    case .double(let double): Int64(exactly: double)
    default: nil
    }
  }

  /// The number as a double, or nil for any other kind of value.
  package var doubleValue: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .double(let double): double
    default: nil
    }
  }

  /// The truth value, or nil for any other kind of value.
  package var boolValue: Bool? {
    guard case .bool(let truth) = self else { return nil }
    return truth
  }

  /// The elements, or nil for any other kind of value.
  package var arrayValue: [JSONValue]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  /// The members, or nil for any other kind of value.
  package var objectValue: [String: JSONValue]? {
    guard case .object(let members) = self else { return nil }
    return members
  }

  /// Whether this is JSON's `null`.
  package var isNull: Bool { self == .null }

  /// The member with this name; nil when there is none or this is no object. Setting nil removes
  /// the member; setting on anything but an object makes it one.
  package subscript(key: String) -> JSONValue? {
    get { objectValue?[key] }
    set {
      var members = objectValue ?? [:]
      members[key] = newValue
      self = .object(members)
    }
  }

  /// The element at this place; nil when there is none or this is no array.
  package subscript(index: Int) -> JSONValue? {
    guard let elements = arrayValue, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  /// The value at the end of a path of member names.
  package func value(at path: String...) -> JSONValue? { value(at: path) }

  /// The value at the end of a path of member names.
  package func value(at path: [String]) -> JSONValue? {
    var current: JSONValue? = self
    for name in path { current = current?[name] }
    return current
  }

  /// Sets the value at the end of a path, making objects on the way; nil removes it.
  package mutating func set(_ value: JSONValue?, at path: [String]) {
    guard let first = path.first else {
      self = value ?? .null
      return
    }
    guard path.count > 1 else {
      self[first] = value
      return
    }
    var child = self[first] ?? .object([:])
    child.set(value, at: Array(path.dropFirst()))
    self[first] = child
  }
}
