package import JSONValue
import KubeWatch

extension RemediationOperation {
  /// Reads an operation of a plan builder's answer, or of an undo record.
  ///
  /// - Parameter place: where it stands, for messages, such as `ops[1]`.
  package init(parsing value: JSONValue, at place: String) throws(RemediationError) {
    func refuse(_ reason: String) -> RemediationError { RemediationError("\(place): \(reason)") }
    func text(_ path: String...) throws(RemediationError) -> String? {
      guard let found = value.value(at: path), !found.isNull else { return nil }
      guard let text = found.stringValue else {
        throw refuse("\(path.joined(separator: ".")) must be a text, not \(found)")
      }
      return text
    }
    guard let members = value.objectValue else { throw refuse("an operation is a table") }
    let known: Set = [
      "verb", "gvr", "namespace", "name", "patch_type", "body", "preconditions", "note",
      "probe",
    ]
    if let stranger = members.keys.filter({ !known.contains($0) }).min() {
      throw refuse(
        "\(stranger) is no field of an operation: \(known.sorted().joined(separator: ", "))")
    }
    guard let word = try text("verb"), let verb = Verb(rawValue: word) else {
      throw refuse("verb must be one of \(Verb.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    if verb == .probe {
      guard let probe = value["probe"], probe.objectValue != nil else {
        throw refuse("probe must say what is probed, such as { kind = \"breaker\" }")
      }
      self.init(
        .probe, Self.providerType, ObjectKey(name: "provider"), body: probe,
        note: try text("note"))
      return
    }
    guard let version = try text("gvr", "version"), let plural = try text("gvr", "resource"),
      Self.isName(version), Self.isName(plural)
    else {
      throw refuse("gvr must be { group =, version =, resource = } with names as the API has them")
    }
    let group = try text("gvr", "group") ?? ""
    guard group.isEmpty || Self.isName(group) else { throw refuse("gvr.group \(group) is no name") }
    let body = value["body"] ?? [:]
    let namespace = try text("namespace") ?? ""
    guard namespace.isEmpty || Self.isName(namespace) else {
      throw refuse("namespace \(namespace) is no name")
    }
    guard let name = try text("name") ?? body.value(at: "metadata", "name")?.stringValue,
      Self.isName(name)
    else { throw refuse("name must be an object's name") }
    var patchType = PatchType.merge
    if let word = try text("patch_type") {
      guard let known = PatchType(rawValue: word) else {
        throw refuse(
          "patch_type must be one of \(PatchType.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      patchType = known
    }
    self.init(
      verb,
      ResourceType(
        group: group, version: version, kind: "", plural: plural, isNamespaced: !namespace.isEmpty),
      ObjectKey(namespace: namespace, name: name), patchType: patchType, body: body,
      uid: try text("preconditions", "uid"),
      resourceVersion: try text("preconditions", "resourceVersion"), note: try text("note"))
    if let problem = shapeProblem { throw refuse(problem) }
  }

  /// What the verb needs and the body lacks; nil when all is there.
  private var shapeProblem: String? {
    switch verb {
    case .patch:
      switch (patchType, body) {
      case (.json, .array(let operations)) where !operations.isEmpty: nil
      case (.json, _): "body of a json patch must be a list of operations"
      case (_, .object(let members)) where !members.isEmpty: nil
      default: "body of a \(patchType.rawValue) patch must be a table that changes something"
      }
    case .apply, .create:
      if body["apiVersion"]?.stringValue != type.apiVersion || body["kind"]?.stringValue == nil {
        "body must be the whole object: apiVersion \(type.apiVersion), kind, metadata, …"
      } else if body.value(at: "metadata", "name")?.stringValue != key.name {
        "body's metadata.name must be the name, \(key.name)"
      } else if !key.namespace.isEmpty,
        body.value(at: "metadata", "namespace")?.stringValue ?? key.namespace != key.namespace
      {
        "body's metadata.namespace must be the namespace, \(key.namespace)"
      } else {
        nil
      }
    case .annotate:
      if let annotations = body.objectValue, !annotations.isEmpty,
        annotations.values.allSatisfy({ $0.isNull || $0.stringValue != nil })
      {
        nil
      } else {
        "body of annotate must be a table of texts, such as { [\"crossplane.io/paused\"] = \"true\" }"
      }
    case .delete:
      uid == nil
        ? "delete needs preconditions = { uid = … }: the object meant, not a later one" : nil
    case .restart, .probe: nil
    }
  }

  /// The operation as data, as `init(parsing:)` reads it.
  package var json: JSONValue {
    if verb == .probe {
      var value: JSONValue = ["verb": "probe", "probe": body]
      value["note"] = note.map { .string($0) }
      return value
    }
    var gvr: JSONValue = ["version": .string(type.version), "resource": .string(type.plural)]
    if !type.group.isEmpty { gvr["group"] = .string(type.group) }
    var value: JSONValue = [
      "verb": .string(verb.rawValue), "gvr": gvr, "name": .string(key.name),
    ]
    if !key.namespace.isEmpty { value["namespace"] = .string(key.namespace) }
    if verb == .patch { value["patch_type"] = .string(patchType.rawValue) }
    if verb != .delete, verb != .restart { value["body"] = body }
    value.set(uid.map { .string($0) }, at: ["preconditions", "uid"])
    value.set(resourceVersion.map { .string($0) }, at: ["preconditions", "resourceVersion"])
    if value["preconditions"] == [:] { value["preconditions"] = nil }
    value["note"] = note.map { .string($0) }
    return value
  }

  /// Letters, digits, `-`, `.` and `:` (RBAC names): nothing that could lead a path elsewhere.
  private static func isName(_ text: String) -> Bool {
    guard (1...253).contains(text.utf8.count), text != ".", text != ".." else { return false }
    return text.utf8.allSatisfy {
      (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0) || $0 == 45
        || $0 == 46 || $0 == 58
    }
  }
}
