import JSONValue

/// Checks a value against a structural schema. The wording is that of
/// `k8s.io/apiextensions-apiserver/pkg/apiserver/validation`, as users meet it.
struct SchemaValidation {
  private(set) var errors: [FieldError] = []

  static func errors(of value: JSONValue, by schema: SchemaNode, at path: String = "")
    -> [FieldError]
  {
    var validation = SchemaValidation()
    validation.check(value, schema, path)
    return validation.errors
  }

  private mutating func check(_ value: JSONValue, _ schema: SchemaNode, _ path: String) {
    if value.isNull, schema.isNullable { return }
    checkType(value, schema, path)
    if let allowed = schema.enumeration, !allowed.contains(value) {
      // The API server shows every choice in quotes, numbers too.
      let names = allowed.map { "\"\($0.stringValue ?? $0.serializedText())\"" }
        .joined(separator: ", ")
      fail(.notSupported, path, value, "supported values: \(names)")
    }
    switch value {
    case .string(let text): checkString(text, schema, path)
    case .integer, .double: checkNumber(value, schema, path)
    case .array(let elements): checkArray(elements, schema, path)
    case .object(let members): checkObject(members, schema, path)
    default: break
    }
    checkCombinations(value, schema, path)
  }

  private mutating func fail(
    _ kind: FieldError.Kind, _ path: String, _ value: JSONValue?, _ detail: String
  ) {
    errors.append(FieldError(kind, path.isEmpty ? "<nil>" : path, value: value, detail))
  }

  private mutating func checkType(_ value: JSONValue, _ schema: SchemaNode, _ path: String) {
    let found = Self.typeName(value)
    if schema.isIntOrString {
      if found != "integer", found != "string" { failType("integer,string", found, path) }
      return
    }
    guard let wanted = schema.type else { return }
    let fits =
      wanted == found || (wanted == "number" && found == "integer")
      || (wanted == "integer" && value.integerValue != nil)
    if !fits { failType(wanted, found, path) }
  }

  private mutating func failType(_ wanted: String, _ found: String, _ path: String) {
    errors.append(
      FieldError(
        .typeInvalid, path.isEmpty ? "<nil>" : path, text: "\"\(found)\"",
        "\(path) in body must be of type \(wanted): \"\(found)\""))
  }

  private static func typeName(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool: "boolean"
    case .integer: "integer"
    case .double: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }

  private mutating func checkString(_ text: String, _ schema: SchemaNode, _ path: String) {
    let length = text.unicodeScalars.count
    if let most = schema.count("maxLength"), length > most {
      fail(.tooLong, path, nil, "may not be longer than \(most)")
    }
    if let least = schema.count("minLength"), length < least {
      fail(
        .invalid, path, .string(text), "\(path) in body should be at least \(least) chars long")
    }
    if let pattern = schema.pattern, !SchemaPattern.matches(pattern, text) {
      fail(.invalid, path, .string(text), "\(path) in body should match '\(pattern)'")
    }
    if let format = schema.format, !SchemaFormat.accepts(text, as: format) {
      fail(
        .invalid, path, .string(text),
        "\(path) in body must be of type \(format): \(FieldError.text(.string(text)))")
    }
  }

  private mutating func checkNumber(_ value: JSONValue, _ schema: SchemaNode, _ path: String) {
    guard let number = value.doubleValue else { return }
    if let most = schema.number("maximum") {
      let isExclusive = schema.raw["exclusiveMaximum"]?.boolValue ?? false
      if number > most || (isExclusive && number == most) {
        let words = isExclusive ? "less than" : "less than or equal to"
        fail(.invalid, path, value, "\(path) in body should be \(words) \(Self.plain(most))")
      }
    }
    if let least = schema.number("minimum") {
      let isExclusive = schema.raw["exclusiveMinimum"]?.boolValue ?? false
      if number < least || (isExclusive && number == least) {
        let words = isExclusive ? "greater than" : "greater than or equal to"
        fail(.invalid, path, value, "\(path) in body should be \(words) \(Self.plain(least))")
      }
    }
    if let factor = schema.number("multipleOf"), factor > 0,
      number.truncatingRemainder(dividingBy: factor) != 0
    {
      fail(.invalid, path, value, "\(path) in body should be a multiple of \(Self.plain(factor))")
    }
  }

  /// A limit as Go's `%v` shows a float64.
  private static func plain(_ number: Double) -> String {
    Int64(exactly: number).map { String($0) } ?? number.description
  }

  private mutating func checkArray(
    _ elements: [JSONValue], _ schema: SchemaNode, _ path: String
  ) {
    if let most = schema.count("maxItems"), elements.count > most {
      fail(
        .tooMany, path, .integer(Int64(elements.count)), "must have at most \(most) items")
    }
    if let least = schema.count("minItems"), elements.count < least {
      fail(
        .invalid, path, .integer(Int64(elements.count)),
        "\(path) in body should have at least \(least) items")
    }
    checkDuplicates(elements, schema, path)
    guard let items = schema.items else { return }
    for (position, element) in elements.enumerated() {
      check(element, items, "\(path)[\(position)]")
    }
  }

  private mutating func checkDuplicates(
    _ elements: [JSONValue], _ schema: SchemaNode, _ path: String
  ) {
    var seen: Set<JSONValue> = []
    for (position, element) in elements.enumerated() {
      let identity: JSONValue
      switch schema.listType {
      case .atomic: return
      case .set: identity = element
      case .map(let keys):
        var members: [String: JSONValue] = [:]
        for key in keys {
          members[key] = element[key] ?? schema.items?.properties[key]?.defaultValue
        }
        identity = .object(members)
      }
      if !seen.insert(identity).inserted {
        fail(.duplicate, "\(path)[\(position)]", identity, "")
      }
    }
  }

  private mutating func checkObject(
    _ members: [String: JSONValue], _ schema: SchemaNode, _ path: String
  ) {
    let prefix = path.isEmpty ? "" : "\(path)."
    for name in schema.required where members[name] == nil {
      fail(.required, prefix + name, nil, "")
    }
    if let most = schema.count("maxProperties"), members.count > most {
      fail(.tooMany, path, .integer(Int64(members.count)), "must have at most \(most) items")
    }
    if let least = schema.count("minProperties"), members.count < least {
      fail(
        .invalid, path, .integer(Int64(members.count)),
        "\(path) in body should have at least \(least) properties")
    }
    for name in members.keys.sorted() {
      guard let child = schema.child(name), let member = members[name] else { continue }
      check(member, child, prefix + name)
    }
  }

  private mutating func checkCombinations(
    _ value: JSONValue, _ schema: SchemaNode, _ path: String
  ) {
    for part in schema.allOf { check(value, part, path) }
    let shown: JSONValue? = value.objectValue == nil && value.arrayValue == nil ? value : ""
    if !schema.anyOf.isEmpty,
      !schema.anyOf.contains(where: { Self.errors(of: value, by: $0, at: path).isEmpty })
    {
      fail(.invalid, path, shown, "\"\(path)\" must validate at least one schema (anyOf)")
      errors += Self.nearest(to: value, schema.anyOf, path)
    }
    if !schema.oneOf.isEmpty {
      let fitting = schema.oneOf.filter { Self.errors(of: value, by: $0, at: path).isEmpty }.count
      if fitting != 1 {
        let found = fitting == 0 ? "Found none valid" : "Found \(fitting) valid alternatives"
        fail(
          .invalid, path, shown,
          "\"\(path)\" must validate one and only one schema (oneOf). \(found)")
        if fitting == 0 { errors += Self.nearest(to: value, schema.oneOf, path) }
      }
    }
    if let not = schema.not, Self.errors(of: value, by: not, at: path).isEmpty {
      fail(.invalid, path, shown, "\"\(path)\" must not validate the schema (not)")
    }
  }

  /// What the alternative that fits best lacks, the first of several: the API server says it as well.
  private static func nearest(
    to value: JSONValue, _ alternatives: [SchemaNode], _ path: String
  ) -> [FieldError] {
    alternatives.map { errors(of: value, by: $0, at: path) }.min { $0.count < $1.count } ?? []
  }
}
