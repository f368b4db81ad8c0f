import JSONValue

/// One object of a control request or of a saved state, read strictly: a member that nobody knows,
/// a wrong type and a number out of range are complaints that name the member, for who misspells a
/// setting shall not test something else for hours. Null is a wrong type unless said otherwise.
struct ControlBody: Sendable {
  private let members: [String: JSONValue]
  /// Where the object stands, such as `fault` or `guilds[0].roles[2]`; empty for the body itself.
  private let path: String

  /// Reads an object that may have these members and no others.
  init(
    _ json: JSONValue, at path: String = "", members known: some Sequence<String>
  ) throws(ControlError) {
    guard let members = json.objectValue else {
      throw ControlError(
        message: path.isEmpty ? "the body must be an object" : "\"\(path)\" must be an object")
    }
    self.members = members
    self.path = path
    let known = Set(known)
    guard let stranger = members.keys.filter({ !known.contains($0) }).min() else { return }
    let place = path.isEmpty ? "" : " of \"\(path)\""
    let list =
      known.isEmpty ? "there are none" : "there are " + known.sorted().joined(separator: ", ")
    throw ControlError(message: "unknown member \"\(stranger)\"\(place): \(list)")
  }

  /// The names of the members that are there.
  var names: Set<String> { Set(members.keys) }

  /// The value as it was sent.
  subscript(key: String) -> JSONValue? { members[key] }

  /// The member's name with its path, for complaints.
  func label(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// A complaint about a member.
  func complaint(_ key: String, _ what: String) -> ControlError {
    ControlError(message: "\"\(label(key))\" \(what)")
  }

  /// What one of the other methods read, or the complaint that it is missing.
  func required<Value>(_ key: String, _ value: Value?) throws(ControlError) -> Value {
    guard let value else { throw complaint(key, "is missing") }
    return value
  }

  /// A text of so many characters.
  func text(_ key: String, length: ClosedRange<Int> = 1...1_000) throws(ControlError) -> String? {
    guard let sent = members[key] else { return nil }
    guard let text = sent.stringValue, length.contains(text.unicodeScalars.count) else {
      let range = "\(length.lowerBound) to \(length.upperBound)"
      throw complaint(key, "must be a text of \(range) characters")
    }
    return text
  }

  /// True or false.
  func truth(_ key: String) throws(ControlError) -> Bool? {
    guard let sent = members[key] else { return nil }
    guard let truth = sent.boolValue else { throw complaint(key, "must be true or false") }
    return truth
  }

  /// A whole number in a range.
  func whole(_ key: String, in range: ClosedRange<Int64>) throws(ControlError) -> Int64? {
    guard let sent = members[key] else { return nil }
    guard let number = sent.integerValue, range.contains(number) else {
      throw complaint(
        key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A time in seconds, given in microseconds.
  func seconds(_ key: String, in range: ClosedRange<Double>) throws(ControlError) -> Int64? {
    guard let sent = members[key] else { return nil }
    guard let number = sent.doubleValue, range.contains(number) else {
      throw complaint(key, "must be a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return Int64(number * 1_000_000)
  }

  /// A number from 0 to 1.
  func chance(_ key: String) throws(ControlError) -> Double? {
    guard let sent = members[key] else { return nil }
    guard let number = sent.doubleValue, (0...1).contains(number) else {
      throw complaint(key, "must be a number from 0 to 1")
    }
    return number
  }

  /// An identifier.
  func snowflake(_ key: String) throws(ControlError) -> Snowflake? {
    guard let sent = members[key] else { return nil }
    return try snowflake(sent, key)
  }

  /// A list of identifiers.
  func snowflakes(_ key: String) throws(ControlError) -> [Snowflake]? {
    guard let elements = try list(key) else { return nil }
    var result: [Snowflake] = []
    for (index, element) in elements.enumerated() {
      result.append(try snowflake(element, "\(key)[\(index)]"))
    }
    return result
  }

  /// Half of all 64-bit numbers: the next identifier must be higher than any that is there.
  private func snowflake(_ sent: JSONValue, _ key: String) throws(ControlError) -> Snowflake {
    guard let id = Snowflake(json: sent), id.raw <= UInt64(Int64.max) else {
      throw complaint(key, "must be an identifier: 1 to 19 digits as a text")
    }
    return id
  }

  /// A permission mask.
  func permissions(_ key: String) throws(ControlError) -> PermissionBits? {
    guard let sent = members[key] else { return nil }
    guard let bits = PermissionBits(json: sent) else {
      throw complaint(key, "must be a permission mask such as \"8\"")
    }
    return bits
  }

  /// One of the texts of an enumeration.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String
  ) throws(ControlError) -> Choice? where Choice.RawValue == String {
    guard let sent = members[key] else { return nil }
    return try ControlError.choice(sent, label(key))
  }

  /// A list.
  func list(_ key: String) throws(ControlError) -> [JSONValue]? {
    guard let sent = members[key] else { return nil }
    guard let elements = sent.arrayValue else { throw complaint(key, "must be a list") }
    return elements
  }

  /// A list of texts.
  func texts(_ key: String) throws(ControlError) -> [String]? {
    guard let elements = try list(key) else { return nil }
    let texts = elements.compactMap(\.stringValue)
    guard texts.count == elements.count else { throw complaint(key, "must be a list of texts") }
    return texts
  }

  /// An object inside of this one.
  func object(
    _ key: String, members: some Sequence<String>
  ) throws(ControlError) -> ControlBody? {
    guard let sent = self.members[key] else { return nil }
    return try ControlBody(sent, at: label(key), members: members)
  }

  /// Each element of a list, read by a function that is told where the element stands.
  func each<Value>(
    _ key: String, _ read: (JSONValue, String) throws(ControlError) -> Value
  ) throws(ControlError) -> [Value] {
    var result: [Value] = []
    for (index, element) in (try list(key) ?? []).enumerated() {
      result.append(try read(element, "\(label(key))[\(index)]"))
    }
    return result
  }
}
