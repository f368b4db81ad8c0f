import JSONValue

/// Removes what a structural schema does not declare, and says what that was.
enum SchemaPruning {
  /// Prunes an object of the API: `apiVersion`, `kind` and `metadata` always stay.
  static func prune(resource value: inout JSONValue, by schema: SchemaNode) -> [String] {
    var unknown: [String] = []
    prune(&value, by: schema, at: "", isResource: true, into: &unknown)
    return unknown.sorted()
  }

  private static func prune(
    _ value: inout JSONValue, by schema: SchemaNode, at path: String, isResource: Bool,
    into unknown: inout [String]
  ) {
    switch value {
    case .object(var members):
      for (name, member) in members {
        if isResource, ["apiVersion", "kind", "metadata"].contains(name) { continue }
        let place = path.isEmpty ? name : "\(path).\(name)"
        if let child = schema.child(name) {
          var changed = member
          prune(
            &changed, by: child, at: place, isResource: child.isEmbeddedResource, into: &unknown)
          members[name] = changed
        } else if !schema.preservesUnknownFields, !schema.allowsAdditionalProperties {
          members[name] = nil
          unknown.append(place)
        }
      }
      value = .object(members)
    case .array(let elements):
      guard let items = schema.items else { return }
      value = .array(
        elements.enumerated().map { position, element in
          var changed = element
          prune(
            &changed, by: items, at: "\(path)[\(position)]",
            isResource: items.isEmbeddedResource, into: &unknown)
          return changed
        })
    default: return
    }
  }

  /// Drops nulls where the schema does not allow them and a default stands ready; the API server
  /// does this before it fills in defaults.
  static func dropNulls(_ value: inout JSONValue, by schema: SchemaNode) {
    switch value {
    case .object(var members):
      for (name, member) in members {
        guard let child = schema.child(name) else { continue }
        if member.isNull, !child.isNullable, child.defaultValue != nil {
          members[name] = nil
        } else {
          var changed = member
          dropNulls(&changed, by: child)
          members[name] = changed
        }
      }
      value = .object(members)
    case .array(let elements):
      guard let items = schema.items else { return }
      value = .array(
        elements.map { element in
          var changed = element
          dropNulls(&changed, by: items)
          return changed
        })
    default: return
    }
  }
}
