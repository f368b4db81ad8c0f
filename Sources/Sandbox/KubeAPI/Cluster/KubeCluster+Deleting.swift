import JSONValue

extension KubeCluster {
  static let crdResource = GroupResource(
    group: "apiextensions.k8s.io", resource: "customresourcedefinitions")
  static let namespaceResource = GroupResource(group: "", resource: "namespaces")
  private static let crdFinalizer = "customresourcecleanup.apiextensions.k8s.io"

  /// Deletes an object, or marks it when finalizers hold it; returns what the client gets.
  mutating func delete(
    _ target: ResourceTarget, _ name: String, _ options: DeleteOptions, now: KubeTime
  ) throws(APIStatusError) -> JSONValue {
    let key = target.key(name)
    guard let existing = store.object(target.resource, key) else {
      throw .notFound(target.resource, name)
    }
    if let uid = options.uid, uid != existing.metadataUID {
      throw .conflict(
        target.resource, name,
        "Precondition failed: UID in precondition: \(uid), UID in object meta: "
          + existing.metadataUID)
    }
    if let version = options.resourceVersion, version != existing.metadataResourceVersion {
      throw .conflict(
        target.resource, name,
        "Precondition failed: ResourceVersion in precondition: \(version), ResourceVersion in "
          + "object meta: \(existing.metadataResourceVersion)")
    }
    if target.resource == Self.namespaceResource, ["default", "kube-system"].contains(name) {
      throw .forbidden(target.resource, name, "this namespace may not be deleted")
    }
    guard let marked = markDeleted(target.definition, key, existing, options, now: now) else {
      var details: JSONValue = [
        "name": .string(name), "kind": .string(target.definition.plural),
        "uid": .string(existing.metadataUID),
      ]
      if !target.definition.group.isEmpty { details["group"] = .string(target.definition.group) }
      return [
        "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success",
        "details": details,
      ]
    }
    return marked
  }

  /// Removes the object and returns nil, or sets its deletion timestamp and returns it.
  @discardableResult
  mutating func markDeleted(
    _ definition: ResourceDefinition, _ key: ObjectStore.Key, _ existing: JSONValue,
    _ options: DeleteOptions, now: KubeTime
  ) -> JSONValue? {
    var object = existing
    var finalizers = object.metadataFinalizers
    if !object.isBeingDeleted {
      switch options.propagation {
      case .foreground: finalizers.append("foregroundDeletion")
      case .orphan: finalizers.append("orphan")
      case .background: break
      }
      if definition.behaviour == .customResourceDefinition { finalizers.append(Self.crdFinalizer) }
      object.setFinalizers(finalizers)
    }
    if isFinal(object, definition) {
      remove(definition.groupResource, key, last: nil)
      return nil
    }
    if object.isBeingDeleted { return object }
    object.setMetadata("deletionTimestamp", .string(now.text))
    object.setMetadata("deletionGracePeriodSeconds", definition.behaviour == .namespace ? nil : 0)
    if object.metadataGeneration > 0 {
      object.setMetadata("generation", .integer(object.metadataGeneration + 1))
    }
    if definition.behaviour == .namespace {
      object.set("Terminating", at: ["status", "phase"])
    }
    return commit(definition.groupResource, key, object, now: now)
  }

  /// Whether nothing holds an object that is to go.
  func isFinal(_ object: JSONValue, _ definition: ResourceDefinition) -> Bool {
    let holds = object.value(at: "spec", "finalizers")?.arrayValue ?? []
    return object.metadataFinalizers.isEmpty
      && (definition.behaviour != .namespace || holds.isEmpty)
  }

  mutating func deleteCollection(
    _ target: ResourceTarget, _ request: KubeRequest, now: KubeTime
  ) throws(APIStatusError) -> WriteResult {
    let labels = try LabelSelector(parsing: request.parameter("labelSelector") ?? "")
    let fields = try FieldSelector(
      parsing: request.parameter("fieldSelector") ?? "", for: target.resource)
    let options = try DeleteOptions(request)
    for (key, object) in store.objects(target.resource, namespace: target.namespace)
    where labels.matches(object) && fields.matches(object) {
      markDeleted(target.definition, key, object, options, now: now)
    }
    return WriteResult(
      object: ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success"])
  }

  /// Stores an object and keeps the definitions in step.
  mutating func commit(
    _ resource: GroupResource, _ key: ObjectStore.Key, _ object: JSONValue, now: KubeTime
  ) -> JSONValue {
    let stored = store.put(resource, key, object)
    if resource == Self.crdResource,
      case .success(let definition) = CustomResourceReader.read(stored)
    {
      definitions[definition.groupResource] = definition
    }
    if stored.isBeingDeleted || !stored.ownerReferences.isEmpty { hasBackgroundWork = true }
    return stored
  }

  mutating func remove(_ resource: GroupResource, _ key: ObjectStore.Key, last: JSONValue?) {
    if resource == Self.crdResource, let crd = store.object(resource, key),
      let group = crd.value(at: "spec", "group")?.stringValue,
      let plural = crd.value(at: "spec", "names", "plural")?.stringValue
    {
      definitions[GroupResource(group: group, resource: plural)] = nil
    }
    store.remove(resource, key, last: last)
    hasBackgroundWork = true
  }
}
