import JSONValue
import KubeWatch
import Logging

/// Watches single Secrets, so that the provider neither needs nor holds any other.
struct SecretWatch: Sendable {
  let kube: KubeClient
  let seams: ProviderSeams
  let logger: Logger

  /// Tells what is known of the Secret after each change until the task is cancelled.
  func watch(
    _ reference: ConnectionSettings.SecretReference,
    _ tell: @escaping @Sendable (Connections.SecretReading) -> Void
  ) -> Task<Void, Never> {
    let store = Store()
    let key = ObjectKey(namespace: reference.namespace, name: reference.name)
    let reflector = Reflector(
      type: .secrets, client: kube, store: store, namespace: reference.namespace,
      fieldSelector: "metadata.name=\(reference.name)", logger: logger,
      random: seams.random, now: seams.now, sleep: seams.time.sleep,
      onChange: { change in
        switch change {
        case .added(let object), .modified(_, let object): tell(.data(Self.data(of: object)))
        case .deleted: tell(.missing)
        }
      },
      onFailure: { if $0.isForbidden { tell(.refused($0.description)) } })
    return Task {
      await withDiscardingTaskGroup { group in
        group.addTask { await reflector.run() }
        group.addTask {
          await reflector.waitUntilSynced()
          if store[key] == nil, !Task.isCancelled { tell(.missing) }
        }
      }
    }
  }

  private static func data(of object: StoredObject) -> [String: [UInt8]] {
    guard let root = try? JSONDocument(parsing: object.bytes).root else { return [:] }
    var data: [String: [UInt8]] = [:]
    for (name, value) in root["data"]?.members ?? [] {
      data[name] = value.string.flatMap { Base64.decode($0) }
    }
    return data
  }
}
