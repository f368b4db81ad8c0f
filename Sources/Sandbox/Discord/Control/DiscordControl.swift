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
      guard !request.isTooLarge else { throw ControlError(message: "the body is too large") }
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
        let message = "no such control route: \(request.method) \(request.path)"
        return Self.answer(["message": .string(message)], status: 404)
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
    let none = [String]()
    switch (method, path.first, path.count) {
    case ("GET", "score", 1):
      return score.json(
        duplicates: world.guilds.values.sorted { $0.id < $1.id }.flatMap(\.duplicates))
    case ("POST", "score", 2) where path[1] == "reset":
      _ = try ControlBody(body, members: none)
      score = DiscordScore()
      return Self.done
    case ("GET", "requests", 1): return log.json(since: try Self.sequence(query))
    case ("GET", "routes", 1):
      return .array(DiscordOperation.allCases.map { .string($0.rawValue) })
    case ("GET", "state", 1): return world.state
    case ("PUT", "state", 1):
      var loaded = try DiscordWorld(state: body)
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
      let sent = try ControlBody(body, members: ["milliseconds"])
      latency = .milliseconds(
        try sent.required("milliseconds", try sent.whole("milliseconds", in: 0...3_600_000)))
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

  static let done: JSONValue = ["ok": true]

  /// The query `since`, 0 without one.
  private static func sequence(_ query: [String: String]) throws(ControlError) -> Int {
    guard query.keys.allSatisfy({ $0 == "since" }) else {
      throw ControlError(message: "the query can only have \"since\"")
    }
    guard let text = query["since"] else { return 0 }
    guard let sequence = Int(text), sequence >= 0 else {
      throw ControlError(message: "\"since\" must be the \"seq\" of a request")
    }
    return sequence
  }

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
      let bot = try NewBot(json: body)
      if let stranger = bot.guilds?.first(where: { world.guilds[$0] == nil }) {
        throw ControlError(message: "\"guilds\": there is no guild \(stranger)")
      }
      if let id = bot.id, world.users[id]?.isBot == false {
        throw ControlError(message: "\"bot.id\" is that of a person")
      }
      return world.makeBot(bot, now: now).json
    case ("DELETE", 2):
      guard let token = PercentEncoding.decode(path[1]),
        world.tokens.removeValue(forKey: token) != nil
      else { throw ControlError(message: "no such token") }
      return Self.done
    default: return nil
    }
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

  /// Takes over the rules that the value has; others stay.
  mutating func apply(_ json: JSONValue) throws(ControlError) {
    let sent = try ControlBody(json, members: ["obfuscation", "newRoles", "voiceSpaces"])
    var result = self
    result.obfuscation = try sent.truth("obfuscation") ?? obfuscation
    result.newRolePlacement = try sent.choice("newRoles") ?? newRolePlacement
    result.rewritesVoiceSpaces = try sent.truth("voiceSpaces") ?? rewritesVoiceSpaces
    self = result
  }
}
