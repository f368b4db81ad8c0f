import DiscordAPI
import JSONValue
import KubeWatch

extension ProviderParts {
  func addReadinessChecks() {
    let (reflectors, configReflector) = (reflectors, configReflector)
    for reflector in reflectors {
      readiness.add {
        let isAnyThere = reflectors.contains { !$0.status.isTypeMissing }
        return CacheReadiness.check(reflector.type, reflector.status, isOptional: isAnyThere)
      }
    }
    readiness.add {
      CacheReadiness.check(configReflector.type, configReflector.status, isOptional: false)
    }
    let (library, connections, time) = (library, connections, time)
    readiness.add {
      // A refused reload is no reason to take the pod out: the last good rules are live.
      let state = library.state
      let refused = state.failure.map { " (last reload refused at \($0.stage): \($0.text))" }
      let waiting = state.waiting.map {
        " (\($0.hash.prefix(12)) waits for approval: \($0.reasons.joined(separator: "; ")))"
      }
      let lines = (refused ?? waiting ?? "").split(separator: "\n", maxSplits: 1)
      let note = (lines.first.map { String($0.prefix(300)) } ?? "") + (lines.count > 1 ? " …)" : "")
      return Readiness.Check(
        name: "rules/generation-\(library.rules.generation)\(note)", failure: nil)
    }
    if let elector {
      // Standing by is being ready: the pod takes over as soon as it may.
      readiness.add {
        let status = elector.status
        let error = status.lastError.map { " (\($0))" } ?? ""
        let role = status.holder == status.identity ? "leading" : "standing by"
        return Readiness.Check(name: "leader-election/\(role)\(error)", failure: nil)
      }
    }
    readiness.add {
      let all = connections.all()
      let isRefused = !all.isEmpty && all.allSatisfy(\.client.isTokenRefused)
      let now = time.uptime()
      let problems = all.compactMap { connection in
        connection.client.isTokenRefused
          ? "its token is refused" : connection.reach.problem(at: now)
      }
      let isLost = !all.isEmpty && problems.count == all.count
      return Readiness.Check(
        name: "discord",
        failure: isRefused
          ? "Discord refuses every token that is configured"
          : isLost ? "Discord can't be reached: \(problems[0])" : nil)
    }
  }

  /// What protects Discord from us, for `/readyz?verbose`. None of it is a reason to take the pod out:
  /// another one would have the same address and the same token.
  func addProtectionChecks() {
    let connections = connections
    readiness.add {
      let states = connections.all().map { $0.client.snapshot() }
      // One address has one count, whichever client is asked.
      let count = states.map(\.invalidRequests).max() ?? 0
      let level =
        states.contains { $0.invalidRequestLevel == .stopped }
        ? "stopped: only a token check a minute is sent"
        : states.contains { $0.invalidRequestLevel == .careful }
          ? "careful: polls are slowed down" : "normal"
      return Readiness.Check(
        name: "discord/invalid-requests (\(count) of 10000 in 10 minutes, \(level))", failure: nil)
    }
    readiness.add {
      let breakers = connections.all().flatMap { $0.client.snapshot().breakers }
        .filter { $0.phase != .closed }.map { "\($0.resourceType) \($0.phase.rawValue)" }
      let text = breakers.isEmpty ? "all closed" : Set(breakers).sorted().joined(separator: ", ")
      return Readiness.Check(name: "discord/circuit-breakers (\(text))", failure: nil)
    }
  }

  func addCollectors() {
    registry.set(
      ProviderMetrics.startTime, to: Double(time.timestamp().millisecondsSince1970) / 1000)
    registry.collect { ProcessFacts.report(into: $0) }
    let (pool, resources, connections, library) = (pool, resources, connections, library)
    let (history, reflectors, configReflector) = (history, reflectors, configReflector)
    let (time, leadership, elector) = (time, leadership, elector)
    let workers = configuration.maximumConcurrent
    registry.collect { registry in
      Self.report(
        pool.inspect(limit: 1), history.all(), now: time.uptime(), isLeading: leadership.isLeading,
        into: registry)
      Self.report(
        reflectors + [configReflector], now: time.instant(time.uptime()), into: registry)
      let depths = pool.depths()
      for priority in WorkPriority.allCases {
        registry.set(
          ProviderMetrics.queueDepth, ["managed", "managed", priority.label],
          to: Double(depths.waiting[priority] ?? 0))
      }
      registry.set(ProviderMetrics.activeWorkers, ["managed"], to: Double(depths.running))
      registry.set(ProviderMetrics.maximumWorkers, ["managed"], to: Double(workers))
      registry.set(ProviderMetrics.ruleGeneration, to: Double(library.rules.generation))
      let loads = library.state
      registry.set(ProviderMetrics.rulesWaiting, to: loads.waiting == nil ? 0 : 1)
      registry.set(ProviderMetrics.ruleLoads, ["success"], to: Double(loads.loads))
      registry.set(ProviderMetrics.ruleLoads, ["failure"], to: Double(loads.failures))
    }
    // What exists is told by one replica, or sums over all would count it twice.
    registry.collect { registry in
      if let lease = elector?.status.lease {
        registry.set(ProviderMetrics.leader, [lease.name], to: leadership.isLeading ? 1 : 0)
      }
      if leadership.isLeading {
        Self.countResources(resources, into: registry)
      } else {
        for family in [
          ProviderMetrics.resources, ProviderMetrics.exists, ProviderMetrics.ready,
          ProviderMetrics.synced,
        ] { registry.clear(family) }
      }
    }
    registry.collect { Self.report(connections.all(), into: $0) }
  }

  private static func countResources(_ resources: ResourceStores, into registry: MetricRegistry) {
    registry.clear(ProviderMetrics.resources)
    for entry in resources.all {
      let type = entry.type
      let gvk = "\(type.group)/\(type.version), Kind=\(type.kind)"
      var counts: [[String]: Double] = [:]
      var bytes = 0
      for object in entry.objects {
        bytes += object.bytes.count
        let status = (try? ManagedResource(object))?.status ?? [:]
        let ready = StatusReading.status(of: .ready, in: status) ?? "Unknown"
        let synced = StatusReading.status(of: .synced, in: status) ?? "Unknown"
        counts[[type.kind.lowercased(), ready, synced], default: 0] += 1
      }
      for (labels, count) in counts { registry.set(ProviderMetrics.resources, labels, to: count) }
      func sum(_ position: Int) -> Double {
        counts.filter { $0.key[position] == "True" }.values.reduce(0, +)
      }
      registry.set(ProviderMetrics.exists, [gvk], to: counts.values.reduce(0, +))
      registry.set(ProviderMetrics.ready, [gvk], to: sum(1))
      registry.set(ProviderMetrics.synced, [gvk], to: sum(2))
      registry.set(ProviderMetrics.storeBytes, [type.kind], to: Double(bytes))
    }
  }

  private static func report(
    _ connections: [DiscordConnection], into registry: MetricRegistry
  ) {
    registry.clear(ProviderMetrics.breaker)
    // The worst state counts where several tokens have a breaker for the same type.
    let order: [CircuitBreaker.Phase] = [.closed, .halfOpen, .open]
    var worst: [String: CircuitBreaker.Phase] = [:]
    for type in ["guild", "channel", "role"] { worst[type] = .closed }
    let states = connections.map { $0.client.snapshot() }
    report(states, into: registry)
    for state in states {
      for breaker in state.breakers {
        let known = order.firstIndex(of: worst[breaker.resourceType] ?? .closed) ?? 0
        let new = order.firstIndex(of: breaker.phase) ?? 0
        worst[breaker.resourceType] = order[max(known, new)]
      }
    }
    for (type, phase) in worst {
      for state in order {
        registry.set(
          ProviderMetrics.breaker, [type, state.rawValue], to: state == phase ? 1 : 0)
      }
    }
  }
}
