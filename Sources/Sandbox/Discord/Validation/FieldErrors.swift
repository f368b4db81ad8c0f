package import JSONValue

/// Complaints about single fields of a request, collected until all fields were looked at, for
/// Discord answers with all of them at once.
package struct FieldErrors: Sendable, Hashable {
  /// One complaint.
  package struct Entry: Sendable, Hashable {
    /// Member names and array indexes from the body's root; empty for the body itself.
    var path: [String]
    /// Discord's inner code, such as `BASE_TYPE_REQUIRED`.
    var code: String
    /// The text for people.
    var message: String
  }

  /// In the order in which they were found.
  package private(set) var entries: [Entry] = []

  /// No complaints.
  package init() {}

  /// Whether nothing was found.
  package var isEmpty: Bool { entries.isEmpty }

  /// Adds a complaint.
  package mutating func add(_ path: [String], _ code: String, _ message: String) {
    entries.append(Entry(path: path, code: code, message: message))
  }

  /// Takes over the complaints of another list, below a path.
  mutating func add(_ others: FieldErrors, below prefix: [String]) {
    for entry in others.entries { add(prefix + entry.path, entry.code, entry.message) }
  }

  /// The `errors` member of an answer: nested objects, array indexes as keys, and lists under
  /// `_errors`.
  package var json: JSONValue {
    var result: JSONValue = .object([:])
    for entry in entries {
      let path = entry.path + ["_errors"]
      var list = result.value(at: path)?.arrayValue ?? []
      list.append(["code": .string(entry.code), "message": .string(entry.message)])
      result.set(.array(list), at: path)
    }
    return result
  }
}
