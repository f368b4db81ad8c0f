import JSONValue

/// Fills in what a schema gives as defaults, as the API server does on every write.
enum SchemaDefaulting {
  static func apply(_ schema: SchemaNode, to value: inout JSONValue) {
    switch value {
    case .object(var members):
      for (name, property) in schema.properties {
        guard let fallback = property.defaultValue else { continue }
        // A null where null is not allowed counts as missing when there is a default.
        if members[name] == nil || (members[name] == .null && !property.isNullable) {
          members[name] = fallback
        }
      }
      for (name, member) in members {
        guard let child = schema.child(name) else { continue }
        var changed = member
        apply(child, to: &changed)
        if changed != member { members[name] = changed }
      }
      value = .object(members)
    case .array(let elements):
      guard let items = schema.items else { return }
      value = .array(
        elements.map { element in
          var changed = element
          apply(items, to: &changed)
          return changed
        })
    default: return
    }
  }
}
