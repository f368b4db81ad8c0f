import JSONValue

/// What structured merge does with values under a schema: the fields of a value, what differs
/// between two values, merging, and taking fields out.
enum TypedFields {
  /// How a value is taken apart.
  private enum Shape {
    case leaf
    case map
    case set
    case keyed([String])

    var isKeyed: Bool {
      if case .keyed = self { return true }
      return false
    }
  }

  private static func shape(_ value: JSONValue, _ schema: SchemaNode?) -> Shape {
    switch value {
    case .object: return schema?.isAtomic ?? false ? .leaf : .map
    case .array:
      switch schema?.listType ?? .atomic {
      case .atomic: return .leaf
      case .set: return .set
      case .map(let keys): return .keyed(keys)
      }
    default: return .leaf
    }
  }

  static func element(
    _ value: JSONValue, keys: [String], schema: SchemaNode?
  ) -> FieldSet.Element {
    var members: [String: JSONValue] = [:]
    for key in keys {
      members[key] = value[key] ?? schema?.items?.properties[key]?.defaultValue
    }
    return .key(JSONValue.object(members).serializedText())
  }

  private static func elements(
    of list: [JSONValue], _ shape: Shape, _ schema: SchemaNode?
  ) -> [(FieldSet.Element, JSONValue)] {
    list.enumerated().map { position, value in
      switch shape {
      case .set: (.value(value.serializedText()), value)
      case .keyed(let keys): (element(value, keys: keys, schema: schema), value)
      default: (.index(position), value)
      }
    }
  }

  /// Every field that a value sets. An apply owns what it names; who makes an object by other means
  /// also owns the objects on the way (`withContainers`).
  static func fields(
    of value: JSONValue, _ schema: SchemaNode?, withContainers: Bool = false
  ) -> FieldSet {
    var result = FieldSet()
    let shape = shape(value, schema)
    switch (shape, value) {
    case (.map, .object(let members)) where !members.isEmpty:
      for (name, member) in members {
        var child = fields(of: member, schema?.child(name), withContainers: withContainers)
        if withContainers || child.children.isEmpty { child.isMember = true }
        result.children[.field(name)] = child
      }
    case (.set, .array(let list)), (.keyed, .array(let list)):
      for (element, value) in elements(of: list, shape, schema) {
        var child =
          shape.isKeyed
          ? fields(of: value, schema?.items, withContainers: withContainers) : FieldSet()
        child.isMember = true
        result.children[element] = child
      }
    default: result.isMember = true
    }
    return result
  }

  /// The fields of `new` that are not in `old` or differ, with the containers that are new.
  static func changed(
    from old: JSONValue?, to new: JSONValue, _ schema: SchemaNode?
  ) -> FieldSet {
    guard let old else {
      var all = fields(of: new, schema, withContainers: true)
      all.isMember = true
      return all
    }
    if old == new { return FieldSet() }
    let newShape = shape(new, schema)
    var result = FieldSet()
    switch (newShape, old, new) {
    case (.map, .object(let before), .object(let after)):
      for (name, member) in after {
        let child = changed(from: before[name], to: member, schema?.child(name))
        if !child.isEmpty { result.children[.field(name)] = child }
      }
    case (.set, .array(let before), .array(let after)),
      (.keyed, .array(let before), .array(let after)):
      let earlier = Dictionary(
        elements(of: before, newShape, schema), uniquingKeysWith: { first, _ in first })
      for (element, value) in elements(of: after, newShape, schema) {
        let child = changed(from: earlier[element], to: value, schema?.items)
        if !child.isEmpty { result.children[element] = child }
      }
    default: result.isMember = true
    }
    return result
  }

  /// The fields of `old` that `new` no longer has.
  static func removed(
    from old: JSONValue, to new: JSONValue, _ schema: SchemaNode?
  ) -> FieldSet {
    var result = FieldSet()
    let oldShape = shape(old, schema)
    switch (oldShape, old, new) {
    case (.map, .object(let before), .object(let after)):
      for (name, member) in before {
        if let other = after[name] {
          let child = removed(from: member, to: other, schema?.child(name))
          if !child.isEmpty { result.children[.field(name)] = child }
        } else {
          result.children[.field(name)] = .leaf
        }
      }
    case (.set, .array(let before), .array(let after)),
      (.keyed, .array(let before), .array(let after)):
      let later = Dictionary(
        elements(of: after, oldShape, schema), uniquingKeysWith: { first, _ in first })
      for (element, value) in elements(of: before, oldShape, schema) {
        if let other = later[element] {
          let child = removed(from: value, to: other, schema?.items)
          if !child.isEmpty { result.children[element] = child }
        } else {
          result.children[element] = .leaf
        }
      }
    default: break
    }
    return result
  }

  /// A live value with an applied configuration laid over it.
  static func merge(
    _ live: JSONValue?, _ applied: JSONValue, _ schema: SchemaNode?
  ) -> JSONValue {
    guard let live else { return applied }
    let shape = shape(applied, schema)
    switch (shape, live, applied) {
    case (.map, .object(let before), .object(let after)):
      var members = before
      for (name, member) in after {
        members[name] = merge(before[name], member, schema?.child(name))
      }
      return .object(members)
    case (.set, .array(let before), .array(let after)),
      (.keyed, .array(let before), .array(let after)):
      var list = elements(of: before, shape, schema)
      for (element, value) in elements(of: after, shape, schema) {
        if let place = list.firstIndex(where: { $0.0 == element }) {
          list[place].1 = merge(list[place].1, value, schema?.items)
        } else {
          list.append((element, value))
        }
      }
      return .array(list.map(\.1))
    default: return applied
    }
  }

  /// A value without the given fields; nil when nothing is left of a container that was in the set.
  static func removing(
    _ fields: FieldSet, from value: JSONValue, _ schema: SchemaNode?
  ) -> JSONValue? {
    let shape = shape(value, schema)
    switch (shape, value) {
    case (.map, .object(var members)):
      for (name, member) in members {
        guard let child = fields.children[.field(name)] else { continue }
        members[name] = below(child, member, schema?.child(name))
      }
      return .object(members)
    case (.set, .array(let list)), (.keyed, .array(let list)):
      return .array(
        elements(of: list, shape, schema).compactMap { element, value in
          guard let child = fields.children[element] else { return value }
          return below(child, value, schema?.items)
        })
    default: return fields.isMember ? nil : value
    }
  }

  private static func below(
    _ fields: FieldSet, _ value: JSONValue, _ schema: SchemaNode?
  ) -> JSONValue? {
    // Nobody else has anything in a container that is to go: what is left in it are defaults.
    fields.isMember ? nil : removing(fields, from: value, schema)
  }
}
