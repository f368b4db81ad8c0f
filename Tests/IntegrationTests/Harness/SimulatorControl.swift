import JSONValue

/// The simulator's control API: faults, limits, tokens, scores, and Discord as the guild's owner.
struct SimulatorControl: Sendable {
  let http: LoopbackHTTP

  /// What reached the simulator since the last reset.
  struct Score: Sendable {
    let json: JSONValue

    var requests: Int { Int(json["requests"]?.integerValue ?? 0) }
    /// Answers of 429, of any scope.
    var rateLimited: Int { count(status: 429) }
    /// Requests answered 401, 403 or 429.
    var invalid: Int { Int(json["invalid"]?.integerValue ?? 0) }
    /// Channels with equal type, parent and name in one guild, and roles with equal names.
    var duplicates: Int { json["duplicates"]?.arrayValue?.count ?? 0 }

    /// Requests of a method whose route template has this ending, e.g. `POST`, `/guilds/{}/channels`.
    func count(_ method: String, _ route: String) -> Int {
      let routes = json["byRoute"]?.objectValue ?? [:]
      return routes.reduce(0) { sum, row in
        row.key == "\(method) \(route)" ? sum + Int(row.value.integerValue ?? 0) : sum
      }
    }

    /// Reads of a guild with its roles: one a poll, whatever the number of objects.
    var polls: Int { count("GET", "/guilds/{}") }

    func count(status: Int) -> Int {
      Int(json["byStatus"]?["\(status)"]?.integerValue ?? 0)
    }
  }

  /// The token that the simulator's first bot has from the start.
  static let seededToken = "sandbox-token"
  static let seededBotID = "1000000000000000003"

  func score() async throws -> Score { Score(json: try await http.json("GET", "/score")) }
  func resetScore() async throws { _ = try await http.json("POST", "/score/reset") }

  /// The next `count` requests of a method and route go wrong in this way.
  func addFault(
    _ kind: String, method: String, route: String, count: Int, fields: [String: JSONValue] = [:]
  ) async throws {
    var fault: JSONValue = .object(fields)
    fault["kind"] = .string(kind)
    _ = try await http.json(
      "POST", "/faults",
      body: [
        "method": .string(method), "route": .string(route), "count": .integer(Int64(count)),
        "fault": fault,
      ])
  }

  func clearFaults() async throws { _ = try await http.json("DELETE", "/faults") }

  func setLimits(mode: String) async throws {
    _ = try await http.json("PUT", "/limits", body: ["mode": .string(mode)])
  }

  func setLatency(milliseconds: Int) async throws {
    _ = try await http.json(
      "PUT", "/latency", body: ["milliseconds": .integer(Int64(milliseconds))])
  }

  /// A new guild that the seeded bot is a member of.
  func makeGuild(named name: String) async throws -> SimulatedGuild {
    let answer = try await http.json("POST", "/guilds", body: ["name": .string(name)])
    guard let id = answer["id"]?.stringValue else {
      throw Unmendable(description: "no id in \(answer.serializedText())")
    }
    return SimulatedGuild(id: id, name: name, control: self)
  }

  /// One more token for the bot that the simulator has from the start.
  func addToken(_ token: String) async throws {
    _ = try await http.json(
      "POST", "/tokens",
      body: ["token": .string(token), "bot": ["id": .string(Self.seededBotID)]])
  }

  func removeToken(_ token: String) async throws {
    _ = try await http.json("DELETE", "/tokens/\(token)")
  }

  /// Replaces the bot's permissions in a guild, e.g. "0" for none.
  func setBotPermissions(_ permissions: String, guild: String) async throws {
    _ = try await http.json(
      "PUT", "/guilds/\(guild)/bot-permissions", body: ["permissions": .string(permissions)])
  }

  /// Any request of Discord's API as the guild's owner, past limits, faults and scores.
  @discardableResult
  func discord(
    _ method: String, _ path: String, body: JSONValue? = nil
  ) async throws -> JSONValue {
    try await http.json(method, "/api/v10" + path, body: body)
  }
}
