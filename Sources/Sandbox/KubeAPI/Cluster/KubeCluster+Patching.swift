import JSONValue

extension KubeCluster {
  mutating func patch(
    _ target: ResourceTarget, _ request: KubeRequest, _ options: WriteOptions, now: KubeTime
  ) throws(APIStatusError) -> WriteResult {
    let isCustom = target.definition.behaviour == .custom
    var accepted = ["application/json-patch+json", "application/merge-patch+json"]
    if !isCustom { accepted.append("application/strategic-merge-patch+json") }
    accepted.append("application/apply-patch+yaml")
    let type = RequestBodyReader.mediaType(request)
    guard accepted.contains(type) else { throw .unsupportedMediaType(accepted: accepted) }
    let body = try RequestBodyReader.value(request, accepting: accepted)
    let name = target.name ?? ""
    let existing = store.object(target.resource, target.key(name))
    if type == "application/apply-patch+yaml" {
      return try apply(target, body, to: existing, options, now: now)
    }
    guard var current = existing else { throw .notFound(target.resource, name) }
    let stored = current
    current["apiVersion"] = .string(target.apiVersion)
    let proposed: JSONValue
    switch type {
    case "application/json-patch+json":
      do {
        proposed = try current.applying(jsonPatch: body)
      } catch {
        throw Self.rejected()
      }
    case "application/merge-patch+json": proposed = current.applying(mergePatch: body)
    default: proposed = try StrategicMergePatch.apply(body, to: current)
    }
    guard proposed.metadataName == name else {
      throw target.invalid(
        name,
        [
          FieldError(
            .invalid, "metadata.name", value: .string(proposed.metadataName),
            "field is immutable")
        ])
    }
    try check(proposed, for: target)
    return try update(target, from: stored, to: proposed, options, patch: proposed, now: now)
  }

  /// A patch that cannot be applied: the API server keeps the reason to itself.
  private static func rejected() -> APIStatusError {
    APIStatusError(
      code: 422, reason: "Invalid",
      message: "the server rejected our request due to an error in our request", details: [:])
  }

  private mutating func apply(
    _ target: ResourceTarget, _ body: JSONValue, to existing: JSONValue?,
    _ options: WriteOptions, now: KubeTime
  ) throws(APIStatusError) -> WriteResult {
    let name = target.name ?? ""
    guard options.hasFieldManager else {
      throw .invalid(
        kind: "PatchOptions", group: "meta.k8s.io", name: "",
        [FieldError(.required, "fieldManager", "is required for apply patch")])
    }
    try check(body, for: target)
    var configuration = body
    if configuration.metadataName.isEmpty { configuration.setMetadata("name", .string(name)) }
    guard configuration.metadataName == name else {
      throw .badRequest(
        "the name of the object (\(configuration.metadataName)) does not match the name on the URL "
          + "(\(name))")
    }
    guard configuration.value(at: "metadata", "managedFields") ?? .null == .null else {
      throw .badRequest("metadata.managedFields must be nil")
    }
    let expectedVersion = configuration.metadataResourceVersion
    for member in ["managedFields", "creationTimestamp", "resourceVersion", "generation"] {
      configuration.setMetadata(member, nil)
    }
    let warnings = try ObjectAdmission.decode(
      &configuration, target, options, patch: nil, fillsDefaults: false)
    let identity = identity(target, options, operation: "Apply")
    var live = existing
    live?.setMetadata("managedFields", nil)
    live?["apiVersion"] = .string(target.apiVersion)
    let outcome = try ServerSideApply.apply(
      configuration, to: live,
      managers: FieldManagers(existing?.value(at: "metadata", "managedFields")), as: identity,
      force: options.force, schema: target.version.typedSchema,
      hasStatus: target.version.hasStatus, now: now)
    var result: WriteResult
    if let existing {
      var proposed = outcome.object
      if !expectedVersion.isEmpty {
        proposed.setMetadata("resourceVersion", .string(expectedVersion))
      }
      result = try update(
        target, from: existing, to: proposed, options, managers: outcome.managers, now: now)
    } else {
      guard target.subresource == nil else { throw .notFound(target.resource, name) }
      result = try create(
        target, outcome.object, options, managers: outcome.managers, now: now)
    }
    result.warnings = warnings
    return result
  }
}
