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
