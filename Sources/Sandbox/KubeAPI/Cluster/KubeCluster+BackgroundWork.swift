import JSONValue

extension KubeCluster {
  /// What controllers do in a real cluster: garbage collection by owner, and the end of namespaces
  /// and CRDs. Runs until nothing is left that could be done now; returns whether it changed
  /// anything.
  @discardableResult
  package mutating func runBackgroundWork(now: KubeTime) -> Bool {
    guard hasBackgroundWork else { return false }
    hasBackgroundWork = false
    let before = store.resourceVersion
    var last: UInt64
    repeat {
      last = store.resourceVersion
      endNamespaces(now: now)
      endCustomResources(now: now)
      collectGarbage(now: now)
    } while last != store.resourceVersion
    // Whatever is left waits for somebody's finalizer; that write comes back here.
    hasBackgroundWork = false
    return before != store.resourceVersion
  }

  private mutating func endNamespaces(now: KubeTime) {
    for (key, namespace) in store.objects(Self.namespaceResource) where namespace.isBeingDeleted {
      let content = store.everything().filter { $0.key.namespace == key.name }
      for entry in content {
        guard !entry.object.isBeingDeleted, let definition = definitions[entry.resource] else {
          continue
        }
        markDeleted(definition, entry.key, entry.object, DeleteOptions(), now: now)
      }
      let isEmpty = !store.everything().contains { $0.key.namespace == key.name }
      guard isEmpty, let definition = definitions[Self.namespaceResource] else { continue }
      var emptied = namespace
      emptied["spec"] = ["finalizers": []]
      if isFinal(emptied, definition) { remove(Self.namespaceResource, key, last: emptied) }
    }
  }

  private mutating func endCustomResources(now: KubeTime) {
    let finalizer = "customresourcecleanup.apiextensions.k8s.io"
    for (key, crd) in store.objects(Self.crdResource)
    where crd.isBeingDeleted && crd.metadataFinalizers.contains(finalizer) {
      let resource = GroupResource(
        group: crd.value(at: "spec", "group")?.stringValue ?? "",
        resource: crd.value(at: "spec", "names", "plural")?.stringValue ?? "")
      if let definition = definitions[resource] {
        for (place, object) in store.objects(resource) where !object.isBeingDeleted {
          markDeleted(definition, place, object, DeleteOptions(), now: now)
        }
      }
      guard store.objects(resource).isEmpty else { continue }
      drop(finalizer, from: crd, Self.crdResource, key, now: now)
    }
  }

  private mutating func collectGarbage(now: KubeTime) {
    let all = store.everything()
    let living = Set(all.map(\.object.metadataUID))
    for entry in all {
      let owners = entry.object.ownerReferences
      let isOrphaned =
        !owners.isEmpty
        && owners.allSatisfy { !living.contains($0["uid"]?.stringValue ?? "") }
      if isOrphaned, !entry.object.isBeingDeleted, let definition = definitions[entry.resource] {
        markDeleted(definition, entry.key, entry.object, DeleteOptions(), now: now)
      }
    }
    for entry in all where entry.object.isBeingDeleted {
      let finalizers = entry.object.metadataFinalizers
      if finalizers.contains("orphan") {
        release(dependentsOf: entry.object.metadataUID, in: all, now: now)
        drop("orphan", from: entry.object, entry.resource, entry.key, now: now)
      } else if finalizers.contains("foregroundDeletion") {
        deleteInForeground(entry.object, entry.resource, entry.key, in: all, now: now)
      }
    }
  }

  private typealias Entry = (resource: GroupResource, key: ObjectStore.Key, object: JSONValue)

  private func owns(_ uid: String, _ object: JSONValue) -> Bool {
    object.ownerReferences.contains { $0["uid"]?.stringValue == uid }
  }

  private mutating func release(dependentsOf uid: String, in all: [Entry], now: KubeTime) {
    for entry in all where owns(uid, entry.object) {
      guard var object = store.object(entry.resource, entry.key) else { continue }
      let rest = object.ownerReferences.filter { $0["uid"]?.stringValue != uid }
      object.setMetadata("ownerReferences", rest.isEmpty ? nil : .array(rest))
      _ = commit(entry.resource, entry.key, object, now: now)
    }
  }

  private mutating func deleteInForeground(
    _ owner: JSONValue, _ resource: GroupResource, _ key: ObjectStore.Key, in all: [Entry],
    now: KubeTime
  ) {
    let dependents = all.filter { owns(owner.metadataUID, $0.object) }
    for entry in dependents {
      guard let object = store.object(entry.resource, entry.key), !object.isBeingDeleted,
        let definition = definitions[entry.resource]
      else { continue }
      markDeleted(
        definition, entry.key, object, DeleteOptions(propagation: .foreground), now: now)
    }
    let isBlocked = dependents.contains { entry in
      store.object(entry.resource, entry.key) != nil
        && entry.object.ownerReferences.contains {
          $0["uid"]?.stringValue == owner.metadataUID && $0["blockOwnerDeletion"] == true
        }
    }
    if !isBlocked { drop("foregroundDeletion", from: owner, resource, key, now: now) }
  }

  private mutating func drop(
    _ finalizer: String, from object: JSONValue, _ resource: GroupResource,
    _ key: ObjectStore.Key, now: KubeTime
  ) {
    guard var current = store.object(resource, key), let definition = definitions[resource] else {
      return
    }
    current.setFinalizers(current.metadataFinalizers.filter { $0 != finalizer })
    if current.isBeingDeleted, isFinal(current, definition) {
      remove(resource, key, last: current)
    } else {
      _ = commit(resource, key, current, now: now)
    }
  }
}
