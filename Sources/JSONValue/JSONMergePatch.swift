extension JSONValue {
  /// The value with a JSON Merge Patch (RFC 7386) applied: null removes, objects merge, anything
  /// else replaces.
  package func applying(mergePatch patch: JSONValue) -> JSONValue {
    guard case .object(let changes) = patch else { return patch }
    var members = objectValue ?? [:]
    for (name, change) in changes {
      members[name] = change.isNull ? nil : (members[name] ?? .null).applying(mergePatch: change)
    }
    return .object(members)
  }

  /// The smallest merge patch that turns one value into another; `{}` when they are equal.
  package static func mergePatch(from old: JSONValue, to new: JSONValue) -> JSONValue {
    guard case .object(let before) = old, case .object(let after) = new else { return new }
    var patch: [String: JSONValue] = [:]
    for name in before.keys where after[name] == nil { patch[name] = .null }
    for (name, value) in after where before[name] != value {
      patch[name] = mergePatch(from: before[name] ?? .null, to: value)
    }
    return .object(patch)
  }
}
