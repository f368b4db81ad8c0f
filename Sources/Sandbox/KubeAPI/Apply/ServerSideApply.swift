import JSONValue

/// The field-manager rules of server-side apply (KEP-555), on values.
enum ServerSideApply {
  struct Outcome {
    var object: JSONValue
    var managers: FieldManagers
  }

  /// Fields that belong to the server and that nobody owns.
  private static let unowned: FieldSet = {
    var set = FieldSet()
    set.children[.field("apiVersion")] = .leaf
    set.children[.field("kind")] = .leaf
    var metadata = FieldSet()
    for name in [
      "name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation",
      "managedFields", "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds",
    ] {
      metadata.children[.field(name)] = .leaf
    }
    set.children[.field("metadata")] = metadata
    return set
  }()

  private static func owned(_ fields: FieldSet, isStatusWrite: Bool, hasStatus: Bool) -> FieldSet {
    var result = fields.removingTrees(unowned)
    if hasStatus {
      if isStatusWrite {
        result.children = result.children.filter { $0.key == .field("status") }
      } else {
        result.children[.field("status")] = nil
      }
    }
    // `metadata` itself is always there and nobody's.
    result.children[.field("metadata")]?.isMember = false
    if result.children[.field("metadata")]?.children.isEmpty ?? false {
      result.children[.field("metadata")] = nil
    }
    return result
  }

  /// Applies a configuration over a live object (nil: the object is new).
  static func apply(
    _ configuration: JSONValue, to live: JSONValue?, managers: FieldManagers,
    as identity: FieldManagers.Identity, force: Bool, schema: SchemaNode?, hasStatus: Bool,
    now: KubeTime
  ) throws(APIStatusError) -> Outcome {
    let isStatusWrite = identity.subresource == "status"
    let applied = owned(
      TypedFields.fields(of: configuration, schema), isStatusWrite: isStatusWrite,
      hasStatus: hasStatus)
    var managers = managers
    var merged = TypedFields.merge(live, configuration, schema)
    if let live {
      let changed = TypedFields.changed(from: live, to: merged, schema)
      let conflicts = managers.others(than: identity).compactMap { entry in
        let common = entry.fields.intersection(changed)
        return common.isEmpty ? nil : (entry.identity, common)
      }
      if !conflicts.isEmpty, !force { throw conflict(conflicts) }
      for (_, fields) in conflicts { managers.take(fields, fromAllBut: identity) }
    }
    // Whoever owns something keeps the objects that it is in.
    let dropped = managers.fields(of: identity).closed.subtracting(applied.closed)
      .subtracting(managers.fields(besides: identity).closed)
    if !dropped.isEmpty {
      merged = TypedFields.removing(dropped, from: merged, schema) ?? merged
    }
    managers.set(applied, of: identity, now: now)
    return Outcome(object: merged, managers: managers)
  }

  /// Who owns what after a write that was no apply.
  static func update(
    from live: JSONValue?, to object: JSONValue, managers: FieldManagers,
    as identity: FieldManagers.Identity, schema: SchemaNode?, hasStatus: Bool, now: KubeTime
  ) -> FieldManagers {
    var managers = managers
    let isStatusWrite = identity.subresource == "status"
    let changed: FieldSet
    if let live {
      changed = TypedFields.changed(from: live, to: object, schema)
      managers.forget(TypedFields.removed(from: live, to: object, schema))
    } else {
      changed = TypedFields.fields(of: object, schema, withContainers: true)
    }
    let mine = owned(changed, isStatusWrite: isStatusWrite, hasStatus: hasStatus)
    guard !mine.isEmpty else { return managers }
    managers.take(mine, fromAllBut: identity)
    managers.set(managers.fields(of: identity).union(mine), of: identity, now: now)
    return managers
  }

  private static func conflict(
    _ conflicts: [(FieldManagers.Identity, FieldSet)]
  ) -> APIStatusError {
    var causes: [JSONValue] = []
    var groups: [String] = []
    for (identity, fields) in conflicts {
      let message = "conflict with \(describe(identity))"
      let paths = fields.paths
      for path in paths {
        causes.append([
          "reason": "FieldManagerConflict", "message": .string(message), "field": .string(path),
        ])
      }
      groups.append(
        paths.count == 1
          ? "\(message): \(paths[0])"
          : "conflicts with \(describe(identity)):\n"
            + paths.map { "- \($0)" }.joined(separator: "\n"))
    }
    let noun = causes.count == 1 ? "conflict" : "conflicts"
    return APIStatusError(
      code: 409, reason: "Conflict",
      message: "Apply failed with \(causes.count) \(noun): \(groups.joined(separator: "\n"))",
      details: ["causes": .array(causes)])
  }

  private static func describe(_ identity: FieldManagers.Identity) -> String {
    var who = "\"\(identity.name)\""
    if !identity.subresource.isEmpty { who += " with subresource \"\(identity.subresource)\"" }
    if identity.operation == "Update" { who += " using \(identity.apiVersion)" }
    return who
  }
}
