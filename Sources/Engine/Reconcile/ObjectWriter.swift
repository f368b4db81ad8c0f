import JSONValue
package import KubeWatch
import Synchronization

/// The writes to managed resources. Each carries the object's uid, so that none lands on an object
/// that took the name of a deleted one, and each answer goes into the store at once, so that the
/// next decision sees it.
///
/// A write whose answer is lost leaves the store behind what the cluster has. Until the object has
/// been read again, nothing is concluded from the store: what looks as it should be may not be.
package final class ObjectWriter: Sendable {
  private let unanswered = Mutex<Set<String>>([])
  private let kube: KubeClient
  private let accept: @Sendable (_ type: ResourceType, _ body: [UInt8]) -> StoredObject?
  private let time: TimeSource

  /// Makes a writer.
  ///
  /// - Parameter accept: puts an answer into the store, unless the store knows better already, and
  ///   gives the object back.
  package init(
    kube: KubeClient, time: TimeSource,
    accept: @escaping @Sendable (_ type: ResourceType, _ body: [UInt8]) -> StoredObject?
  ) {
    self.kube = kube
    self.accept = accept
    self.time = time
  }

  /// The object as decisions may rest on it: read again after a write that went unanswered.
  func current(_ resource: ManagedResource, type: ResourceType) async throws -> ManagedResource {
    let uid = resource.object.uid
    guard unanswered.withLock({ $0.contains(uid) }) else { return resource }
    do throws(KubeError) {
      let answer = try await kube.get(type, resource.object.key)
      unanswered.withLock { _ = $0.remove(uid) }
      return accept(type, answer).flatMap { try? ManagedResource($0) } ?? resource
    } catch {
      if error.isNotFound { unanswered.withLock { _ = $0.remove(uid) } }
      throw error
    }
  }

  /// Sets and removes annotations, and replaces the finalizers if given.
  ///
  /// - Parameter ifUnchanged: fail with a conflict when anybody wrote the object meanwhile; proves
  ///   that the decision rests on a fresh view.
  package func updateMetadata(
    of resource: ManagedResource, type: ResourceType, annotations: [String: String?] = [:],
    finalizers: [String]? = nil, ifUnchanged: Bool
  ) async throws -> ManagedResource {
    var metadata: JSONValue = ["uid": .string(resource.object.uid)]
    if ifUnchanged { metadata["resourceVersion"] = .string(resource.object.resourceVersion) }
    if let finalizers { metadata["finalizers"] = .array(finalizers.map { .string($0) }) }
    if !annotations.isEmpty {
      metadata["annotations"] = .object(annotations.mapValues { $0.map { .string($0) } ?? .null })
    }
    return try await patch(resource, type: type, subresource: nil, body: ["metadata": metadata])
  }

  /// Writes the status if it changes; gives back the object as it is then.
  package func updateStatus(
    of resource: ManagedResource, type: ResourceType, to draft: StatusDraft
  ) async throws -> ManagedResource {
    let change = draft.patch(
      over: resource.status, generation: resource.object.generation, now: time.timestamp())
    guard var body = change else { return resource }
    body["metadata"] = ["uid": .string(resource.object.uid)]
    return try await patch(resource, type: type, subresource: "status", body: body)
  }

  private func patch(
    _ resource: ManagedResource, type: ResourceType, subresource: String?, body: JSONValue
  ) async throws -> ManagedResource {
    do throws(KubeError) {
      let answer = try await kube.patch(
        type, resource.object.key, subresource: subresource, kind: .merge, body: body.serialized())
      return accept(type, answer).flatMap { try? ManagedResource($0) } ?? resource
    } catch {
      if error.mayHaveBeenPerformed {
        unanswered.withLock { _ = $0.insert(resource.object.uid) }
      }
      throw error
    }
  }
}
