package import JSONValue

/// One field that differs between two states of an object.
package struct FieldChange: Sendable, Hashable {
  /// Member names and element numbers, unescaped.
  package let path: [String]
  /// What was there; nil when nothing was.
  package let before: JSONValue?
  /// What is there then; nil when nothing is.
  package let after: JSONValue?

  /// Every change from one state to another, in the order of the paths. A member that is new is one
  /// change however large it is.
  package static func between(_ before: JSONValue, _ after: JSONValue) -> [FieldChange] {
    var found: [FieldChange] = []
    compare(before, after, [], &found)
    return found
  }

  private static func compare(
    _ before: JSONValue?, _ after: JSONValue?, _ path: [String], _ found: inout [FieldChange]
  ) {
    guard before != after else { return }
    switch (before, after) {
    case (.object(let old), .object(let new)):
      for name in Set(old.keys).union(new.keys).sorted() {
        compare(old[name], new[name], path + [name], &found)
      }
    case (.array(let old), .array(let new)) where old.count == new.count:
      for position in old.indices {
        compare(old[position], new[position], path + ["\(position)"], &found)
      }
    default: found.append(FieldChange(path: path, before: before, after: after))
    }
  }

  /// As an RFC 6901 pointer.
  package var pointer: String {
    path.map {
      "/"
        + $0.split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0")
        .split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1")
    }.joined()
  }

  /// As people write it: `spec.template.spec.containers[provider].resources.limits.memory`.
  ///
  /// - Parameter object: gives the names of the elements of lists.
  package func readablePath(in object: JSONValue) -> String {
    var text = ""
    var current: JSONValue? = object
    for name in path {
      if current?.arrayValue != nil, let position = Int(name) {
        current = current?[position]
        text += "[\(current?["name"]?.stringValue ?? name)]"
      } else {
        current = current?[name]
        let isPlain = name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
        text += isPlain ? (text.isEmpty ? name : ".\(name)") : "[\"\(name)\"]"
      }
    }
    return text
  }
}
