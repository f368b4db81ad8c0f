import JSONValue

/// Who owns which fields: `metadata.managedFields` as a value.
struct FieldManagers: Sendable, Hashable {
  struct Identity: Sendable, Hashable {
    let name: String
    /// `Apply` or `Update`.
    let operation: String
    let subresource: String
    var apiVersion: String
  }

  struct Entry: Sendable, Hashable {
    var identity: Identity
    var time: String
    var fields: FieldSet
  }

  private(set) var entries: [Entry]

  init() { entries = [] }

  init(_ value: JSONValue?) {
    entries = (value?.arrayValue ?? []).compactMap { entry in
      guard let name = entry["manager"]?.stringValue,
        let operation = entry["operation"]?.stringValue, let fields = entry["fieldsV1"]
      else { return nil }
      return Entry(
        identity: Identity(
          name: name, operation: operation,
          subresource: entry["subresource"]?.stringValue ?? "",
          apiVersion: entry["apiVersion"]?.stringValue ?? ""),
        time: entry["time"]?.stringValue ?? "", fields: FieldSet(fieldsV1: fields))
    }
  }

  var value: JSONValue? {
    guard !entries.isEmpty else { return nil }
    // The order of the API server: Apply before Update, then by time and name.
    let sorted = entries.sorted { left, right in
      (left.identity.operation, left.time, left.identity.name, left.identity.subresource)
        < (right.identity.operation, right.time, right.identity.name, right.identity.subresource)
    }
    return .array(
      sorted.map { entry in
        var value: JSONValue = [
          "manager": .string(entry.identity.name),
          "operation": .string(entry.identity.operation),
          "apiVersion": .string(entry.identity.apiVersion), "time": .string(entry.time),
          "fieldsType": "FieldsV1", "fieldsV1": entry.fields.fieldsV1,
        ]
        if !entry.identity.subresource.isEmpty {
          value["subresource"] = .string(entry.identity.subresource)
        }
        return value
      })
  }

  func fields(of identity: Identity) -> FieldSet {
    entries.first { Self.isSame($0.identity, identity) }?.fields ?? FieldSet()
  }

  /// The fields that any other manager owns.
  func fields(besides identity: Identity) -> FieldSet {
    entries.filter { !Self.isSame($0.identity, identity) }
      .reduce(FieldSet()) { $0.union($1.fields) }
  }

  func others(than identity: Identity) -> [Entry] {
    entries.filter { !Self.isSame($0.identity, identity) }
  }

  mutating func set(_ fields: FieldSet, of identity: Identity, now: KubeTime) {
    if let place = entries.firstIndex(where: { Self.isSame($0.identity, identity) }) {
      guard entries[place].fields != fields else { return }
      if fields.isEmpty {
        entries.remove(at: place)
      } else {
        entries[place] = Entry(identity: identity, time: now.text, fields: fields)
      }
    } else if !fields.isEmpty {
      entries.append(Entry(identity: identity, time: now.text, fields: fields))
    }
  }

  mutating func take(_ fields: FieldSet, fromAllBut identity: Identity) {
    for place in entries.indices where !Self.isSame(entries[place].identity, identity) {
      entries[place].fields = entries[place].fields.subtracting(fields)
    }
    entries.removeAll { $0.fields.isEmpty }
  }

  mutating func forget(_ trees: FieldSet) {
    for place in entries.indices {
      entries[place].fields = entries[place].fields.removingTrees(trees)
    }
    entries.removeAll { $0.fields.isEmpty }
  }

  private static func isSame(_ left: Identity, _ right: Identity) -> Bool {
    left.name == right.name && left.operation == right.operation
      && left.subresource == right.subresource
  }
}
