import DiscordAPI
import JSONValue
import KubeWatch
import Logging
import LuaBridge

/// The order of a guild's channels and roles: the rule's `arrange` says what moves, once for all
/// objects of the guild, and one request moves it.
extension ReconcileRun {
  /// Says where the object is to be; or that nobody is to move it.
  func notePlace(policies: ManagementPolicies) {
    guard rule.functions.contains("arrange"), policies.contains(.update),
      !resource.object.isDeleting, let position = forProvider["position"]?.integerValue,
      let guild = forProvider["guildId"]?.stringValue
    else { return parts.order.forget(key) }
    parts.order.note(
      key,
      SiblingOrder.Place(
        group: SiblingOrder.Group(
          kind: key.kind, providerConfig: resource.providerConfigName, guild: guild),
        id: knownID, position: position,
        parent: forProvider["parentId"].map { $0.stringValue ?? "" },
        placement: resource.status.value(at: "atProvider", "placement")))
  }

  /// `status.atProvider` with what `arrange` wants to be remembered of the object, so that another
  /// process knows it too.
  func rememberingPlacement(_ atProvider: JSONValue?) -> JSONValue? {
    guard rule.functions.contains("arrange"), var result = atProvider else { return atProvider }
    let placement =
      parts.order.placement(of: key) ?? resource.status.value(at: "atProvider", "placement")
    let isPlaced = forProvider["position"]?.integerValue != nil
    result["placement"] = isPlaced && placement?.isNull == false ? placement : nil
    return result
  }

  /// Sees to it that the object's guild is in order.
  ///
  /// - Returns: `.settled`, `.wait` or `.failed`.
  func seeToOrder(
    policies: ManagementPolicies, with connection: DiscordConnection
  ) async -> SiblingOrder.Decision {
    notePlace(policies: policies)
    guard let guild = forProvider["guildId"]?.stringValue else { return .settled }
    let group = SiblingOrder.Group(
      kind: key.kind, providerConfig: resource.providerConfigName, guild: guild)
    let run = self
    return await parts.order.ask(
      key, in: group, isPoll: job.priority == .poll || resource.reconcileRequest != nil,
      notOlderThan: freshness
    ) { places in
      await run.recordingLook(at: group).putInOrder(group, places, with: connection)
    }
  }

  /// A look serves all objects of the guild and may outlast the reconcile that asked for it, so it has a
  /// recording of its own.
  private func recordingLook(at group: SiblingOrder.Group) -> ReconcileRun {
    var look = self
    look.recording = parts.recorder?.begin(
      kind: key.kind, namespace: "", name: "order-of-\(group.guild)", now: parts.time.timestamp())
    return look
  }

  /// A change of place that the rule wants, with the fields of the spec that it repairs.
  private struct Move {
    let id: String
    let body: JSONValue
    let fields: [String]

    init?(_ value: JSONValue) {
      guard let id = value["id"]?.stringValue else { return nil }
      self.id = id
      var body: JSONValue = ["id": .string(id)]
      for name in ["position", "parent_id"] { body[name] = value[name] }
      self.body = body
      fields = value["fields"]?.arrayValue?.compactMap(\.stringValue) ?? []
    }
  }

  private func putInOrder(
    _ group: SiblingOrder.Group, _ places: [ResourceKey: SiblingOrder.Place],
    with connection: DiscordConnection
  ) async -> GuildOrder.Look {
    defer {
      if let recording { parts.recorder?.finish(recording, id: parts.metrics.nextReconcileID()) }
    }
    let moves: [Move]
    do {
      let (planned, placements) = try await plan(group, places, with: connection)
      guard !planned.isEmpty else { return .inOrder(placements) }
      moves = planned
    } catch {
      let problem = error as? ReconcileProblem
      // What is wrong with Discord each object's own look says; a bug of `arrange` nobody else.
      let isBug = problem?.retry == .backoff(atLeast: .zero)
      return .failed(
        problem ?? discordProblem(.cancelled(mayHaveBeenPerformed: false), function: "update"),
        keys: isBug ? Set(places.keys) : [], for: .seconds(5))
    }
    var keys: [String: ResourceKey] = [:]
    for (key, place) in places {
      if let id = place.id { keys[id] = key }
    }
    var moving: [(key: ResourceKey, fields: [String])] = []
    for move in moves where !move.fields.isEmpty {
      if let key = keys[move.id] { moving.append((key, move.fields)) }
    }
    moving.sort { $0.key.description < $1.key.description }
    do throws(DiscordError) {
      try await send(moves, group, for: moving.map(\.key), with: connection)
    } catch {
      let problem = orderProblem(error)
      let wait: Duration =
        if case .later(let wait) = problem.retry { max(wait, .seconds(1)) } else { .seconds(50) }
      return .failed(problem, keys: Set(moving.map(\.key)), for: wait)
    }
    logger.info(
      "order repaired",
      metadata: ["guild": "\(group.guild)", "moved": "\(moving.count)", "sent": "\(moves.count)"])
    for (key, fields) in moving {
      guard let object = parts.resources.find(key), let resource = try? ManagedResource(object)
      else { continue }
      parts.events.normal(
        resource, rule.type, EventReason.updated,
        "Repaired in Discord: \(fields.joined(separator: ", "))")
    }
    // What Discord has made of it, which the rule takes for right from now on.
    let after = try? await plan(group, places, with: connection)
    return .moved(after?.placements ?? [:])
  }

  /// Asks the rule.
  private func plan(
    _ group: SiblingOrder.Group, _ places: [ResourceKey: SiblingOrder.Place],
    with connection: DiscordConnection
  ) async throws -> (moves: [Move], placements: [ResourceKey: JSONValue]) {
    let objects = places.values.compactMap { place -> (String, JSONValue)? in
      guard let id = place.id else { return nil }
      var object: JSONValue = ["id": .string(id), "position": .integer(place.position)]
      object["parent_id"] = place.parent.map { .string($0) }
      object["placement"] = place.placement
      return (id, object)
    }.sorted { $0.0 < $1.0 }
    let now = parts.time.timestamp()
    let context: JSONValue = [
      "resource": ["metadata": [:]], "spec": ["forProvider": ["guildId": .string(group.guild)]],
      "objects": .array(objects.map(\.1)), "now": .string(now.seconds),
      "now_ms": .integer(now.millisecondsSince1970),
    ]
    let answer = try await call(
      "arrange", context: context.serialized(), effects: effects(over: connection, mode: .reading))
    let moves = (answer["moves"]?.arrayValue ?? []).map { Move($0) }
    guard !moves.contains(where: { $0 == nil }) else {
      throw scriptProblem("each of the moves needs an id", function: "arrange")
    }
    guard moves.isEmpty || rule.capabilities.contains("discord.write") else {
      throw scriptProblem(
        "the rule's capabilities do not name \"discord.write\"", function: "arrange")
    }
    var placements: [ResourceKey: JSONValue] = [:]
    for (key, place) in places {
      if let id = place.id { placements[key] = answer["placements"]?[id] ?? .null }
    }
    return (moves.compactMap { $0 }, placements)
  }

  /// One request for all. A category that takes no more channels must not keep all others from their
  /// places: then the one channel's own update tells why, and the rest goes without it.
  private func send(
    _ moves: [Move], _ group: SiblingOrder.Group, for keys: [ResourceKey],
    with connection: DiscordConnection
  ) async throws(DiscordError) {
    let names = keys.map(\.description).joined(separator: ", ")
    func request(_ bodies: [JSONValue]) -> DiscordRequest {
      DiscordRequest(
        method: "PATCH", path: "/guilds/\(group.guild)/\(rule.type.plural)",
        body: JSONValue.array(bodies).serialized(),
        auditLogReason: "provider-discord: order of \(names)", priority: .update,
        resourceType: rule.resourceType, operation: "update", guildID: group.guild, actor: names)
    }
    do throws(DiscordError) {
      _ = try await connection.reads.send(request(moves.map(\.body)))
    } catch {
      guard case .answered(let failure) = error, failure.status == 400,
        moves.contains(where: { $0.body["parent_id"] != nil })
      else { throw error }
      let rest = moves.compactMap { move -> JSONValue? in
        var body = move.body
        body["parent_id"] = nil
        return body["position"] == nil ? nil : body
      }
      _ = try await connection.reads.send(request(rest))
    }
  }

  private func orderProblem(_ error: DiscordError) -> ReconcileProblem {
    guard case .answered(let failure) = error else {
      return discordProblem(error, function: "update")
    }
    return ReconcileProblem(
      EventReason.cannotUpdate,
      "the position could not be set: Discord refused: \(failure). A bot needs Manage Channels for the "
        + "guild to order channels, and Manage Roles to order roles, and moves only roles below its own "
        + "highest one", retry: .poll)
  }
}
