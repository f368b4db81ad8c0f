import JSONValue
import Testing

@testable import Sandbox

private let guild = SimulatedBot.guild

@Test func unknownRoutesAndWrongMethods() {
  var bot = SimulatedBot()
  let missing = bot.send("GET", "/nothing/here")
  #expect(missing.status == 404)
  #expect(missing.json == ["message": "404: Not Found", "code": 0])
  let wrong = bot.send("PUT", guild + "/channels")
  #expect(wrong.status == 405)
  #expect(wrong.json == ["message": "405: Method Not Allowed", "code": 0])
}

@Test func otherVersionsOfThePathAreAccepted() {
  for prefix in ["/api/v10", "/api/v9", "/api"] {
    var bot = SimulatedBot()
    var request = SimulatedRequest(method: "GET", target: prefix + "/users/@me")
    request.authorization = "Bot " + DiscordWorld.sandboxToken
    request.userAgent = bot.userAgent
    #expect(bot.simulation.handle(request, now: bot.now).status == 200)
  }
}

@Test func userAgentComesBeforeTheToken() {
  var bot = SimulatedBot()
  bot.token = "wrong"
  bot.userAgent = "curl/8"
  #expect(bot.send("GET", guild).code == 40333)
  bot.userAgent = "DiscordBot (x, 1)"
  let refused = bot.send("GET", guild)
  #expect(refused.status == 401)
  #expect(refused.json == ["message": "401: Unauthorized", "code": 0])
}

@Test func limitsComeBeforeTheBody() {
  var bot = SimulatedBot(.init(mode: .fixed))
  for _ in 0..<5 {
    #expect(bot.send("POST", guild + "/channels", text: "{").code == 50109)
  }
  #expect(bot.send("POST", guild + "/channels", text: "{").status == 429)
}

@Test func bodyComesBeforeContentTypeBeforePathBeforeGuild() {
  var bot = SimulatedBot()
  bot.contentType = "text/plain"
  #expect(bot.send("POST", "/guilds/abc/channels", text: "{").code == 50109)
  let type = bot.send("POST", "/guilds/abc/channels", ["name": "x"])
  #expect(type.errors() == ["CONTENT_TYPE_INVALID"])
  bot.contentType = "application/json"
  let path = bot.send("POST", "/guilds/abc/channels", ["name": ""])
  #expect(path.errors("guild_id") == ["NUMBER_TYPE_COERCE"])
  #expect(bot.send("POST", "/guilds/5/channels", ["name": ""]).code == 10004)
  bot.setPermissions([])
  #expect(bot.send("POST", guild + "/channels", ["name": ""]).code == 50013)
  #expect(bot.send("PATCH", "/channels/5", ["name": ""]).code == 10003)
}

@Test func bodyMustBeAnObjectOrAList() {
  var bot = SimulatedBot()
  #expect(bot.send("POST", guild + "/roles", [1]).errors() == ["MODEL_TYPE_CONVERT"])
  #expect(bot.send("PATCH", guild + "/roles", [:]).errors() == ["LIST_TYPE_CONVERT"])
}

@Test func tokensCanBeMadeAndRevoked() {
  var bot = SimulatedBot()
  let second = bot.control("POST", "/tokens", ["token": "two", "bot": ["username": "two"]])
  bot.token = "two"
  #expect(bot.send("GET", "/users/@me").json["id"] == second.json["id"])
  #expect(bot.send("GET", guild).status == 200)
  #expect(bot.control("DELETE", "/tokens/two").status == 200)
  #expect(bot.send("GET", guild).status == 401)
  #expect(bot.control("DELETE", "/tokens/two").status == 400)

  // A rotated token belongs to the bot that was there.
  let rotated: JSONValue = ["token": "new", "bot": ["id": DiscordWorld.sandboxBotID.json]]
  bot.control("POST", "/tokens", rotated)
  bot.token = "new"
  #expect(bot.send("GET", "/users/@me").json["username"] == "sandbox-bot")
}

@Test func ownerWorksBehindTheBotsBackWithoutScore() {
  var bot = SimulatedBot()
  let id = bot.owner("POST", guild + "/channels", ["name": "a"]).id
  #expect(bot.owner("PATCH", "/channels/\(id)", ["topic": "drift"]).status == 200)
  let score = bot.control("GET", "/score").json
  #expect(score["requests"] == 0)
  #expect(bot.control("GET", "/requests").json == [])
  #expect(bot.channel(id)["topic"] == "drift")
  let entries = bot.send("GET", guild + "/audit-logs").json["audit_log_entries"]
  #expect(entries?[0]?["user_id"] == DiscordWorld.sandboxOwnerID.json)
}

@Test func requestsAreLoggedWithTheirReason() {
  var bot = SimulatedBot()
  bot.send("POST", guild + "/channels", ["name": "a"], reason: "by%20test")
  bot.send("GET", guild)
  let log = bot.control("GET", "/requests").json
  #expect(log[0]?["route"] == "POST /guilds/{}/channels")
  #expect(log[0]?["status"] == 201)
  #expect(log[0]?["reason"] == "by test")
  #expect(bot.control("GET", "/requests?since=1").json.arrayValue?.count == 1)
}

@Test func scoreCountsRoutesStatesAndDuplicates() {
  var bot = SimulatedBot()
  bot.makeChannel("a")
  bot.makeChannel("a")
  bot.makeChannel("a", ["type": 2])
  bot.send("POST", guild + "/roles", ["name": "r"])
  bot.send("POST", guild + "/roles", ["name": "r"])
  let score = bot.control("GET", "/score").json
  #expect(score["requests"] == 5)
  #expect(score["byRoute"]?["POST /guilds/{}/channels"] == 3)
  #expect(score["byStatus"]?["201"] == 3)
  let kinds = (score["duplicates"]?.arrayValue ?? []).compactMap { $0["kind"]?.stringValue }
  #expect(kinds == ["channel", "role"])
  bot.control("POST", "/score/reset")
  #expect(bot.control("GET", "/score").json["requests"] == 0)
  #expect(bot.control("GET", "/nothing").status == 404)
}

@Test func theNetworkComesBeforeDiscord() {
  var bot = SimulatedBot()
  bot.control("PUT", "/limits", ["cloudflare": ["status": 403]])
  bot.token = "wrong"
  bot.userAgent = nil
  let blocked = bot.send("GET", guild)
  #expect(blocked.status == 403)
  #expect(blocked.json == .null)
}

@Test func theTokenComesBeforeTheLimitsAndTheGlobalOneBeforeTheRoutes() {
  var bot = SimulatedBot(.init(mode: .fixed))
  bot.control("PUT", "/limits", ["global": 1, "default": ["limit": 1, "window": 60]])
  bot.token = "wrong"
  for _ in 0..<3 { #expect(bot.send("GET", guild).status == 401) }
  bot.token = DiscordWorld.sandboxToken
  #expect(bot.send("GET", guild).status == 200)
  #expect(bot.send("GET", guild).outcome.header("X-RateLimit-Scope") == "global")
  bot.advance(.seconds(2))
  #expect(bot.send("GET", guild).outcome.header("X-RateLimit-Scope") == "user")
}

@Test func membershipComesBeforeExistenceBeforeSightBeforePermission() {
  var bot = SimulatedBot()
  let hidden = bot.owner(
    "POST", guild + "/channels",
    [
      "name": "secret",
      "permission_overwrites": [
        ["id": DiscordWorld.sandboxGuildID.json, "type": 0, "deny": "1024"]
      ],
    ]
  ).id
  bot.setPermissions([.viewChannel])
  #expect(bot.send("GET", "/guilds/5/roles/5").code == 10004)
  #expect(bot.send("DELETE", guild + "/roles/5").code == 10011)
  #expect(bot.send("DELETE", "/channels/5").code == 10003)
  #expect(bot.send("DELETE", "/channels/\(hidden)").code == 50001)
  bot.owner(
    "PUT", "/channels/\(hidden)/permissions/\(DiscordWorld.sandboxBotID)",
    ["type": 1, "allow": "1024"])
  #expect(bot.send("DELETE", "/channels/\(hidden)").code == 50013)
}

@Test func hierarchyComesBeforeFieldsBeforeQuotaAndNothingIsLogged() {
  var bot = SimulatedBot()
  let top = "\(guild)/roles/\(DiscordWorld.sandboxBotRoleID)"
  #expect(bot.send("PATCH", top, ["name": 5]).code == 50013)
  for index in 0..<248 { bot.owner("POST", guild + "/roles", ["name": .string("r\(index)")]) }
  let before = bot.simulation.world.guilds[DiscordWorld.sandboxGuildID]?.auditLog.count
  #expect(bot.send("POST", guild + "/roles", ["name": 5]).errors("name") == ["STRING_TYPE_CONVERT"])
  #expect(bot.send("POST", guild + "/roles", ["name": "one more"]).code == 30005)
  #expect(bot.simulation.world.guilds[DiscordWorld.sandboxGuildID]?.auditLog.count == before)
}

@Test func aBodyThatIsTooLargeIsRefusedWhereItsJSONWouldBe() {
  var bot = SimulatedBot()
  var request = SimulatedRequest(method: "POST", target: "/api/v10/guilds/abc/channels")
  request.userAgent = bot.userAgent
  request.isTooLarge = true
  #expect(bot.simulation.handle(request, now: bot.now).status == 401)
  request.authorization = "Bot " + DiscordWorld.sandboxToken
  let answer = SimulatedBot.Answer(outcome: bot.simulation.handle(request, now: bot.now))
  #expect(answer.status == 413)
  #expect(answer.code == 40005)
}

@Test func hostileBodiesGetDiscordsErrors() {
  var bot = SimulatedBot()
  let channels = guild + "/channels"
  let deep = String(repeating: "[", count: 100_000)
  for text in ["{", "nul", "\u{0}", "{\"name\":\"a\"}x", deep, "{\"name\":" + deep] {
    #expect(bot.send("POST", channels, text: text).code == 50109)
  }
  let types: [JSONValue] = [.null, 5, "text", [], true]
  for body in types {
    #expect(bot.send("POST", channels, body).errors() == ["MODEL_TYPE_CONVERT"])
    let answer = bot.send("PATCH", channels, body)
    #expect(answer.status == 204 || answer.errors() == ["LIST_TYPE_CONVERT"])
  }
  for name: JSONValue in [99, true, [], [:], .double(1e300)] {
    #expect(bot.makeChannel("", ["type": name]).errors("type") == ["BASE_TYPE_CHOICES"])
    #expect(bot.send("POST", channels, ["name": name]).errors("name") == ["STRING_TYPE_CONVERT"])
    let elements: JSONValue = ["name": "a", "permission_overwrites": [name]]
    #expect(bot.send("POST", channels, elements).status == 400)
  }
  let huge: JSONValue = ["name": "a", "position": .integer(.max), "rate_limit_per_user": 1e300]
  let answer = bot.send("POST", channels, huge)
  #expect(answer.errors("position") == ["NUMBER_TYPE_MAX"])
  #expect(answer.errors("rate_limit_per_user") == ["NUMBER_TYPE_COERCE"])
  #expect(bot.channels().isEmpty)
}

@Test func badIdentifiersAreNamed() {
  var bot = SimulatedBot()
  let digits = String(repeating: "9", count: 21)
  for id in ["abc", "-1", "1.5", "0x10", "%F0%9F%98%80", "18446744073709551616", digits, "@me"] {
    #expect(bot.send("GET", "/guilds/\(id)").errors("guild_id") == ["NUMBER_TYPE_COERCE"])
    #expect(bot.send("GET", "/channels/\(id)").errors("channel_id") == ["NUMBER_TYPE_COERCE"])
    #expect(
      bot.send("GET", "\(guild)/roles/\(id)").errors("role_id") == ["NUMBER_TYPE_COERCE"])
  }
  #expect(bot.send("GET", "/guilds/18446744073709551615").code == 10004)
  #expect(bot.send("GET", "/channels/1").code == 10003)
  #expect(
    bot.send("GET", guild + "/audit-logs?before=x").errors("before") == ["NUMBER_TYPE_COERCE"])
  #expect(bot.send("GET", guild + "/members?limit=99999999999999999999").code == 50035)
}
