import JSONValue
import KubeWatch
import Logging
import LuaBridge

/// One look at one object: the order of operations, with what it has learnt so far.
struct ReconcileRun {
  typealias Ending = WorkPool<ResourceKey>.Ending

  let parts: ManagedReconciler.Parts
  let rule: Rule
  let key: ResourceKey
  let job: WorkPool<ResourceKey>.Job
  var resource: ManagedResource
  let logger: Logger
  /// What its scripts do, when that is recorded.
  var recording: ReconcileRecording?
  /// `spec.forProvider` with its references filled in; known from `resolve` on.
  var forProvider: JSONValue = [:]
  /// `at_provider` of a create or update in this run, which the status does not have yet.
  var learnt: JSONValue?
  /// Held while this run creates, or looks for what an interrupted create has made.
  var turn: CreateTurns.Turn?
  /// How often guilds had been put in order when the object was last observed.
  var movesBefore: UInt64 = 0

  /// Does the work, and turns what stopped it into condition, Event, log line and the time of the
  /// next try.
  mutating func performAndReport() async -> Ending {
    defer { if let turn { parts.turns.end(turn) } }
    do {
      return try await perform()
    } catch let problem as ReconcileProblem {
      return await report(problem)
    } catch let error as KubeError where error.isConflict {
      // Somebody else wrote the object: the newer version is on its way through the watch.
      logger.debug("reconcile postponed: the object changed meanwhile")
      return .postponed(.milliseconds(100))
    } catch let error as KubeError where error.isNotFound {
      return .done(again: nil)
    } catch let error as KubeError where error.isCancelled {
      // The provider is stopping, or another leads now.
      return .postponed(.zero)
    } catch is CancellationError {
      return .postponed(.zero)
    } catch {
      logger.error(
        "reconcile failed: Kubernetes did not take a write", metadata: ["error": "\(error)"])
      return .failed(atLeast: .zero)
    }
  }

  private mutating func perform() async throws -> Ending {
    resource = try await parts.writer.current(resource, type: rule.type)
    if resource.isPaused {
      parts.order.forget(key)
      return try await pause()
    }
    guard let policies = resource.policies else {
      throw ReconcileProblem(
        EventReason.invalidPolicy,
        "spec.managementPolicies is no supported set: use [\"*\"] or a list that has Observe",
        retry: .poll)
    }
    if policies.isEmpty {
      parts.order.forget(key)
      return try await pause()
    }
    if resource.object.isDeleting, let ending = try await deleteWithoutDiscord(policies) {
      return ending
    }
    try resolveReferences()
    try yield(knownID, policies)
    notePlace(policies: policies)
    let connection = try await connect()
    if let pending = resource.incompleteCreate,
      !parts.abandoned.contains(
        uid: resource.object.uid, pending: resource.pendingText ?? "")
    {
      try await recover(from: pending, with: connection)
    }
    let isNameless = knownID == nil && !rule.adopts
    let observation = isNameless ? .absent : try await observe(with: connection)
    if resource.object.isDeleting {
      return try await delete(observation, with: connection)
    }
    if observation.exists {
      return try await keep(observation, policies: policies, with: connection)
    }
    if let wait = resource.creationGrace(now: parts.time.timestamp()) {
      // Discord may show what was just made a little later; creating again would double it.
      return .postponed(wait)
    }
    return try await create(policies: policies, with: connection)
  }

  private mutating func pause() async throws -> Ending {
    let wasPaused = StatusReading.reason(of: .synced, in: resource.status) == "ReconcilePaused"
    resource = try await parts.writer.updateStatus(
      of: resource, type: rule.type, to: StatusDraft(.paused))
    if !wasPaused {
      parts.events.normal(
        resource, rule.type, EventReason.paused,
        "Reconciliation is paused, by the annotation \(Annotation.paused) or by an empty "
          + "spec.managementPolicies")
    }
    return .done(again: nil)
  }

  private mutating func resolveReferences() throws {
    let written = resource.forProvider?.value() ?? [:]
    let resolver = parts.resources.resolver
    let (resolution, targets) = resolver.resolve(
      written, references: rule.references, namespace: key.object.namespace)
    parts.dependencies.record(key, targets: targets)
    switch resolution {
    case .resolved(let filled): forProvider = filled
    case .waiting where resource.object.isDeleting, .invalid where resource.object.isDeleting:
      // What it referred to may be gone already; what was last observed says where it is.
      forProvider = written.applying(
        mergePatch: ["guildId": resource.status.value(at: "atProvider", "guildId") ?? .null])
    case .waiting where targets.contains(.object(key)):
      throw ReconcileProblem(
        EventReason.cannotResolve, "a reference of \(key) names the object itself", retry: .poll)
    case .waiting(let reason):
      throw ReconcileProblem(
        EventReason.cannotResolve, reason, retry: .later(.seconds(5)),
        isQuiet: resource.isYoung(now: parts.time.timestamp()))
    case .invalid(let field, let message):
      throw ReconcileProblem(
        EventReason.cannotResolve, "\(field): \(message)", retry: .poll)
    }
  }

  /// Leaves what the external name stands for to an older resource that wants something else of it.
  func yield(_ externalName: String?, _ policies: ManagementPolicies) throws {
    guard let externalName, policies.mayWrite, !resource.object.isDeleting,
      let conflict = parts.resources.conflict(
        over: externalName, of: resource, key: key, by: rule, forProvider: forProvider)
    else { return }
    parts.order.forget(key)
    // Its turn comes when the older one is gone.
    parts.dependencies.record(key, targets: [.object(conflict.older)])
    throw ReconcileProblem(EventReason.cannotInitialize, conflict.message, retry: .poll)
  }

  private func connect() async throws -> DiscordConnection {
    let name = resource.providerConfigName
    if !resource.object.isDeleting { try await parts.claim(name) }
    switch parts.connections.connection(for: name, isDeleting: resource.object.isDeleting) {
    case .ready(let connection): return connection
    case .notYet:
      throw ReconcileProblem(
        EventReason.cannotConnect, "ProviderConfig \(name) is being read",
        retry: .later(.milliseconds(500)), isQuiet: true)
    case .impossible(let message):
      // A change of the ProviderConfig or its Secret wakes the object; no need to ask often.
      throw ReconcileProblem(EventReason.cannotConnect, message, retry: .poll)
    }
  }

  /// The ID under which the resource is looked for.
  var knownID: String? { resource.externalName ?? resource.idInStatus }

  /// When the next look is due: with the other objects of the same guild.
  func pollWait() -> Duration {
    let group = forProvider["guildId"]?.stringValue ?? resource.externalName ?? key.description
    return parts.schedule.wait(
      group: group, interval: resource.pollInterval, now: parts.time.uptime())
  }
}
