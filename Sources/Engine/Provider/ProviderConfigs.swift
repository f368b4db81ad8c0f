import JSONValue
import KubeWatch
import Logging
import Synchronization

/// Keeps a ProviderConfig for as long as managed resources use it, and says in its status how many
/// do.
///
/// Source: crossplane-runtime, `pkg/reconciler/providerconfig/reconciler.go`.
final class ProviderConfigs: Sendable {
  static let type = ResourceType(
    group: "discord.crossplane.io", version: "v1alpha1", kind: "ProviderConfig",
    plural: "providerconfigs", isNamespaced: false)
  private static let finalizer = "in-use.crossplane.io"

  private struct Claims {
    /// The uids of those that have our finalizer.
    var made: Set<String> = []
    /// Writes of the finalizer that are under way.
    var flights: [String: Task<Void, any Error>] = [:]
  }

  private let store: Store
  private let kube: KubeClient
  private let resources: ResourceStores
  private let logger: Logger
  private let claims = Mutex(Claims())

  init(store: Store, kube: KubeClient, resources: ResourceStores, logger: Logger) {
    self.store = store
    self.kube = kube
    self.resources = resources
    self.logger = logger
  }

  /// Keeps a ProviderConfig from being deleted, before anything is done through it: what was made in
  /// Discord could not be deleted any more without it. Many callers at once share one write.
  ///
  /// - Throws: `KubeError`, when the finalizer could not be written.
  func claim(_ name: String) async throws {
    guard let config = store[ObjectKey(namespace: "", name: name)] else { return }
    let flight: Task<Void, any Error>? = claims.withLock { claims in
      if claims.made.contains(config.uid) { return nil }
      if let flight = claims.flights[config.uid] { return flight }
      let flight = Task {
        defer { claimed(config) }
        try await keep(config)
      }
      claims.flights[config.uid] = flight
      return flight
    }
    try await flight?.value
  }

  private func claimed(_ config: StoredObject) {
    let isKept = store[config.key].map { $0.uid == config.uid && Self.finalizers($0).isKept }
    claims.withLock { claims in
      claims.flights[config.uid] = nil
      if isKept == true { claims.made.insert(config.uid) }
    }
  }

  private func keep(_ config: StoredObject) async throws(KubeError) {
    let (finalizers, isKept) = Self.finalizers(config)
    // A deleted object takes no new finalizer.
    guard !isKept, !config.isDeleting else { return }
    try await write(finalizers + [Self.finalizer], to: config)
  }

  private static func finalizers(_ config: StoredObject) -> (all: [String], isKept: Bool) {
    let root = try? JSONDocument(parsing: config.bytes).root
    let all = root?.at("metadata", "finalizers")?.elements.compactMap(\.string) ?? []
    return (all, all.contains(finalizer))
  }

  private func write(_ finalizers: [String], to config: StoredObject) async throws(KubeError) {
    let body: JSONValue = [
      "metadata": [
        "resourceVersion": .string(config.resourceVersion),
        "finalizers": .array(finalizers.map { .string($0) }),
      ]
    ]
    let answer = try await kube.patch(Self.type, config.key, body: body.serialized())
    if let written = StoredObject(json: answer, type: Self.type) { store.noteWritten(written) }
  }

  /// Brings finalizers and user counts up to date; writes only what differs.
  ///
  /// - Returns: whether they are; if not, it is worth another try.
  func count() async -> Bool {
    var users: [String: Int64] = [:]
    for entry in resources.all {
      for object in entry.objects {
        guard let resource = try? ManagedResource(object) else { continue }
        users[resource.providerConfigName, default: 0] += 1
      }
    }
    var isComplete = true
    for config in store.all() {
      do {
        try await record(users[config.key.name] ?? 0, of: config)
      } catch let error as KubeError where error.isConflict || error.isNotFound {
        isComplete = false
      } catch let error as KubeError where error.isCancelled {
        // Another replica leads and counts; with the next term here they are counted anew.
        continue
      } catch {
        isComplete = false
        logger.warning(
          "the use of a ProviderConfig could not be recorded",
          metadata: ["name": "\(config.key.name)", "error": "\(error)"])
      }
    }
    return isComplete
  }

  private func record(_ users: Int64, of config: StoredObject) async throws {
    guard let root = try? JSONDocument(parsing: config.bytes).root else { return }
    let isCounted = root.at("status", "users")?.integer ?? 0 == users
    if users > 0 {
      // Somebody may have taken it away by hand.
      if !Self.finalizers(config).isKept {
        claims.withLock { _ = $0.made.remove(config.uid) }
      }
      try await claim(config.key.name)
    } else {
      try await release(config)
    }
    if !isCounted {
      let body: JSONValue = ["status": ["users": .integer(users)]]
      _ = try await kube.patch(
        Self.type, config.key, subresource: "status", body: body.serialized())
    }
  }

  private func release(_ config: StoredObject) async throws(KubeError) {
    let (finalizers, isKept) = Self.finalizers(config)
    guard isKept else { return }
    claims.withLock { _ = $0.made.remove(config.uid) }
    try await write(finalizers.filter { $0 != Self.finalizer }, to: config)
  }
}
