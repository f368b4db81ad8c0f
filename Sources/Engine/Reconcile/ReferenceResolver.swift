package import JSONValue
package import KubeWatch

/// Fills the fields of `spec.forProvider` that are given as references to other resources.
package struct ReferenceResolver: Sendable {
  /// What came of it.
  package enum Resolution: Sendable {
    /// Every reference is filled.
    case resolved(JSONValue)
    /// Something that is referred to is not there yet.
    case waiting(String)
    /// The spec can't be right, whatever else happens.
    case invalid(field: String, message: String)
  }

  /// What a resource refers to; a change of it wakes the resource.
  package enum Target: Sendable, Hashable {
    case object(ResourceKey)
    /// Any object of the kind in the namespace: a selector may match it.
    case anyOf(kind: String, namespace: String)
  }

  private let find: @Sendable (ResourceKey) -> StoredObject?
  private let list: @Sendable (_ kind: String, _ namespace: String) -> [StoredObject]

  /// Makes a resolver over the store.
  package init(
    find: @escaping @Sendable (ResourceKey) -> StoredObject?,
    list: @escaping @Sendable (_ kind: String, _ namespace: String) -> [StoredObject]
  ) {
    self.find = find
    self.list = list
  }

  /// Resolves all references of a rule.
  package func resolve(
    _ forProvider: JSONValue, references: [RuleReference], namespace: String
  ) -> (resolution: Resolution, targets: Set<Target>) {
    var walk = Walk(resolver: self, namespace: namespace)
    var value = forProvider
    for reference in references {
      let field = Self.path(reference.field)
      walk.fill(&value, field: field, below: [], with: reference)
    }
    if let invalid = walk.invalid { return (invalid, walk.targets) }
    if let waiting = walk.waiting { return (.waiting(waiting), walk.targets) }
    return (.resolved(value), walk.targets)
  }

  /// `permissionOverwrites[].id` as `["permissionOverwrites", "[]", "id"]`.
  private static func path(_ text: String) -> [String] {
    text.split(separator: ".").flatMap { part -> [String] in
      part.hasSuffix("[]") ? [String(part.dropLast(2)), "[]"] : [String(part)]
    }
  }

  private struct Walk {
    let resolver: ReferenceResolver
    let namespace: String
    var targets: Set<Target> = []
    var waiting: String?
    var invalid: Resolution?

    mutating func fill(
      _ value: inout JSONValue, field: [String], below path: [String],
      with reference: RuleReference
    ) {
      guard let name = field.first else { return }
      if name == "[]" {
        guard case .array(var elements) = value else { return }
        for position in elements.indices {
          fill(
            &elements[position], field: Array(field.dropFirst()),
            below: path.dropLast() + ["\(path.last ?? "")[\(position)]"], with: reference)
        }
        value = .array(elements)
        return
      }
      if field.count > 1 {
        guard var child = value[name] else { return }
        fill(&child, field: Array(field.dropFirst()), below: path + [name], with: reference)
        value[name] = child
        return
      }
      fillLeaf(&value, name: name, below: path, with: reference)
    }

    private mutating func fillLeaf(
      _ value: inout JSONValue, name: String, below path: [String], with reference: RuleReference
    ) {
      let full = (["spec", "forProvider"] + path + [name]).joined(separator: ".")
      let referenceName = Self.last(reference.reference)
      if let target = value[referenceName]?["name"]?.stringValue {
        let place = value[referenceName]?["namespace"]?.stringValue ?? namespace
        let key = ResourceKey(
          kind: reference.kind, object: ObjectKey(namespace: place, name: target))
        targets.insert(.object(key))
        let object = resolver.find(key)
        if let id = Self.externalName(object) {
          value[name] = .string(id)
        } else {
          let why = object == nil ? "there is no such object" : "it has no external name yet"
          waiting = waiting ?? "waiting for \(key): \(why)"
        }
      } else if let selector = reference.selector.map(Self.last),
        let labels = value[selector]?["matchLabels"]?.objectValue
      {
        select(labels, into: &value, name: name, full: full, reference: reference)
      } else if reference.isRequired, value[name]?.stringValue?.isEmpty ?? true {
        invalid = .invalid(
          field: full,
          message: reference.selector.map { "give \(name), \(referenceName) or \(Self.last($0))" }
            ?? "give \(name) or \(referenceName)")
      }
    }

    private mutating func select(
      _ labels: [String: JSONValue], into value: inout JSONValue, name: String, full: String,
      reference: RuleReference
    ) {
      targets.insert(.anyOf(kind: reference.kind, namespace: namespace))
      let matches = resolver.list(reference.kind, namespace).filter { object in
        !object.isDeleting && labels.allSatisfy { object.labels[$0.key] == $0.value.stringValue }
      }
      let wanted = labels.map { "\($0.key)=\($0.value.stringValue ?? "")" }.sorted()
        .joined(separator: ",")
      guard matches.count <= 1 else {
        let names = matches.map(\.key.name).sorted().prefix(3).joined(separator: ", ")
        invalid = .invalid(
          field: full,
          message: "the selector \(wanted) matches \(matches.count) \(reference.kind)s "
            + "(\(names)): it must match one")
        return
      }
      if let id = Self.externalName(matches.first) {
        value[name] = .string(id)
      } else {
        waiting =
          waiting ?? "waiting for a \(reference.kind) with the labels \(wanted) in \(namespace)"
      }
    }

    private static func last(_ path: String) -> String {
      path.split(separator: ".").last.map(String.init) ?? path
    }

    private static func externalName(_ object: StoredObject?) -> String? {
      object.flatMap { Annotation.externalName(in: $0.annotations) }
    }
  }
}
