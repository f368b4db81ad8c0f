/// One place where two values differ.
package struct JSONDifference: Sendable, Hashable {
  /// Member names and element numbers from the root, e.g. `spec.tags.0.name`.
  package let path: String
  /// What was there; nil when nothing was.
  package let before: JSONValue?
  /// What is there now; nil when nothing is.
  package let after: JSONValue?
}

extension JSONValue {
  /// Every place where `other` differs from this value, in the order of the paths.
  package func differences(to other: JSONValue) -> [JSONDifference] {
    var found: [JSONDifference] = []
    Self.compare(self, other, at: [], into: &found)
    return found
  }

  private static func compare(
    _ before: JSONValue?, _ after: JSONValue?, at path: [String],
    into found: inout [JSONDifference]
  ) {
    guard before != after else { return }
    switch (before, after) {
    case (.object(let old), .object(let new)):
      for name in Set(old.keys).union(new.keys).sorted() {
        compare(old[name], new[name], at: path + [name], into: &found)
      }
    case (.array(let old), .array(let new)) where old.count == new.count:
      for position in old.indices {
        compare(old[position], new[position], at: path + [String(position)], into: &found)
      }
    default:
      found.append(
        JSONDifference(path: path.joined(separator: "."), before: before, after: after))
    }
  }
}
