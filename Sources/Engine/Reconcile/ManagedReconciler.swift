import JSONValue
import KubeWatch
package import Logging

/// The managed-resource contract, once for all kinds: what differs between kinds is in their rules.
///
/// Source of the order of operations: crossplane-runtime, `pkg/reconciler/managed/reconciler.go`.
package struct ManagedReconciler: Sendable {
  /// What the reconciler works with; shared by all runs.
  package struct Parts: Sendable {
    package let library: RuleLibrary
    package let resources: ResourceStores
    package let writer: ObjectWriter
    package let connections: Connections
    /// Keeps a ProviderConfig, by its name, from being deleted while it is used.
    package let claim: @Sendable (_ config: String) async throws -> Void
    package let runner: RuleRunner
    package let dependencies: DependencyIndex
    package let order: GuildOrder
    package let schedule: PollSchedule
    package let events: ResourceEvents
    package let metrics: ReconcileMetrics
    package let time: TimeSource
    package let logger: Logger
    /// Writes down what scripts do; nil when nobody asked for that.
    package var recorder: RunRecorder?
    package let settled = SettledDrift()
    package let abandoned = AbandonedCreates()
    package let turns = CreateTurns()
    package let outages = Outages()
    package var history = ReconcileHistory()

    /// Gathers the parts.
    package init(
      library: RuleLibrary, resources: ResourceStores, writer: ObjectWriter,
      connections: Connections, claim: @escaping @Sendable (_ config: String) async throws -> Void,
      runner: RuleRunner, dependencies: DependencyIndex, order: GuildOrder,
      schedule: PollSchedule, events: ResourceEvents, metrics: ReconcileMetrics,
      time: TimeSource, logger: Logger
    ) {
      self.library = library
      self.resources = resources
      self.writer = writer
      self.connections = connections
      self.claim = claim
      self.runner = runner
      self.dependencies = dependencies
      self.order = order
      self.schedule = schedule
      self.events = events
      self.metrics = metrics
      self.time = time
      self.logger = logger
    }
  }

  private let parts: Parts

  /// Makes a reconciler.
  package init(parts: Parts) {
    self.parts = parts
  }

  /// Gives up what reconciles share and no cancellation of one of them ends: reads of guilds and
  /// looks at their order.
  package func cancelShared() async {
    parts.order.cancelLooks()
    for connection in parts.connections.all() { await connection.reads.cancel() }
  }

  /// Looks at one object and does what there is to do.
  package func reconcile(_ job: WorkPool<ResourceKey>.Job) async -> WorkPool<ResourceKey>.Ending {
    let key = job.key
    guard let rule = parts.library.rules[key.kind], let object = parts.resources.find(key) else {
      forget(key)
      return .gone
    }
    let start = parts.time.uptime()
    var logger = parts.logger
    logger[metadataKey: "kind"] = "\(key.kind)"
    logger[metadataKey: "namespace"] = "\(key.object.namespace)"
    logger[metadataKey: "name"] = "\(key.object.name)"
    let id = parts.metrics.nextReconcileID()
    logger[metadataKey: "script.hash"] = "\(rule.hash.prefix(12))"
    logger[metadataKey: "reconcile.id"] = "\(id)"
    parts.history.began(key, id: id, at: start)
    do {
      let resource = try ManagedResource(object)
      var run = ReconcileRun(
        parts: parts, rule: rule, key: key, job: job, resource: resource, logger: logger)
      run.recording = parts.recorder?.begin(
        kind: key.kind, namespace: key.object.namespace, name: key.object.name,
        now: parts.time.timestamp())
      let ending = await run.performAndReport()
      if let recording = run.recording { parts.recorder?.finish(recording, id: id) }
      let end = parts.time.uptime()
      parts.history.ended(key, isFailure: ending.isFailure, at: end)
      parts.metrics.finished(
        kind: key.kind, ending: ending, waited: start - job.due, duration: end - start)
      return ending
    } catch {
      logger.error(
        "reconcile failed: the stored object is not JSON", metadata: ["error": "\(error)"])
      parts.history.ended(key, isFailure: true, at: parts.time.uptime())
      return .failed(atLeast: .seconds(60))
    }
  }

  private func forget(_ key: ResourceKey) {
    parts.dependencies.record(key, targets: [])
    parts.order.forget(key)
    parts.settled.forget(key)
    parts.history.forget(key)
  }
}
