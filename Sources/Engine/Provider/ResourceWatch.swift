import JSONValue
import KubeWatch
import Logging

/// Turns what happens to managed resources into keys in the queue.
final class ResourceWatch: Sendable {
  let pool: WorkPool<ResourceKey>
  private let resources: ResourceStores
  private let dependencies: DependencyIndex
  /// Noted whenever a resource comes, goes or gets another spec.
  let usageChanges: UsageChanges
  private let history: ReconcileHistory
  private let order: GuildOrder
  private let lifecycle: LifecycleMetrics

  init(
    pool: WorkPool<ResourceKey>, resources: ResourceStores, dependencies: DependencyIndex,
    order: GuildOrder, usageChanges: UsageChanges, history: ReconcileHistory,
    lifecycle: LifecycleMetrics
  ) {
    self.lifecycle = lifecycle
    self.pool = pool
    self.resources = resources
    self.dependencies = dependencies
    self.usageChanges = usageChanges
    self.history = history
    self.order = order
  }

  /// A change that came through the watch.
  func watched(_ change: StoreChange, of type: ResourceType) {
    let key = ResourceKey(kind: type.kind, object: change.key)
    switch change {
    case .added(let object):
      usageChanges.note()
      if (try? ManagedResource(object))?.forProvider?["position"]?.integer != nil {
        order.arrived(key)
      }
      pool.add(key, priority: .change)
      wakeDependants(of: key, old: nil, new: object)
    case .modified(let old, let new):
      if old.generation != new.generation { usageChanges.note() }
      lifecycle.changed(from: old, to: new, type: type)
      if ChangeFilter.isRelevant(old: old, new: new) { pool.add(key, priority: .change) }
      wakeDependants(of: key, old: old, new: new)
    case .deleted(let object):
      usageChanges.note()
      pool.forget(key)
      history.forget(key)
      dependencies.record(key, targets: [])
      order.forget(key)
      lifecycle.deleted(object, type: type)
      wakeDependants(of: key, old: object, new: nil)
    }
  }

  /// The answer to one of our own writes, put into the store before its echo comes.
  func wrote(_ body: [UInt8], of type: ResourceType) -> StoredObject? {
    guard let root = try? JSONDocument(parsing: body).root else { return nil }
    let namespace = root.at("metadata", "namespace")?.string ?? ""
    let store = resources.store(of: type.kind, namespace: namespace)
    // The watch may have been faster.
    if let known = store?.known(root) { return known }
    guard let object = StoredObject(root, type: type) else { return nil }
    for case .modified(let old, let new) in store?.noteWritten(object) ?? [] {
      lifecycle.changed(from: old, to: new, type: type)
      wakeDependants(
        of: ResourceKey(kind: type.kind, object: object.key), old: old, new: new)
    }
    return object
  }

  /// Looks at every resource, e.g. because the rules are new.
  func wakeAll() {
    for key in resources.keys() { pool.add(key, priority: .dependency) }
  }

  /// Looks at every resource of a ProviderConfig.
  func wakeUsers(of config: String) {
    for entry in resources.all {
      for object in entry.objects {
        guard let resource = try? ManagedResource(object), resource.providerConfigName == config
        else { continue }
        pool.add(ResourceKey(kind: entry.type.kind, object: object.key), priority: .dependency)
      }
    }
  }

  private func wakeDependants(of key: ResourceKey, old: StoredObject?, new: StoredObject?) {
    guard ChangeFilter.changesExternalName(old: old, new: new) else { return }
    for dependant in dependencies.dependants(of: key) {
      pool.add(dependant, priority: .dependency)
    }
  }
}
