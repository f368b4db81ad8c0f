import JSONValue

/// Strategic merge patches for built-in kinds: as a merge patch, but lists with a merge key are
/// merged by that key and directives are obeyed.
enum StrategicMergePatch {
  /// The merge key of a list by its field's name, as the `patchMergeKey` tags of `k8s.io/api` say.
  private static let mergeKeys: [String: String] = [
    "containers": "name", "initContainers": "name", "ephemeralContainers": "name",
    "volumes": "name", "env": "name", "imagePullSecrets": "name", "secrets": "name",
    "volumeMounts": "mountPath", "volumeDevices": "devicePath", "conditions": "type",
    "ownerReferences": "uid", "hostAliases": "ip",
  ]
  /// Lists of scalars that are merged as sets.
  private static let mergedScalars: Set<String> = ["finalizers"]

  static func apply(
    _ patch: JSONValue, to original: JSONValue
  ) throws(APIStatusError) -> JSONValue {
    guard case .object(let changes) = patch else { return patch }
    switch changes["$patch"]?.stringValue {
    case "replace":
      var replaced = changes
      replaced["$patch"] = nil
      return .object(replaced)
    case "delete": return .object([:])
    case nil, "merge": break
    case let directive?:
      throw .badRequest("Unknown patch type: \(directive) for map")
    }
    var members = original.objectValue ?? [:]
    for (name, change) in changes where !name.hasPrefix("$") {
      if change.isNull {
        members[name] = nil
      } else if case .array(let list) = change {
        members[name] = .array(
          try merge(list, into: members[name]?.arrayValue ?? [], field: name))
      } else if change.objectValue != nil {
        members[name] = try apply(change, to: members[name] ?? .object([:]))
      } else {
        members[name] = change
      }
    }
    if let kept = changes["$retainKeys"]?.arrayValue {
      let names = Set(kept.compactMap(\.stringValue))
      members = members.filter { names.contains($0.key) }
    }
    for (name, change) in changes {
      if let field = name.suffix(after: "$deleteFromPrimitiveList/") {
        let gone = Set(change.arrayValue ?? [])
        members[field] = .array((members[field]?.arrayValue ?? []).filter { !gone.contains($0) })
      }
      if let field = name.suffix(after: "$setElementOrder/") {
        members[field] = ordered(members[field], by: change, field: field)
      }
    }
    return .object(members)
  }

  private static func merge(
    _ changes: [JSONValue], into original: [JSONValue], field: String
  ) throws(APIStatusError) -> [JSONValue] {
    if mergedScalars.contains(field) {
      return original + changes.filter { !original.contains($0) }
    }
    guard let key = key(field, changes) else { return changes }
    if changes.contains(where: { $0["$patch"] == "replace" }) {
      return changes.filter { $0["$patch"] == nil }
    }
    var result = original
    for change in changes {
      guard let identity = change[key] else {
        throw .badRequest(
          "map: \(change.serializedText()) does not contain declared merge key: \(key)")
      }
      let place = result.firstIndex { $0[key] == identity }
      if change["$patch"] == "delete" {
        if let place { result.remove(at: place) }
      } else if let place {
        result[place] = try apply(change, to: result[place])
      } else {
        result.append(try apply(change, to: .object([:])))
      }
    }
    return result
  }

  private static func key(_ field: String, _ changes: [JSONValue]) -> String? {
    // A container's ports are merged by containerPort, a service's by port.
    if field == "ports" {
      return changes.contains { $0["containerPort"] != nil } ? "containerPort" : "port"
    }
    return mergeKeys[field]
  }

  private static func ordered(
    _ value: JSONValue?, by order: JSONValue, field: String
  ) -> JSONValue? {
    guard let list = value?.arrayValue, let wanted = order.arrayValue else { return value }
    func identity(_ element: JSONValue) -> JSONValue {
      key(field, [element]).flatMap { element[$0] } ?? element
    }
    let places = Dictionary(
      wanted.enumerated().map { (identity($1), $0) }, uniquingKeysWith: { first, _ in first })
    let listed = list.filter { places[identity($0)] != nil }
      .sorted { (places[identity($0)] ?? 0) < (places[identity($1)] ?? 0) }
    return .array(listed + list.filter { places[identity($0)] == nil })
  }
}

extension String {
  fileprivate func suffix(after prefix: String) -> String? {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }
}
