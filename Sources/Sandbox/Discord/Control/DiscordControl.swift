import JSONValue

/// The control API: how tests and people look into the simulator, spoil things, and change the
/// world behind a bot's back. It has a port of its own, and no authentication: it is for loopback.
extension DiscordSimulation {
  /// Takes a request to the control port.
  package mutating func control(
    _ request: SimulatedRequest, now: SimulatedTime
  ) -> SimulatedOutcome {
    if request.path.hasPrefix("/control/api/") {
      var inner = request
      inner.target = String(request.target.dropFirst("/control".utf8.count))
      return handleAsOwner(inner, now: now)
    }
    do throws(ControlError) {
      let body: JSONValue
      if request.body.isEmpty {
        body = .object([:])
      } else {
        do {
          body = try JSONValue(parsing: request.body)
        } catch {
          throw ControlError(message: error.description)
        }
      }
      let segments = request.path.split(separator: "/").dropFirst().map(String.init)
      guard request.path.hasPrefix("/control/"),
        let result = try control(
          request.method, segments, body, query: request.query, now: now)
      else {
        return Self.answer(["message": "no such control route"], status: 404)
      }
      return Self.answer(result, status: 200)
    } catch {
      return Self.answer(["message": .string(error.message)], status: 400)
    }
  }

  private static func answer(_ body: JSONValue, status: Int) -> SimulatedOutcome {
    var outcome = SimulatedOutcome(status: status, body: body.serialized())
    outcome.headers = [SimulatedHeader("Content-Type", "application/json")]
    return outcome
  }

  /// Performs a control request; nil when there is no such route.
  private mutating func control(
    _ method: String, _ path: [String], _ body: JSONValue, query: [String: String],
    now: SimulatedTime
  ) throws(ControlError) -> JSONValue? {
    switch (method, path.first, path.count) {
    case ("GET", "score", 1):
      return score.json(
        duplicates: world.guilds.values.sorted { $0.id < $1.id }.flatMap(\.duplicates))
    case ("POST", "score", 2) where path[1] == "reset":
      score = DiscordScore()
      return Self.done
    case ("GET", "requests", 1):
      return log.json(since: query["since"].flatMap { Int($0) } ?? 0)
    case ("GET", "routes", 1):
      return .array(DiscordOperation.allCases.map { .string($0.rawValue) })
    case ("GET", "state", 1): return world.state
    case ("PUT", "state", 1):
      guard var loaded = DiscordWorld(state: body) else {
        throw ControlError(message: "not a state that GET /control/state gave")
      }
      loaded.rules = world.rules
      world = loaded
      return Self.done
    case ("GET", "limits", 1): return limits.json
    case ("PUT", "limits", 1):
      var changed = limits
      try changed.apply(body)
      limits = changed
      resetLimits()
      return limits.json
    case ("PUT", "latency", 1):
      let sent = try ControlError.number(body["milliseconds"] ?? .null, "milliseconds")
      latency = .microseconds(Int64(max(0, sent) * 1_000))
      return Self.done
    case ("GET", "rules", 1): return world.rules.json
    case ("PUT", "rules", 1):
      try world.rules.apply(body)
      return world.rules.json
    default: break
    }
    if path.first == "faults" { return try controlFaults(method, path, body, now) }
    if path.first == "tokens" { return try controlTokens(method, path, body, now) }
    if path.first == "guilds" { return try controlGuilds(method, path, body, now) }
    return nil
  }

  private static let done: JSONValue = ["ok": true]

  private mutating func controlFaults(
    _ method: String, _ path: [String], _ body: JSONValue, _ now: SimulatedTime
  ) throws(ControlError) -> JSONValue? {
    switch (method, path.count) {
    case ("GET", 1): return faults.json
    case ("POST", 1): return ["id": .integer(Int64(try faults.add(body, now: now)))]
    case ("DELETE", 1), ("DELETE", 2):
      let id = path.count == 2 ? Int(path[1]) : nil
      guard path.count == 1 || id != nil, faults.remove(id) else {
        throw ControlError(message: "no such fault")
      }
      return Self.done
    default: return nil
    }
  }

  private mutating func controlTokens(
    _ method: String, _ path: [String], _ body: JSONValue, _ now: SimulatedTime
  ) throws(ControlError) -> JSONValue? {
    switch (method, path.count) {
    case ("POST", 1):
      guard let bot = world.makeBot(from: body, now: now) else {
        throw ControlError(message: "\"token\" is missing")
      }
      return bot.json
    case ("DELETE", 2):
      guard let token = PercentEncoding.decode(path[1]),
        world.tokens.removeValue(forKey: token) != nil
      else { throw ControlError(message: "no such token") }
      return Self.done
    default: return nil
    }
  }

  private mutating func controlGuilds(
    _ method: String, _ path: [String], _ body: JSONValue, _ now: SimulatedTime
  ) throws(ControlError) -> JSONValue? {
    if method == "POST", path.count == 1 {
      let made = world.makeGuild(from: body, now: now)
      return show(made)
    }
    guard path.count >= 2, let id = Snowflake(path[1]), world.guilds[id] != nil else {
      throw ControlError(message: "no such guild")
    }
    switch (method, path.count == 3 ? path[2] : "") {
    case ("DELETE", "") where path.count == 2:
      world.guilds[id] = nil
      return Self.done
    case ("PATCH", "") where path.count == 2:
      try changeGuild(id, body)
      return show(id)
    case ("PUT", "bot-permissions"):
      let bot = Snowflake(json: body["bot"]) ?? world.tokens.values.min()
      let role = bot.flatMap { bot in
        world.guilds[id]?.setBotRole(
          of: bot, permissions: PermissionBits(json: body["permissions"]),
          position: body["position"]?.integerValue)
      }
      guard let role else { throw ControlError(message: "the bot has no role in this guild") }
      return role.json
    case ("POST", "members"):
      let sent = body["user"] ?? body
      let userID = Snowflake(json: sent["id"]) ?? world.snowflakes.next(at: now)
      let user = DiscordUser(
        id: userID, username: sent["username"]?.stringValue ?? "user-\(userID)",
        isBot: sent["bot"]?.boolValue ?? false)
      world.users[userID] = user
      let roles = (body["roles"]?.arrayValue ?? []).compactMap { Snowflake(json: $0) }
      let member = DiscordMember(user: user, roles: roles, joinedAt: now)
      world.guilds[id]?.members[userID] = member
      return member.json
    case ("POST", "split-permissions"):
      world.guilds[id]?.splitPermissions()
      return Self.done
    default: return nil
    }
  }

  /// What no client can change: features that Discord grants, boosts, ownership.
  private mutating func changeGuild(
    _ id: Snowflake, _ body: JSONValue
  ) throws(ControlError) {
    for (key, value) in body.objectValue ?? [:] {
      switch key {
      case "features":
        world.guilds[id]?.features = (value.arrayValue ?? []).compactMap(\.stringValue)
      case "premium_tier":
        world.guilds[id]?.premiumTier = Int64(try ControlError.number(value, key))
      case "owner_id":
        guard let owner = Snowflake(json: value), world.guilds[id]?.members[owner] != nil else {
          throw ControlError(message: "the new owner is no member")
        }
        world.guilds[id]?.ownerID = owner
      case "name":
        if let name = value.stringValue { world.guilds[id]?.name = name }
      default: throw ControlError(message: "unknown setting \"\(key)\" of a guild")
      }
    }
  }

  private func show(_ id: Snowflake) -> JSONValue? {
    guard let guild = world.guilds[id] else { return nil }
    var result = guild.settingsJSON
    result["roles"] = .array(guild.roles.values.sorted { $0.id < $1.id }.map(\.json))
    return .object(result)
  }
}

extension WorldRules {
  /// The form of `GET` and `PUT /control/rules`.
  var json: JSONValue {
    [
      "obfuscation": .bool(obfuscation), "newRoles": .string(newRolePlacement.rawValue),
      "voiceSpaces": .bool(rewritesVoiceSpaces),
    ]
  }

  mutating func apply(_ json: JSONValue) throws(ControlError) {
    for (key, value) in json.objectValue ?? [:] {
      switch key {
      case "obfuscation": obfuscation = value.boolValue ?? true
      case "newRoles": newRolePlacement = try ControlError.choice(value, key)
      case "voiceSpaces": rewritesVoiceSpaces = value.boolValue ?? false
      default: throw ControlError(message: "unknown rule \"\(key)\"")
      }
    }
  }
}
