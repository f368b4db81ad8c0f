import JSONValue

/// Reads a table that a script gave, with errors that name the place.
struct TableReader: Sendable {
  let module: String
  let value: JSONValue
  /// `checks[2]`; empty for the whole table.
  let place: String

  func wrong(_ member: String, _ message: String) -> RunbookError {
    RunbookError(module: module, message: "\(path(member)): \(message)")
  }

  /// Refuses members that nothing reads: they are misspelt.
  func knows(_ known: Set<String>) throws(RunbookError) {
    guard let members = value.objectValue else {
      throw RunbookError(
        module: module, message: "\(place.isEmpty ? "the module" : place) must be a table")
    }
    for name in members.keys.sorted() where !known.contains(name) {
      // Functions of the module itself are listed apart and are null here.
      if place.isEmpty, members[name]?.isNull == true { continue }
      throw wrong(
        name, "there is no such member; there are \(known.sorted().joined(separator: ", "))")
    }
  }

  func text(_ member: String) throws(RunbookError) -> String {
    guard let text = value[member]?.stringValue, !text.isEmpty else {
      throw wrong(member, "must be a text")
    }
    return text
  }

  func optionalText(_ member: String) throws(RunbookError) -> String? {
    guard let found = value[member], !found.isNull else { return nil }
    guard let text = found.stringValue else { throw wrong(member, "must be a text") }
    return text
  }

  func truth(_ member: String) throws(RunbookError) -> Bool {
    guard let found = value[member], !found.isNull else { return false }
    guard let truth = found.boolValue else { throw wrong(member, "must be true or false") }
    return truth
  }

  func seconds(_ member: String, standard: Double, most: Double) throws(RunbookError) -> Duration {
    guard let found = value[member], !found.isNull else { return .seconds(standard) }
    guard let seconds = found.doubleValue, seconds > 0, seconds <= most else {
      throw wrong(member, "must be seconds above 0 and at most \(Int(most))")
    }
    return .milliseconds(Int64(seconds * 1000))
  }

  /// The texts of an array; none when it is missing. An empty table is an empty array.
  func texts(_ member: String) throws(RunbookError) -> [String] {
    guard let found = value[member], !found.isNull, found != [:] else { return [] }
    guard let elements = found.arrayValue, elements.allSatisfy({ $0.stringValue != nil }) else {
      throw wrong(member, "must be an array of texts")
    }
    return elements.compactMap(\.stringValue)
  }

  /// The tables of an array.
  func list(_ member: String) throws(RunbookError) -> [TableReader] {
    guard let found = value[member], !found.isNull, found != [:] else { return [] }
    guard let elements = found.arrayValue else { throw wrong(member, "must be an array") }
    return elements.enumerated().map { place, element in
      TableReader(module: module, value: element, place: path("\(member)[\(place + 1)]"))
    }
  }

  /// The tables of a table, by name.
  func members(
    _ member: String
  ) throws(RunbookError) -> [(name: String, reader: TableReader)] {
    guard let found = value[member], !found.isNull else { return [] }
    guard let members = found.objectValue else {
      if found == [] { return [] }
      throw wrong(member, "must be a table with names")
    }
    return members.sorted { $0.key < $1.key }.map { name, value in
      (name, TableReader(module: module, value: value, place: path("\(member).\(name)")))
    }
  }

  private func path(_ member: String) -> String {
    place.isEmpty ? member : "\(place).\(member)"
  }
}
