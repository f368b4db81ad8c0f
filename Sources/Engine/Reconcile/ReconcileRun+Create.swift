import DiscordAPI
import JSONValue
import KubeWatch
import Logging

extension ReconcileRun {
  /// Announces, creates, and records the name: so that whatever happens in between, at most one
  /// object comes of it.
  mutating func create(
    policies: ManagementPolicies, with connection: DiscordConnection
  ) async throws -> Ending {
    guard policies.contains(.create) else {
      throw ReconcileProblem(
        EventReason.cannotObserve,
        "the resource does not exist in Discord, and spec.managementPolicies does not allow to "
          + "create it", retry: .poll)
    }
    guard rule.functions.contains("create") else {
      throw ReconcileProblem(
        EventReason.cannotCreate,
        "the resource does not exist in Discord and \(rule.module) cannot create one", retry: .poll)
    }
    try checkAdmission(to: connection)
    try takeTurn()
    let pending = try await announce()
    let nonce = CreateNonce(uid: resource.object.uid, pending: pending)
    let effects = effects(over: connection, mode: .writing(nonce: nonce))
    let value: JSONValue
    do {
      value = try await call("create", effects: effects)
    } catch {
      try await recordFailedCreate(pending: pending, effects: effects, error: error)
      throw error
    }
    guard let name = value["external_name"]?.stringValue, !name.isEmpty else {
      parts.metrics.scriptFailed(module: rule.module, .wrongAnswer)
      let what = value.isNull ? "nil and no failure" : "no external_name"
      throw scriptProblem(
        "create returned \(what): it must return a table with external_name, or nil and a failure",
        function: "create")
    }
    learnt = value["at_provider"]
    try await record(externalName: name)
    logger.info("created", metadata: ["external-name": "\(name)"])
    parts.events.normal(
      resource, rule.type, EventReason.created, "Created in Discord with the ID \(name)")
    let observation = try await observation(after: value, with: connection)
    guard observation.exists else { return .postponed(.seconds(1)) }
    return try await keep(observation, policies: policies, with: connection)
  }

  /// What is to be said of the new resource: by `create` itself, which has Discord's answer, or else
  /// by a look at it.
  private mutating func observation(
    after created: JSONValue, with connection: DiscordConnection
  ) async throws -> Observation {
    guard let value = created["observation"], !value.isNull else {
      return try await observe(with: connection)
    }
    movesBefore = parts.order.moves
    do {
      return try Observation(value)
    } catch {
      throw scriptProblem("\(error)", function: "create")
    }
  }

  /// Waits while another object of the same guild and name is being created.
  private mutating func takeTurn() throws {
    guard turn == nil, let guild = forProvider["guildId"]?.stringValue,
      let name = forProvider["name"]?.stringValue
    else { return }
    let wanted = CreateTurns.Turn(
      kind: key.kind, providerConfig: resource.providerConfigName, guild: guild, name: name)
    guard parts.turns.take(wanted) else {
      throw ReconcileProblem(
        EventReason.cannotCreate, "another object of the same name is being created in the guild",
        retry: .later(.milliseconds(500)), isQuiet: true)
    }
    turn = wanted
  }

  /// Comes back later when the limits would not let the request through now, so that nothing is
  /// announced that then waits.
  private func checkAdmission(to connection: DiscordConnection) throws {
    guard rule.auditAction != nil, let guild = forProvider["guildId"]?.stringValue else { return }
    do {
      try connection.client.checkAdmission(
        DiscordRequest(
          method: "POST", path: "/guilds/\(guild)/\(rule.type.plural)", priority: .createOrDelete,
          resourceType: rule.resourceType, operation: "create", guildID: guild))
    } catch {
      throw discordProblem(error, function: "create")
    }
  }

  /// Writes the pending annotation, proving that we decide on a fresh view. Each attempt has its own:
  /// what is known of an earlier one, that it made nothing, says nothing about this.
  private mutating func announce() async throws -> String {
    let pending = parts.time.timestamp().milliseconds
    resource = try await parts.writer.updateMetadata(
      of: resource, type: rule.type, annotations: [Annotation.createPending: pending],
      finalizers: resource.hasFinalizer ? nil : resource.finalizers + [Annotation.finalizer],
      ifUnchanged: true)
    parts.abandoned.forget(uid: resource.object.uid)
    return pending
  }

  /// Records the external name and the success in one write. It must not get lost: without it the
  /// recovery has to look for the object.
  mutating func record(externalName name: String) async throws {
    let annotations: [String: String?] = [
      Annotation.externalName: name,
      Annotation.createSucceeded: parts.time.timestamp().milliseconds,
    ]
    var wait = Duration.milliseconds(100)
    for attempt in 1... {
      do {
        resource = try await parts.writer.updateMetadata(
          of: resource, type: rule.type, annotations: annotations, ifUnchanged: false)
        parts.abandoned.forget(uid: resource.object.uid)
        return
      } catch let error as KubeError where !error.isNotFound && attempt < 6 {
        logger.warning(
          "the external name could not be recorded, trying again",
          metadata: ["error": "\(error)", "external-name": "\(name)"])
        try await parts.time.sleep(wait)
        wait = wait * 2
      }
    }
  }

  private mutating func recordFailedCreate(
    pending: String, effects: DiscordEffects, error: any Error
  ) async throws {
    // A write that may have been performed stays announced: the recovery will look for it.
    guard !effects.mayHaveWritten else { return }
    parts.abandoned.abandon(uid: resource.object.uid, pending: pending)
    guard let problem = error as? ReconcileProblem, problem.isRefusal else { return }
    resource = try await parts.writer.updateMetadata(
      of: resource, type: rule.type,
      annotations: [Annotation.createFailed: parts.time.timestamp().milliseconds],
      ifUnchanged: false)
  }

  /// Finds out what came of a create that was announced and not recorded.
  mutating func recover(from pending: Timestamp, with connection: DiscordConnection) async throws {
    guard let text = resource.pendingText else { return }
    try takeTurn()
    let nonce = CreateNonce(uid: resource.object.uid, pending: text)
    let search = CreateSearch(
      connection: connection, rule: rule, nonce: nonce, pending: pending,
      guild: forProvider["guildId"]?.stringValue, now: parts.time.timestamp(),
      uptime: parts.time.uptime())
    let logged: CreateSearch.Finding
    do {
      logged = try await search.inAuditLog()
    } catch {
      throw discordProblem(error, function: "observe")
    }
    if case .found(let id) = logged {
      return try await adopt(id, because: "its creation is in the audit log")
    }
    let claimed = parts.resources.externalNames(of: key.kind)
    let effects = effects(over: connection, mode: .reading)
    let value =
      rule.functions.contains("find")
      ? try await call("find", effects: effects, createdAfter: search.earliestSnowflake) : []
    let matches = (value.arrayValue ?? []).compactMap(\.stringValue).filter {
      !claimed.contains($0)
    }
    if matches.count == 1, let id = matches.first {
      return try await adopt(id, because: "it is the only match made since the attempt")
    }
    guard matches.isEmpty, logged == .absent else { throw undecided(matches, logged) }
    let wait = try await search.remainingWait()
    guard wait <= .zero else {
      throw ReconcileProblem(
        EventReason.cannotCreate,
        "the outcome of an interrupted create is being looked for in Discord",
        retry: .later(wait), isQuiet: true)
    }
    logger.info("an interrupted create made nothing", metadata: ["pending": "\(text)"])
    parts.abandoned.abandon(uid: resource.object.uid, pending: text)
  }

  private mutating func adopt(_ id: String, because reason: String) async throws {
    try await record(externalName: id)
    logger.info(
      "adopted what an interrupted create had made",
      metadata: ["external-name": "\(id)", "reason": "\(reason)"])
    parts.events.normal(
      resource, rule.type, EventReason.created,
      "Adopted \(id), made by an interrupted create: \(reason)")
  }

  /// Crossplane's message, which its users know, and how to go on.
  private func undecided(_ matches: [String], _ logged: CreateSearch.Finding) -> ReconcileProblem {
    var message =
      "cannot determine creation result - remove the \(Annotation.createPending) annotation if it "
      + "is safe to proceed"
    if matches.count > 1 {
      message +=
        "; these could be it: \(matches.prefix(5).joined(separator: ", ")): set "
        + "\(Annotation.externalName) to one of them"
    } else if case .unreadable(let why) = logged {
      message += "; the guild's audit log would tell, and can't be read: \(why)"
    }
    return ReconcileProblem(EventReason.cannotInitialize, message, retry: .stop)
  }
}
