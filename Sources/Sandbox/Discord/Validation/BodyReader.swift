package import JSONValue

/// What a request says about one field: nothing, null, or a value.
package enum SentField<Value: Sendable>: Sendable {
  case absent
  case null
  case value(Value)

  /// The value, or nil for both other cases.
  package var value: Value? {
    guard case .value(let value) = self else { return nil }
    return value
  }

  /// Whether the field is there at all.
  package var isSent: Bool {
    if case .absent = self { false } else { true }
  }
}

/// Reads the fields of one JSON object and collects Discord's complaints about them. Each method
/// answers `.absent` for a value that it complained about.
package struct BodyReader: Sendable {
  /// The object.
  package let members: [String: JSONValue]
  /// All complaints so far; paths start at this object.
  package var errors = FieldErrors()

  /// Reads the members of an object.
  package init(_ members: [String: JSONValue]) { self.members = members }

  /// Reads a body; a body that is no object is refused, a missing one is an empty object.
  package init(body: JSONValue?) throws(DiscordRefusal) {
    switch body {
    case nil: members = [:]
    case .object(let members)?: self.members = members
    default:
      throw .invalidField(
        [], "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
    }
  }

  /// Refuses the request if there was any complaint.
  package func finish() throws(DiscordRefusal) {
    if !errors.isEmpty { throw .invalidForm(errors) }
  }

  /// Whether the field is there, null or not.
  package func has(_ key: String) -> Bool { members[key] != nil }

  /// The raw value of a field with null handled.
  mutating func raw(_ key: String, nullable: Bool) -> SentField<JSONValue> {
    switch members[key] {
    case nil: return .absent
    case .null?:
      if nullable { return .null }
      errors.add([key], "BASE_TYPE_REQUIRED", "This field is required")
      return .absent
    case let value?: return .value(value)
    }
  }

  /// A text whose length in Unicode scalars lies in `length`.
  mutating func string(
    _ key: String, length: ClosedRange<Int>, nullable: Bool = false, trimmed: Bool = false
  ) -> SentField<String> {
    switch raw(key, nullable: nullable) {
    case .absent: return .absent
    case .null: return .null
    case .value(.string(let sent)):
      let text = trimmed ? sent.trimmedOfWhitespace : sent
      if text.isEmpty, length.lowerBound > 0 {
        errors.add([key], "BASE_TYPE_REQUIRED", "This field is required")
        return .absent
      }
      guard length.contains(text.unicodeScalars.count) else {
        addLength([key], length)
        return .absent
      }
      return .value(text)
    case .value(let other):
      errors.add(
        [key], "STRING_TYPE_CONVERT", "Could not interpret \"\(other)\" as string.")
      return .absent
    }
  }

  /// Complains about a length outside of `length`.
  mutating func addLength(_ path: [String], _ length: ClosedRange<Int>) {
    if length.lowerBound > 0 {
      errors.add(
        path, "BASE_TYPE_BAD_LENGTH",
        "Must be between \(length.lowerBound) and \(length.upperBound) in length.")
    } else {
      errors.add(
        path, "BASE_TYPE_MAX_LENGTH", "Must be \(length.upperBound) or fewer in length.")
    }
  }

  /// A whole number in `range`; digits in a string count as a number, as with Discord.
  mutating func integer(
    _ key: String, in range: ClosedRange<Int64>, nullable: Bool = false
  ) -> SentField<Int64> {
    guard case .value(let sent) = raw(key, nullable: nullable) else {
      return nullable && members[key]?.isNull == true ? .null : .absent
    }
    guard let number = sent.integerValue ?? sent.stringValue.flatMap({ Int64($0) }) else {
      errors.add([key], "NUMBER_TYPE_COERCE", "Value \"\(sent.plainText)\" is not int.")
      return .absent
    }
    if number < range.lowerBound {
      errors.add(
        [key], "NUMBER_TYPE_MIN",
        "int value should be greater than or equal to \(range.lowerBound).")
      return .absent
    }
    if number > range.upperBound {
      errors.add(
        [key], "NUMBER_TYPE_MAX",
        "int value should be less than or equal to \(range.upperBound).")
      return .absent
    }
    return .value(number)
  }

  /// A whole number out of a list.
  mutating func choice(
    _ key: String, of choices: [Int64], nullable: Bool = false
  ) -> SentField<Int64> {
    guard case .value(let sent) = raw(key, nullable: nullable) else {
      return nullable && members[key]?.isNull == true ? .null : .absent
    }
    guard let number = sent.integerValue ?? sent.stringValue.flatMap({ Int64($0) }),
      choices.contains(number)
    else {
      let list = choices.map(String.init).joined(separator: ", ")
      errors.add([key], "BASE_TYPE_CHOICES", "Value must be one of {\(list)}.")
      return .absent
    }
    return .value(number)
  }

  /// A text out of a list.
  mutating func choice(
    _ key: String, of choices: [String], nullable: Bool = false
  ) -> SentField<String> {
    guard case .value(let sent) = raw(key, nullable: nullable) else {
      return nullable && members[key]?.isNull == true ? .null : .absent
    }
    guard let text = sent.stringValue, choices.contains(text) else {
      let list = choices.map { "'\($0)'" }.joined(separator: ", ")
      errors.add([key], "BASE_TYPE_CHOICES", "Value must be one of (\(list)).")
      return .absent
    }
    return .value(text)
  }

  /// True or false.
  mutating func bool(_ key: String, nullable: Bool = false) -> SentField<Bool> {
    guard case .value(let sent) = raw(key, nullable: nullable) else {
      return nullable && members[key]?.isNull == true ? .null : .absent
    }
    guard let truth = sent.boolValue else {
      errors.add([key], "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
      return .absent
    }
    return .value(truth)
  }

  /// An identifier.
  mutating func snowflake(_ key: String, nullable: Bool = false) -> SentField<Snowflake> {
    guard case .value(let sent) = raw(key, nullable: nullable) else {
      return nullable && members[key]?.isNull == true ? .null : .absent
    }
    guard let id = Snowflake(json: sent) else {
      errors.add(
        [key], "NUMBER_TYPE_COERCE", "Value \"\(sent.plainText)\" is not snowflake.")
      return .absent
    }
    return .value(id)
  }

  /// A permission mask, as text or number. Bits that Discord does not know are dropped.
  mutating func permissions(_ key: String, nullable: Bool = true) -> SentField<PermissionBits> {
    guard case .value(let sent) = raw(key, nullable: nullable) else {
      return nullable && members[key]?.isNull == true ? .null : .absent
    }
    guard let bits = PermissionBits(json: sent) else {
      errors.add(
        [key], "NUMBER_TYPE_COERCE", "Value \"\(sent.plainText)\" is not int.")
      return .absent
    }
    return .value(bits.intersection(.all))
  }

  /// A list of at most `limit` elements.
  mutating func list(
    _ key: String, limit: Int, nullable: Bool = true
  ) -> SentField<[JSONValue]> {
    guard case .value(let sent) = raw(key, nullable: nullable) else {
      return nullable && members[key]?.isNull == true ? .null : .absent
    }
    guard let elements = sent.arrayValue else {
      errors.add([key], "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
      return .absent
    }
    guard elements.count <= limit else {
      addLength([key], 0...limit)
      return .absent
    }
    return .value(elements)
  }

  /// Reads each object of a list with complaints below `key.index`.
  mutating func each<Value>(
    _ elements: [JSONValue], of key: String, _ read: (inout BodyReader) -> Value?
  ) -> [Value] {
    var result: [Value] = []
    for (index, element) in elements.enumerated() {
      let path = [key, String(index)]
      guard let members = element.objectValue else {
        errors.add(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        continue
      }
      var reader = BodyReader(members)
      let value = read(&reader)
      errors.add(reader.errors, below: path)
      if let value, reader.errors.isEmpty { result.append(value) }
    }
    return result
  }

  /// Reads an object with complaints below `key`.
  mutating func object<Value>(
    _ value: JSONValue, of key: String, _ read: (inout BodyReader) -> Value?
  ) -> Value? {
    guard let members = value.objectValue else {
      errors.add([key], "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
      return nil
    }
    var reader = BodyReader(members)
    let result = read(&reader)
    errors.add(reader.errors, below: [key])
    return reader.errors.isEmpty ? result : nil
  }

  /// Complains about a required field that is missing.
  mutating func require(_ key: String) {
    guard members[key] == nil else { return }
    errors.add([key], "BASE_TYPE_REQUIRED", "This field is required")
  }
}

extension JSONValue {
  /// A string without its quotation marks, anything else as JSON: how Discord quotes a value.
  fileprivate var plainText: String { stringValue ?? serializedText() }
}
