import DiscordAPI
import JSONValue
import KubeWatch
import Logging
import LuaBridge

extension ReconcileRun {
  /// Runs `observe`.
  mutating func observe(with connection: DiscordConnection) async throws -> Observation {
    movesBefore = parts.order.moves
    let effects = effects(over: connection, mode: .reading)
    let value = try await call("observe", effects: effects)
    do {
      return try Observation(value)
    } catch {
      parts.metrics.scriptFailed(module: rule.module, .wrongAnswer)
      throw scriptProblem("\(error)", function: "observe")
    }
  }

  /// The interpreter for one function's effects.
  func effects(over connection: DiscordConnection, mode: DiscordEffects.Mode) -> DiscordEffects {
    DiscordEffects(
      connection: connection, mode: mode, rule: rule, key: key,
      purpose: ConnectionReads.Purpose(
        notOlderThan: freshness, priority: job.priority == .change ? .update : .poll),
      logger: logger)
  }

  /// The oldest data that may be used, as uptime. A poll wants what is newer than its moment; a
  /// person who asked for a look wants news; a changed spec can be compared with what the last poll
  /// read, because writes are folded into it.
  var freshness: Duration {
    let now = parts.time.uptime()
    if resource.reconcileRequest != nil { return now }
    if job.priority == .poll { return min(job.due, now) }
    return now - parts.schedule.interval.scaled(by: 0.5)
  }

  /// Runs one of the rule's functions on this object and gives its value; failures become problems.
  func call(
    _ function: String, effects: DiscordEffects, observed: JSONValue? = nil,
    createdAfter: String? = nil
  ) async throws -> JSONValue {
    let context = RuleContext(
      resource: resource, forProvider: forProvider, externalName: knownID,
      now: parts.time.timestamp(), stored: learnt, createdAfter: createdAfter)
    return try await call(
      function, context: context.bytes, effects: effects, observed: observed)
  }

  /// The same with a `ctx` of its own.
  func call(
    _ function: String, context: [UInt8], effects: DiscordEffects, observed: JSONValue? = nil
  ) async throws -> JSONValue {
    let answer: RuleRunner.Answer
    do {
      answer = try await parts.runner.run(
        function, of: rule, context: context, observed: observed, recording: recording,
        perform: { try await effects.perform($0) })
    } catch let error as DiscordError {
      throw discordProblem(error, function: function)
    } catch let error as ScriptError {
      throw scriptProblem(
        ScriptFault(error, in: rule.bundle).text, function: function)
    } catch let error as EffectError {
      throw scriptProblem("\(error)", function: function)
    }
    switch answer {
    case .success(let value): return value
    case .failure(let failure): throw ruleProblem(failure, function: function)
    }
  }

  /// The object exists and is to stay: adopt, repair what differs, and say so.
  mutating func keep(
    _ first: Observation, policies: ManagementPolicies, with connection: DiscordConnection
  ) async throws -> Ending {
    var observation = first
    if knownID == nil { try yield(observation.externalName, policies) }
    try await claim(observation.externalName ?? resource.idInStatus)
    let order = await seeToOrder(policies: policies, with: connection)
    if parts.order.moves != movesBefore { observation = try await observe(with: connection) }
    let differences = parts.settled.unsettled(observation.differences, of: key)
    if !differences.isEmpty, policies.contains(.update) {
      observation = try await update(observation, differences, with: connection)
    }
    if case .failed(let problem) = order { throw problem }
    let ready: Condition =
      observation.isReady ? .available : .unavailable("the rule does not call it ready")
    let request = resource.reconcileRequest
    resource = try await parts.writer.updateStatus(
      of: resource, type: rule.type,
      to: StatusDraft(
        ready, .success, atProvider: rememberingPlacement(observation.atProvider),
        handledRequest: request))
    if case .wait(let wait) = order { return .postponed(wait) }
    guard request != nil else { return .done(again: pollWait()) }
    parts.events.normal(
      resource, rule.type, EventReason.requestHandled, "The requested reconcile was done")
    // Discord is eventually consistent, and its answers to our own last writes are believed before
    // its lists for a moment: what the asker has seen there may reach us a little later.
    return .done(again: min(pollWait(), .seconds(3)))
  }

  /// Makes sure of our finalizer and, for an adopted resource, of its external name.
  private mutating func claim(_ adopted: String?) async throws {
    let isNewName = adopted != nil && adopted != resource.externalName
    guard isNewName || !resource.hasFinalizer else { return }
    var annotations: [String: String?] = [:]
    if isNewName { annotations[Annotation.externalName] = adopted }
    resource = try await parts.writer.updateMetadata(
      of: resource, type: rule.type, annotations: annotations,
      finalizers: resource.hasFinalizer ? nil : resource.finalizers + [Annotation.finalizer],
      ifUnchanged: true)
    if isNewName, let adopted {
      logger.info("adopted", metadata: ["external-name": "\(adopted)"])
    }
  }

  /// Repairs what differs and looks again. What still differs then is Discord's own form.
  private mutating func update(
    _ observation: Observation, _ differences: [FieldDifference], with connection: DiscordConnection
  ) async throws -> Observation {
    let fields = differences.map(\.field).sorted().joined(separator: ", ")
    guard rule.functions.contains("update") else {
      throw ReconcileProblem(
        EventReason.cannotUpdate, "\(fields) differs and \(rule.module) has no function update",
        retry: .poll)
    }
    if let last = parts.history[key]?.lastEnd {
      parts.metrics.drifted(rule.type, after: parts.time.uptime() - last)
    }
    logger.info("updating", metadata: ["fields": "\(fields)"])
    let answer = try await call(
      "update", effects: effects(over: connection, mode: .writing(nonce: nil)),
      observed: observation.observed)
    learnt = answer["at_provider"]
    parts.events.normal(
      resource, rule.type, EventReason.updated, "Repaired in Discord: \(fields)")
    let after = try await observe(with: connection)
    let left = after.differences.filter { differences.contains($0) }
    if !left.isEmpty {
      parts.settled.settle(left, of: key)
      logger.warning(
        "Discord keeps its own form of a value; not written again",
        metadata: ["fields": "\(left.map(\.field).joined(separator: ", "))"])
    }
    return after
  }
}
