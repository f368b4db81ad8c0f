import DiscordAPI
import JSONValue
import KubeWatch
import Logging
import LuaBridge

/// Runs rules over all that is in the store, reading from Discord what the live rules read as well, and
/// writing nothing anywhere.
struct RulePlanner: Sendable {
  let resources: ResourceStores
  let connections: Connections
  let runner: RuleRunner
  let schedule: PollSchedule
  let settled: SettledDrift
  let time: TimeSource
  let logger: Logger

  /// What these rules would do now.
  ///
  /// - Parameter limit: time after which what was not looked at stays unknown.
  func plan(_ rules: RuleSet, within limit: Duration = .seconds(20)) async -> RulePlan {
    var work: [(Rule, StoredObject)] = []
    var unserved: [String: Int] = [:]
    for entry in resources.all {
      let objects = entry.objects
      if let rule = rules[entry.type.kind] {
        work += objects.map { (rule, $0) }
      } else if !objects.isEmpty {
        unserved[entry.type.kind] = objects.count
      }
    }
    let end = time.uptime() + limit
    let looks = await withTaskGroup(of: (RulePlan.Entry, Placed?).self) { group in
      var looks: [(RulePlan.Entry, Placed?)] = []
      for (place, (rule, object)) in work.enumerated() {
        if place >= 8, let look = await group.next() { looks.append(look) }
        group.addTask { await self.entry(for: object, by: rule, until: end) }
      }
      for await look in group { looks.append(look) }
      return looks
    }
    let entries = await arrange(looks.map(\.0), looks.compactMap(\.1), by: rules)
    return RulePlan(entries: entries, unserved: unserved)
  }

  private func entry(
    for object: StoredObject, by rule: Rule, until end: Duration
  ) async -> (RulePlan.Entry, Placed?) {
    let key = ResourceKey(kind: rule.type.kind, object: object.key)
    guard let resource = try? ManagedResource(object) else {
      return (RulePlan.Entry(key: key, change: .skipped("no JSON"), isSynced: false), nil)
    }
    let isSynced = StatusReading.status(of: .synced, in: resource.status) == "True"
    guard time.uptime() < end else {
      let change = RulePlan.Change.unknown("no time was left")
      return (RulePlan.Entry(key: key, change: change, isSynced: isSynced), nil)
    }
    let (change, requests) = await change(of: resource, key: key, by: rule)
    let entry = RulePlan.Entry(key: key, change: change, requests: requests, isSynced: isSynced)
    return (entry, place(of: resource, key: key, by: rule))
  }

  private func change(
    of resource: ManagedResource, key: ResourceKey, by rule: Rule
  ) async -> (RulePlan.Change, [RulePlan.Request]) {
    guard !resource.isPaused, let policies = resource.policies, !policies.isEmpty else {
      return (.skipped("paused"), [])
    }
    guard !resource.object.isDeleting else { return (.skipped("being deleted"), []) }
    guard resource.incompleteCreate == nil else { return (.skipped("being created"), []) }
    let (resolution, _) = resources.resolver.resolve(
      resource.forProvider?.value() ?? [:], references: rule.references,
      namespace: key.object.namespace)
    let forProvider: JSONValue
    switch resolution {
    case .resolved(let filled): forProvider = filled
    case .waiting(let reason): return (.skipped(reason), [])
    case .invalid(let field, let message): return (.refused("\(field): \(message)"), [])
    }
    if policies.mayWrite, let id = resource.externalName ?? resource.idInStatus,
      let conflict = resources.conflict(
        over: id, of: resource, key: key, by: rule, forProvider: forProvider)
    {
      return (.refused(conflict.message), [])
    }
    let connection: DiscordConnection
    switch connections.connection(for: resource.providerConfigName, isDeleting: false) {
    case .ready(let ready): connection = ready
    case .notYet: return (.skipped("its ProviderConfig is being read"), [])
    case .impossible(let message): return (.skipped(message), [])
    }
    let look = Look(
      planner: self, rule: rule, key: key, resource: resource, forProvider: forProvider,
      connection: connection)
    do {
      return try await look.change(policies: policies)
    } catch let error as DiscordError {
      if case .unauthorized = error { return (.skipped("Discord refuses the token"), []) }
      if case .invalidRequest(let message) = error { return (.fault(message), []) }
      return (.unknown("\(error)"), [])
    } catch let error as ScriptError {
      return (.fault(ScriptFault(error, in: rule.bundle).text), [])
    } catch is CancellationError {
      return (.unknown("the provider is stopping"), [])
    } catch {
      return (.fault("\(error)"), [])
    }
  }

  /// The place that an object's spec gives it; nil when it gives none, or nobody may move it.
  private func place(of resource: ManagedResource, key: ResourceKey, by rule: Rule) -> Placed? {
    guard rule.functions.contains("arrange"), !resource.isPaused, !resource.object.isDeleting,
      resource.policies?.contains(.update) == true,
      let id = resource.externalName ?? resource.idInStatus,
      case .resolved(let forProvider) = resources.resolver.resolve(
        resource.forProvider?.value() ?? [:], references: rule.references,
        namespace: key.object.namespace
      ).resolution,
      let position = forProvider["position"]?.integerValue,
      let guild = forProvider["guildId"]?.stringValue
    else { return nil }
    return Placed(
      key: key, id: id, position: position, parent: forProvider["parentId"], guild: guild,
      resource: resource)
  }

  /// Performs the reads of a function; what the last poll read is new enough.
  func reads(_ connection: DiscordConnection, _ rule: Rule, _ key: ResourceKey) -> DiscordEffects {
    DiscordEffects(
      connection: connection, mode: .reading, rule: rule, key: key,
      purpose: ConnectionReads.Purpose(notOlderThan: time.uptime() - schedule.interval),
      logger: logger)
  }

  /// One object through one rule.
  private struct Look {
    let planner: RulePlanner
    let rule: Rule
    let key: ResourceKey
    let resource: ManagedResource
    let forProvider: JSONValue
    let connection: DiscordConnection

    func change(
      policies: ManagementPolicies
    ) async throws -> (RulePlan.Change, [RulePlan.Request]) {
      let id = resource.externalName ?? resource.idInStatus
      guard id != nil || rule.adopts else { return try await creation(policies, again: false) }
      let answer = try await call("observe", observed: nil, mayWrite: false)
      let observation: Observation
      switch answer.value {
      case .failure(let failure): return (.refused(failure.text), [])
      case .success(let value): observation = try Observation(value)
      }
      guard observation.exists else {
        // Discord may show what was just made a little later.
        if resource.creationGrace(now: planner.time.timestamp()) != nil {
          return (.skipped("being created"), [])
        }
        return try await creation(policies, again: id != nil)
      }
      let differences = planner.settled.unsettled(observation.differences, of: key)
      guard !differences.isEmpty, policies.contains(.update), rule.functions.contains("update")
      else { return (.nothing, []) }
      let update = try await call("update", observed: observation.observed, mayWrite: true)
      if case .failure(let failure) = update.value { return (.refused(failure.text), []) }
      return (.update(differences), update.requests)
    }

    private func creation(
      _ policies: ManagementPolicies, again: Bool
    ) async throws -> (RulePlan.Change, [RulePlan.Request]) {
      guard policies.contains(.create), rule.functions.contains("create") else {
        return (.refused("it is not in Discord, and may not be created"), [])
      }
      let create = try await call("create", observed: nil, mayWrite: true)
      if case .failure(let failure) = create.value { return (.refused(failure.text), []) }
      return (again ? .createAgain : .create, create.requests)
    }

    private func call(
      _ function: String, observed: JSONValue?, mayWrite: Bool
    ) async throws -> (value: RuleRunner.Answer, requests: [RulePlan.Request]) {
      let effects = PlanEffects(
        reads: planner.reads(connection, rule, key), capabilities: rule.capabilities,
        mayWrite: mayWrite)
      let context = RuleContext(
        resource: resource, forProvider: forProvider,
        externalName: resource.externalName ?? resource.idInStatus, now: planner.time.timestamp())
      let value = try await planner.runner.run(
        function, of: rule, context: context.bytes, observed: observed,
        perform: { try await effects.perform($0) })
      return (value, effects.requests)
    }
  }
}
