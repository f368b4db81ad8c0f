import JSONValue
import KubeWatch
import Logging

/// Keeps a ProviderConfig for as long as managed resources use it, and says in its status how many
/// do.
///
/// Source: crossplane-runtime, `pkg/reconciler/providerconfig/reconciler.go`.
struct ProviderConfigs: Sendable {
  static let type = ResourceType(
    group: "discord.crossplane.io", version: "v1alpha1", kind: "ProviderConfig",
    plural: "providerconfigs", isNamespaced: false)
  private static let finalizer = "in-use.crossplane.io"

  let store: Store
  let kube: KubeClient
  let resources: ResourceStores
  let logger: Logger

  /// Brings finalizers and user counts up to date; writes only what differs.
  ///
  /// - Returns: whether all of it is up to date now.
  func update() async -> Bool {
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
        try await update(config, users: users[config.key.name] ?? 0)
      } catch let error where error.isConflict || error.isNotFound {
        isComplete = false
      } catch {
        isComplete = false
        logger.warning(
          "the use of a ProviderConfig could not be recorded",
          metadata: ["name": "\(config.key.name)", "error": "\(error)"])
      }
    }
    return isComplete
  }

  private func update(_ config: StoredObject, users: Int64) async throws(KubeError) {
    guard let root = try? JSONDocument(parsing: config.bytes).root else { return }
    let finalizers = root.at("metadata", "finalizers")?.elements.compactMap(\.string) ?? []
    let wanted =
      users > 0
      ? (finalizers.contains(Self.finalizer) ? finalizers : finalizers + [Self.finalizer])
      : finalizers.filter { $0 != Self.finalizer }
    if wanted != finalizers {
      // A deleted object takes no new finalizer.
      guard users == 0 || !config.isDeleting else { return }
      let body: JSONValue = [
        "metadata": [
          "resourceVersion": .string(config.resourceVersion),
          "finalizers": .array(wanted.map { .string($0) }),
        ]
      ]
      _ = try await kube.patch(Self.type, config.key, body: body.serialized())
    }
    if root.at("status", "users")?.integer ?? 0 != users {
      let body: JSONValue = ["status": ["users": .integer(users)]]
      _ = try await kube.patch(
        Self.type, config.key, subresource: "status", body: body.serialized())
    }
  }
}
