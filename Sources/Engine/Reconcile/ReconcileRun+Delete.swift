import JSONValue
import KubeWatch
import Logging

extension ReconcileRun {
  /// The deletions that need nothing of Discord; nil when Discord has to be asked.
  mutating func deleteWithoutDiscord(_ policies: ManagementPolicies) async throws -> Ending? {
    guard resource.hasFinalizer else { return .done(again: nil) }
    if !policies.contains(.delete) {
      return try await release("managementPolicies or deletionPolicy leave the resource in Discord")
    }
    if let id = knownID, let other = parts.resources.claimants(of: id, besides: key).first {
      return try await release(
        "it stays in Discord, for \(other.key) has its external name as well")
    }
    // Never created, so there is nothing to look for.
    let wasAbandoned = parts.abandoned.contains(
      uid: resource.object.uid, pending: resource.pendingText ?? "")
    if knownID == nil, resource.incompleteCreate == nil || wasAbandoned {
      return try await release("it was never created in Discord")
    }
    return nil
  }

  /// Deletes, and looks again until it is gone.
  mutating func delete(
    _ observation: Observation, with connection: DiscordConnection
  ) async throws -> Ending {
    guard observation.exists else { return try await release("it is gone from Discord") }
    let foreign = resource.finalizers.filter { $0 != Annotation.finalizer }
    guard foreign.isEmpty else {
      resource = try await parts.writer.updateStatus(
        of: resource, type: rule.type, to: StatusDraft(.deleting, .success))
      logger.debug("deletion waits for other finalizers")
      return .done(again: pollWait())
    }
    guard rule.functions.contains("delete") else {
      return try await release("\(rule.module) has no function delete")
    }
    let answer = try await call(
      "delete", effects: effects(over: connection, mode: .writing(nonce: nil)),
      observed: observation.observed)
    if answer["released"]?.boolValue == true {
      return try await release("it stays in Discord and is no longer managed")
    }
    parts.events.normal(resource, rule.type, EventReason.deleted, "Deleted in Discord")
    let after = try await observe(with: connection)
    if !after.exists { return try await release("it is gone from Discord") }
    resource = try await parts.writer.updateStatus(
      of: resource, type: rule.type, to: StatusDraft(.deleting, .success))
    return .postponed(.seconds(1))
  }

  /// Drops our finalizer, so that Kubernetes can let the object go.
  private mutating func release(_ reason: String) async throws -> Ending {
    let finalizers = resource.finalizers.filter { $0 != Annotation.finalizer }
    do {
      resource = try await parts.writer.updateMetadata(
        of: resource, type: rule.type, finalizers: finalizers, ifUnchanged: true)
    } catch let error as KubeError where error.isNotFound {
      logger.debug("already gone from Kubernetes")
    }
    logger.info("released", metadata: ["reason": "\(reason)"])
    parts.settled.forget(key)
    parts.abandoned.forget(uid: resource.object.uid)
    return .done(again: nil)
  }
}
