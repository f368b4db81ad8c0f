import JSONValue

/// The whole simulator without its sockets: world, limits, faults and score. A value that takes a
/// request and the time and gives what is to be sent back; the same requests at the same times
/// give the same answers.
package struct DiscordSimulation: Sendable {
  /// Everything that exists.
  package var world: DiscordWorld
  /// Budgets and bans.
  var limiter = SimulatedLimiter()
  /// What is made to go wrong.
  package var faults: FaultPlan
  /// What clients cost.
  package var score = DiscordScore()
  /// What clients sent.
  package var log = RequestLog()
  /// Added to every exchange, half before and half after it is performed.
  package var latency = Duration.zero
  /// Guilds as they were before recent changes; kept only while a fault needs it.
  private var past: [(time: SimulatedTime, guild: DiscordGuild)] = []
  /// The last `Date` and its second, for it is the same for many answers.
  private var date = (second: Int64.min, text: "")

  /// A simulator of this world; `seed` decides on faults with a probability.
  package init(world: DiscordWorld, limits: LimitConfiguration = .init(), seed: UInt64 = 1) {
    self.world = world
    faults = FaultPlan(seed: seed)
    limiter.configuration = limits
  }

  /// The limits in force.
  package var limits: LimitConfiguration {
    get { limiter.configuration }
    set { limiter.configuration = newValue }
  }

  /// Forgets what budgets were used up, counted requests and bans.
  package mutating func resetLimits() { limiter.reset() }

  /// Everything about a request that is known before it is judged.
  private struct Arrival {
    var match: DiscordRouteTable.Match
    var route: String
    var operation: DiscordOperation?
    var parameters: [String] = []
    var guild: Snowflake?
    var token: String?
    var body: Result<JSONValue?, DiscordRefusal>
    var faults: [FaultKind] = []
  }

  /// Takes a request and gives its outcome. `request.target` starts with `/api/`.
  package mutating func handle(
    _ request: SimulatedRequest, now: SimulatedTime
  ) -> SimulatedOutcome {
    var arrival = self.arrival(of: request)
    score.arrived(arrival.route, now: now)
    let target = FaultPlan.Target(
      method: request.method, operation: arrival.operation, guild: arrival.guild,
      token: arrival.token)
    arrival.faults = faults.hits(target, now: now)
    var outcome = answer(request, arrival, now)
    dress(&outcome, now)
    bend(&outcome, arrival.faults)
    let status = outcome.delivery == .reset ? 0 : outcome.status
    score.answered(status)
    let isShared = outcome.header("X-RateLimit-Scope") == LimitScope.shared.rawValue
    if [401, 403, 429].contains(status), !(status == 429 && isShared) {
      score.countInvalid()
      limiter.countInvalid(now: now)
    }
    log.add(request, route: arrival.route, status: status, now: now)
    return outcome
  }

  private func arrival(of request: SimulatedRequest) -> Arrival {
    let body: Result<JSONValue?, DiscordRefusal>
    if request.isTooLarge {
      body = .failure(.tooLarge)
    } else if request.body.isEmpty {
      body = .success(nil)
    } else if let value = try? JSONValue(parsing: request.body) {
      body = .success(value)
    } else {
      body = .failure(.invalidJSON)
    }
    let match = DiscordRouteTable.all.match(
      method: request.method, path: Self.pathBelowVersion(request.path))
    var result = Arrival(match: match, route: "unknown", body: body)
    if let value = request.authorization, value.hasPrefix("Bot ") {
      result.token = String(value.dropFirst(4))
    }
    guard case .found(let operation, let parameters) = match else { return result }
    result.operation = operation
    result.route = operation.rawValue
    result.parameters = parameters
    if let id = parameters.first.flatMap({ Snowflake($0) }) {
      switch operation.subject {
      case .guild: result.guild = id
      case .channel: result.guild = world.guild(ofChannel: id)
      default: break
      }
    }
    return result
  }

  /// `/api/v10/x`, `/api/v9/x` and `/api/x` all give `/x`.
  static func pathBelowVersion(_ path: Substring) -> Substring {
    guard path.hasPrefix("/api/") else { return "/" }
    let rest = path.dropFirst(4)
    for version in ["/v10/", "/v9/"] where rest.hasPrefix(version) {
      return rest.dropFirst(version.utf8.count - 1)
    }
    return rest
  }

  /// The checks in Discord's order, as far as it is known.
  private mutating func answer(
    _ request: SimulatedRequest, _ arrival: Arrival, _ now: SimulatedTime
  ) -> SimulatedOutcome {
    if let block = networkBlock(arrival, now) { return block }
    guard isAcceptable(request.userAgent), !arrival.faults.contains(.blockedUserAgent) else {
      return refusal(.blockedUserAgent)
    }
    guard let operation = arrival.operation else {
      return refusal(arrival.match == .wrongMethod ? .methodNotAllowed : .notFound)
    }
    let actor: DiscordActor
    if operation.isByToken || operation == .getGateway {
      actor = .anonymous
    } else if let token = arrival.token, let bot = world.tokens[token],
      !arrival.faults.contains(.tokenRevoked)
    {
      actor = .bot(bot)
    } else {
      return refusal(.unauthorized)
    }
    if let forced = forcedLimit(arrival) { return forced }
    let decision = limiter.admit(
      token: arrival.token ?? "", operation, major: arrival.parameters.first,
      body: (try? arrival.body.get()) ?? nil, now: now)
    switch decision {
    case .refused(let scope, let retryAfter, let headers, let wasAnnounced):
      score.countLimit(scope, wasAnnounced: wasAnnounced)
      return limitAnswer(scope, retryAfter: retryAfter, headers: headers, hasHeader: true)
    case .allowed(let headers):
      var outcome = perform(request, operation, arrival, actor, now)
      outcome.headers = headers + outcome.headers
      return outcome
    }
  }

  /// Discord asks for `DiscordBot (url, version)`.
  private func isAcceptable(_ userAgent: String?) -> Bool {
    userAgent?.hasPrefix("DiscordBot (") ?? false
  }

  private func networkBlock(_ arrival: Arrival, _ now: SimulatedTime) -> SimulatedOutcome? {
    var block = limiter.configuration.cloudflare
    if let seconds = limiter.ban(now: now) {
      block = .init()
      block?.retryAfter = seconds
    }
    for case .cloudflare(let fault) in arrival.faults { block = fault }
    guard let block else { return nil }
    let text = block.status == 429 ? "error code: 1015" : "<html>error \(block.status)</html>"
    var outcome = SimulatedOutcome(status: block.status, body: Array(text.utf8))
    outcome.headers = [
      SimulatedHeader("Content-Type", block.status == 429 ? "text/plain" : "text/html"),
      SimulatedHeader("Server", "cloudflare"),
    ]
    if let seconds = block.retryAfter {
      outcome.headers.append(SimulatedHeader("Retry-After", String(seconds)))
    }
    return outcome
  }

  private mutating func forcedLimit(_ arrival: Arrival) -> SimulatedOutcome? {
    for case .rateLimited(let scope, let seconds, let hasHeader) in arrival.faults {
      let wait = Int64(seconds * 1_000_000)
      let kind = LimitScope(rawValue: scope) ?? .user
      score.countLimit(kind, wasAnnounced: false)
      var headers: [SimulatedHeader] = []
      if scope != "global", let operation = arrival.operation {
        let rule = limiter.configuration.rule(for: operation)
        let isHidden = scope == "sub-limit"
        headers = [
          SimulatedHeader("X-RateLimit-Limit", String(rule.limit)),
          SimulatedHeader("X-RateLimit-Remaining", isHidden ? String(rule.limit - 1) : "0"),
          SimulatedHeader(
            "X-RateLimit-Reset-After",
            SimulatedLimiter.seconds(isHidden ? rule.window : wait)),
          SimulatedHeader("X-RateLimit-Bucket", SimulatedLimiter.hash(of: operation)),
        ]
      }
      return limitAnswer(kind, retryAfter: wait, headers: headers, hasHeader: hasHeader)
    }
    return nil
  }

  private func limitAnswer(
    _ scope: LimitScope, retryAfter: Int64, headers: [SimulatedHeader], hasHeader: Bool
  ) -> SimulatedOutcome {
    let seconds = Double((retryAfter + 999) / 1_000) / 1_000
    let message =
      scope == .shared ? "The resource is being rate limited." : "You are being rate limited."
    // The documentation has `code` only for some limits, Discord's description of its API always.
    let body: JSONValue = [
      "code": 0, "message": .string(message), "retry_after": .double(seconds),
      "global": .bool(scope == .global),
    ]
    var outcome = SimulatedOutcome(status: 429, body: body.serialized())
    outcome.headers = headers.filter { $0.name != "X-RateLimit-Scope" }
    outcome.headers.append(SimulatedHeader("X-RateLimit-Scope", scope.rawValue))
    if scope == .global { outcome.headers.append(SimulatedHeader("X-RateLimit-Global", "true")) }
    // The true wait of a hidden budget stands in the body alone: the header repeats the outer
    // budget's (discord-api-docs #1900).
    let outer = headers.first { $0.name == "X-RateLimit-Reset-After" }.flatMap {
      Double($0.value)
    }
    let isHidden = headers.contains { $0.name == "X-RateLimit-Remaining" && $0.value != "0" }
    if hasHeader {
      let shown = isHidden ? outer ?? seconds : seconds
      outcome.headers.append(SimulatedHeader("Retry-After", String(Int(shown.rounded(.up)))))
    }
    return outcome
  }

  /// The checks of the request's form, then the world's.
  private mutating func perform(
    _ request: SimulatedRequest, _ operation: DiscordOperation, _ arrival: Arrival,
    _ actor: DiscordActor, _ now: SimulatedTime
  ) -> SimulatedOutcome {
    for fault in arrival.faults {
      switch fault {
      case .statusBeforeCommit(let status): return serverError(status)
      case .resetBeforeCommit:
        var outcome = SimulatedOutcome(status: 0, body: [])
        outcome.delivery = .reset
        return outcome
      case .unknownGuild: return refusal(.unknownGuild)
      default: break
      }
    }
    do throws(DiscordRefusal) {
      var call = try call(request, operation, arrival, actor, now)
      bend(&call, arrival.faults)
      let answer = perform(call, arrival, now)
      score.countIgnored(answer.ignoredKeys, route: arrival.route)
      return SimulatedOutcome(status: answer.status, body: answer.body)
    } catch {
      return refusal(error)
    }
  }

  private func call(
    _ request: SimulatedRequest, _ operation: DiscordOperation, _ arrival: Arrival,
    _ actor: DiscordActor, _ now: SimulatedTime
  ) throws(DiscordRefusal) -> DiscordCall {
    var call = DiscordCall(operation, arrival.parameters, actor: actor, now: now)
    call.body = try arrival.body.get()
    if !request.body.isEmpty, !(request.contentType ?? "").hasPrefix("application/json") {
      throw .invalidField(
        [], "CONTENT_TYPE_INVALID",
        "Expected \"Content-Type\" header to be one of {'application/json'}.")
    }
    for (index, parameter) in arrival.parameters.enumerated() {
      guard let name = operation.parameterName(index), Snowflake(parameter) == nil else {
        continue
      }
      throw .invalidField(
        [name], "NUMBER_TYPE_COERCE", "Value \"\(parameter)\" is not snowflake.")
    }
    call.query = request.query
    call.rules = world.rules
    if !operation.isRead, let sent = request.auditLogReason, !sent.isEmpty {
      let reason = PercentEncoding.decode(sent) ?? sent
      guard reason.unicodeScalars.count <= 512 else {
        throw .invalidField(
          ["X-Audit-Log-Reason"], "BASE_TYPE_BAD_LENGTH",
          "Must be between 1 and 512 in length.")
      }
      call.reason = reason
    }
    return call
  }

  private func bend(_ call: inout DiscordCall, _ faults: [FaultKind]) {
    for fault in faults {
      switch fault {
      case .auditLogDelay(let milliseconds): call.auditLogDelay = .milliseconds(milliseconds)
      case .overwriteSwallowed(let within, let isShown):
        call.rules.swallowedOverwrites = .init(within: .milliseconds(within), isShown: isShown)
      default: break
      }
    }
  }

  /// Performs the call in the world, or, for a stale read, in the world as it was.
  private mutating func perform(
    _ call: DiscordCall, _ arrival: Arrival, _ now: SimulatedTime
  ) -> DiscordAnswer {
    let oldest = now.advanced(by: .milliseconds(-faults.longestStaleRead))
    past.removeAll { $0.time < oldest }
    guard let guildID = arrival.guild else { return world.perform(call) }
    if call.operation.isRead {
      for case .staleRead(let milliseconds) in arrival.faults {
        let moment = now.advanced(by: .milliseconds(-milliseconds))
        guard let old = past.first(where: { $0.guild.id == guildID && $0.time > moment }) else {
          continue
        }
        var oldWorld = world
        oldWorld.guilds[guildID] = old.guild
        return oldWorld.perform(call)
      }
    } else if faults.longestStaleRead > 0, let guild = world.guilds[guildID] {
      past.append((now, guild))
    }
    return world.perform(call)
  }

  private func refusal(_ refusal: DiscordRefusal) -> SimulatedOutcome {
    SimulatedOutcome(status: refusal.status, body: refusal.json.serialized())
  }

  private func serverError(_ status: Int) -> SimulatedOutcome {
    if status == 500 {
      return SimulatedOutcome(
        status: 500, body: Array(#"{"message": "500: Internal Server Error", "code": 0}"#.utf8))
    }
    return SimulatedOutcome(status: status, body: Array("upstream connect error".utf8))
  }

  /// Adds the header fields that every answer of Discord's has. Those of the network before it
  /// have no `Via`.
  private mutating func dress(_ outcome: inout SimulatedOutcome, _ now: SimulatedTime) {
    let skewed = SimulatedTime(
      microseconds: now.microseconds + limiter.configuration.dateSkew)
    let second = skewed.microseconds / 1_000_000
    if date.second != second { date = (second, skewed.httpDate) }
    outcome.headers.append(SimulatedHeader("Date", date.text))
    guard outcome.header("Server") == nil else { return }
    outcome.headers.append(SimulatedHeader("Via", "1.1 google"))
    if !outcome.body.isEmpty {
      let isJSON =
        outcome.body.first == UInt8(ascii: "{") || outcome.body.first == UInt8(ascii: "[")
      outcome.headers.append(
        SimulatedHeader("Content-Type", isJSON ? "application/json" : "text/plain"))
    }
  }

  /// Spoils the answer to a request that was performed.
  private mutating func bend(_ outcome: inout SimulatedOutcome, _ faults: [FaultKind]) {
    for fault in faults {
      switch fault {
      case .statusAfterCommit(let status):
        let failed = serverError(status)
        outcome.status = failed.status
        outcome.body = failed.body
      case .resetAfterCommit: outcome.delivery = .reset
      case .resetMidBody: outcome.delivery = .resetAfter(bytes: outcome.body.count / 2)
      case .latency(let minimum, let maximum):
        outcome.delay += .milliseconds(self.faults.number(from: minimum, to: maximum))
      case .truncatedJSON: outcome.body.removeLast(outcome.body.count / 2)
      case .invalidJSON: outcome.body = Array(#"{"id": "1", "name": ]"#.utf8)
      case .html:
        outcome.status = 200
        outcome.body = Array("<html><body>Please wait</body></html>".utf8)
        outcome.headers.removeAll { $0.name == "Content-Type" }
        outcome.headers.append(SimulatedHeader("Content-Type", "text/html"))
      default: break
      }
    }
  }

  /// Performs a request as the owner of its guild: no token, no limits, no faults, no score.
  package mutating func handleAsOwner(
    _ request: SimulatedRequest, now: SimulatedTime
  ) -> SimulatedOutcome {
    let arrival = arrival(of: request)
    guard let operation = arrival.operation else {
      return refusal(arrival.match == .wrongMethod ? .methodNotAllowed : .notFound)
    }
    do throws(DiscordRefusal) {
      var json = request
      json.contentType = "application/json"
      let call = try call(json, operation, arrival, .guildOwner, now)
      let answer = perform(call, arrival, now)
      var outcome = SimulatedOutcome(status: answer.status, body: answer.body)
      if !answer.body.isEmpty {
        outcome.headers = [SimulatedHeader("Content-Type", "application/json")]
      }
      return outcome
    } catch {
      return refusal(error)
    }
  }
}
