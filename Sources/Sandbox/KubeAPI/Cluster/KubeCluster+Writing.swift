import JSONValue

/// What a write gives back: the object as it now is, and texts for the client's user.
struct WriteResult {
  var object: JSONValue
  var warnings: [String] = []
  var isCreated = false
}

extension KubeCluster {
  mutating func write(
    _ target: ResourceTarget, _ request: KubeRequest, now: KubeTime
  ) throws(APIStatusError) -> KubeReply {
    let options = try WriteOptions(request)
    let render = try renderer(request)
    if options.isDryRun {
      // The whole write on a copy: the same checks and the same answer, and nothing is kept.
      var copy = self
      var result = try copy.perform(target, request, options, now: now)
      let existing = target.name.flatMap { store.object(target.resource, target.key($0)) }
      result.object.setMetadata(
        "resourceVersion", existing.map { .string($0.metadataResourceVersion) })
      return reply(result, target, render, now: now)
    }
    let result = try perform(target, request, options, now: now)
    return reply(result, target, render, now: now)
  }

  private func reply(
    _ result: WriteResult, _ target: ResourceTarget, _ render: ObjectRenderer, now: KubeTime
  ) -> KubeReply {
    let isObject = result.object["kind"] != "Status"
    let shown =
      isObject
      ? render.single(
        result.object, definition: target.definition, version: target.version.name, now: now)
      : result.object
    return KubeReply(
      status: result.isCreated ? 201 : 200, shown,
      warnings: warnings(of: target) + result.warnings)
  }

  private mutating func perform(
    _ target: ResourceTarget, _ request: KubeRequest, _ options: WriteOptions, now: KubeTime
  ) throws(APIStatusError) -> WriteResult {
    switch request.method {
    case "POST":
      let body = try object(in: request, for: target)
      return try create(target, body, options, managers: nil, now: now)
    case "PUT":
      let body = try object(in: request, for: target)
      return try replace(target, body, options, now: now)
    case "PATCH": return try patch(target, request, options, now: now)
    default:
      guard let name = target.name else { return try deleteCollection(target, request, now: now) }
      let how = try DeleteOptions(request)
      return WriteResult(object: try delete(target, name, how, now: now))
    }
  }

  /// The body as an object of the target's kind.
  private func object(
    in request: KubeRequest, for target: ResourceTarget
  ) throws(APIStatusError) -> JSONValue {
    let value = try RequestBodyReader.value(request)
    try check(value, for: target)
    return value
  }

  func check(_ value: JSONValue, for target: ResourceTarget) throws(APIStatusError) {
    let kind = target.definition.kind
    guard value.objectValue != nil else {
      throw .badRequest("the body is not an object")
    }
    let apiVersion = value["apiVersion"]?.stringValue ?? ""
    guard apiVersion == target.apiVersion else {
      throw .badRequest(
        "the API version in the data (\(apiVersion)) does not match the expected API version "
          + "(\(target.apiVersion))")
    }
    guard value["kind"]?.stringValue == kind else {
      let found = value["kind"]?.stringValue ?? ""
      throw .badRequest(
        "\(found) in version \"\(target.version.name)\" cannot be handled as a \(kind): "
          + "converting (\(target.version.name).\(found)) to (\(target.version.name).\(kind)): "
          + "unknown conversion")
    }
  }

  mutating func create(
    _ target: ResourceTarget, _ body: JSONValue, _ options: WriteOptions,
    managers: FieldManagers?, now: KubeTime
  ) throws(APIStatusError) -> WriteResult {
    let definition = target.definition
    var object = body
    let namespace = try settleNamespace(&object, target)
    var name = object.metadataName
    if name.isEmpty, let prefix = object.value(at: "metadata", "generateName")?.stringValue,
      !prefix.isEmpty
    {
      name = prefix + random.nameSuffix()
      object.setMetadata("name", .string(name))
    }
    guard object.metadataResourceVersion.isEmpty || object.metadataResourceVersion == "0" else {
      throw .badRequest("resourceVersion should not be set on objects to be created")
    }
    for member in [
      "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink",
    ] {
      object.setMetadata(member, nil)
    }
    object.setMetadata("uid", .string(random.uuid()))
    object.setMetadata("creationTimestamp", .string(now.text))
    object.setMetadata("generation", definition.countsGenerations ? 1 : nil)
    if target.version.hasStatus, definition.behaviour != .plain { object["status"] = nil }
    let warnings = try ObjectAdmission.decode(&object, target, options, patch: nil)
    try ObjectAdmission.complete(&object, target, previous: nil, now: now)
    let errors = ObjectAdmission.errors(object, target, previous: nil)
    guard errors.isEmpty else { throw target.invalid(name, errors) }
    try admitCreate(target, namespace, name, now: now)
    let key = ObjectStore.Key(namespace: namespace, name: name)
    if let existing = store.object(target.resource, key) {
      throw .alreadyExists(target.resource, name, isBeingDeleted: existing.isBeingDeleted)
    }
    let owners =
      managers
      ?? ServerSideApply.update(
        from: nil, to: object, managers: FieldManagers(),
        as: identity(target, options, operation: "Update"), schema: target.version.typedSchema,
        hasStatus: target.version.hasStatus, now: now)
    object.setMetadata("managedFields", owners.value)
    let stored = commit(target.resource, key, object, now: now)
    return WriteResult(object: stored, warnings: warnings, isCreated: true)
  }

  func identity(
    _ target: ResourceTarget, _ options: WriteOptions, operation: String
  ) -> FieldManagers.Identity {
    FieldManagers.Identity(
      name: options.fieldManager, operation: operation, subresource: target.subresource ?? "",
      apiVersion: target.apiVersion)
  }

  private func settleNamespace(
    _ object: inout JSONValue, _ target: ResourceTarget
  ) throws(APIStatusError) -> String {
    guard target.definition.isNamespaced else {
      object.setMetadata("namespace", nil)
      return ""
    }
    guard let namespace = target.namespace else { throw .methodNotAllowed() }
    let own = object.metadataNamespace
    guard own.isEmpty || own == namespace else {
      throw .badRequest(
        "the namespace of the provided object does not match the namespace sent on the request")
    }
    object.setMetadata("namespace", .string(namespace))
    return namespace
  }

  /// What admission plugins refuse: content of a namespace that is missing or going.
  private func admitCreate(
    _ target: ResourceTarget, _ namespace: String, _ name: String, now: KubeTime
  ) throws(APIStatusError) {
    if target.definition.isNamespaced {
      let namespaces = GroupResource(group: "", resource: "namespaces")
      let key = ObjectStore.Key(namespace: "", name: namespace)
      guard let owner = store.object(namespaces, key) else {
        throw .notFound(namespaces, namespace)
      }
      if owner.isBeingDeleted {
        let why =
          "unable to create new content in namespace \(namespace) because it is being terminated"
        throw .forbidden(
          target.resource, name, why,
          causes: [
            [
              "reason": "NamespaceTerminating", "field": "metadata.namespace",
              "message": .string("namespace \(namespace) is being terminated"),
            ]
          ])
      }
    }
    if target.definition.behaviour == .custom {
      let key = ObjectStore.Key(namespace: "", name: target.resource.description)
      if store.object(Self.crdResource, key)?.isBeingDeleted ?? false {
        throw .methodNotAllowed()
      }
    }
  }

  private mutating func replace(
    _ target: ResourceTarget, _ body: JSONValue, _ options: WriteOptions, now: KubeTime
  ) throws(APIStatusError) -> WriteResult {
    let name = target.name ?? ""
    guard let existing = store.object(target.resource, target.key(name)) else {
      throw .notFound(target.resource, name)
    }
    guard body.metadataName == name else {
      throw .badRequest(
        "the name of the object (\(body.metadataName)) does not match the name on the URL (\(name))"
      )
    }
    var proposed = body
    _ = try settleNamespace(&proposed, target)
    if proposed.metadataResourceVersion.isEmpty, !target.definition.allowsUnconditionalUpdate {
      throw target.invalid(
        name,
        [
          FieldError(
            .invalid, "metadata.resourceVersion", text: "0x0", "must be specified for an update")
        ])
    }
    return try update(target, from: existing, to: proposed, options, now: now)
  }

  /// Stores a changed object after every check; the common end of PUT and PATCH.
  mutating func update(
    _ target: ResourceTarget, from existing: JSONValue, to proposed: JSONValue,
    _ options: WriteOptions, patch: JSONValue? = nil, managers applied: FieldManagers? = nil,
    now: KubeTime
  ) throws(APIStatusError) -> WriteResult {
    let name = existing.metadataName
    try checkPreconditions(target, existing, proposed)
    var object = merged(target, existing, proposed)
    let warnings = try ObjectAdmission.decode(&object, target, options, patch: patch)
    try ObjectAdmission.complete(&object, target, previous: existing, now: now)
    let errors = ObjectAdmission.errors(object, target, previous: existing)
    guard errors.isEmpty else { throw target.invalid(name, errors) }
    if target.definition.countsGenerations, Self.desire(of: object) != Self.desire(of: existing) {
      object.setMetadata("generation", .integer(existing.metadataGeneration + 1))
    }
    let owners =
      applied
      ?? ServerSideApply.update(
        from: existing, to: object,
        managers: FieldManagers(
          proposed.value(at: "metadata", "managedFields")
            ?? existing.value(at: "metadata", "managedFields")),
        as: identity(target, options, operation: "Update"), schema: target.version.typedSchema,
        hasStatus: target.version.hasStatus, now: now)
    object.setMetadata("managedFields", owners.value)
    if object == existing { return WriteResult(object: existing, warnings: warnings) }
    let key = ObjectStore.Key(namespace: existing.metadataNamespace, name: name)
    if object.isBeingDeleted, isFinal(object, target.definition) {
      remove(target.resource, key, last: object)
      return WriteResult(object: object, warnings: warnings)
    }
    let stored = commit(target.resource, key, object, now: now)
    return WriteResult(object: stored, warnings: warnings)
  }

  private func checkPreconditions(
    _ target: ResourceTarget, _ existing: JSONValue, _ proposed: JSONValue
  ) throws(APIStatusError) {
    let name = existing.metadataName
    let uid = proposed.metadataUID
    if !uid.isEmpty, uid != existing.metadataUID {
      throw .conflict(
        target.resource, name,
        "Precondition failed: UID in precondition: \(uid), UID in object meta: "
          + existing.metadataUID)
    }
    let version = proposed.metadataResourceVersion
    if !version.isEmpty, version != "0", version != existing.metadataResourceVersion {
      throw .staleWrite(target.resource, name)
    }
  }

  /// The proposed object with what a client may not change taken from the existing one.
  private func merged(
    _ target: ResourceTarget, _ existing: JSONValue, _ proposed: JSONValue
  ) -> JSONValue {
    var object: JSONValue
    if target.isStatus {
      object = existing
      object["status"] = proposed["status"]
      object.setMetadata("managedFields", proposed.value(at: "metadata", "managedFields"))
      object["apiVersion"] = proposed["apiVersion"]
    } else {
      object = proposed
      if target.version.hasStatus { object["status"] = existing["status"] }
    }
    for member in [
      "name", "namespace", "uid", "creationTimestamp", "deletionTimestamp",
      "deletionGracePeriodSeconds", "generation", "resourceVersion", "generateName",
    ] {
      object.setMetadata(member, existing.value(at: "metadata", member))
    }
    return object
  }

  /// Everything but metadata and status: what a generation counts.
  private static func desire(of object: JSONValue) -> JSONValue {
    var object = object
    for member in ["metadata", "status", "apiVersion"] { object[member] = nil }
    return object
  }
}
