import JSONValue
import Testing

@testable import Sandbox

private let guild = SimulatedBot.guild

@Test func guildAnswersWithItsRolesAndCounts() {
  var bot = SimulatedBot()
  let plain = bot.send("GET", guild).json
  #expect(plain["name"] == "Sandbox Guild")
  #expect(plain["roles"]?.arrayValue?.count == 2)
  #expect(plain["approximate_member_count"] == nil)
  #expect(plain["region"] == .null)
  #expect(bot.send("GET", guild + "?with_counts=true").json["approximate_member_count"] == 2)
}

@Test func guildsCannotBeMadeByBots() {
  var bot = SimulatedBot()
  let answer = bot.send("POST", "/guilds", ["name": "mine"])
  #expect(answer.status == 400)
  #expect(answer.code == 20001)
}

@Test func guildFieldsAreValidated() {
  var bot = SimulatedBot()
  let answer = bot.send(
    "PATCH", guild,
    [
      "name": "x", "afk_timeout": 600, "verification_level": 5, "preferred_locale": "xx",
      "description": .string(String(repeating: "d", count: 301)), "system_channel_id": "9",
    ])
  #expect(answer.errors("name") == ["BASE_TYPE_BAD_LENGTH"])
  #expect(answer.errors("afk_timeout") == ["BASE_TYPE_CHOICES"])
  #expect(answer.errors("verification_level") == ["BASE_TYPE_CHOICES"])
  #expect(answer.errors("preferred_locale") == ["BASE_TYPE_CHOICES"])
  #expect(answer.errors("description") == ["BASE_TYPE_MAX_LENGTH"])
  #expect(answer.errors("system_channel_id") == ["CHANNEL_INVALID"])
  let good = bot.send("PATCH", guild, ["name": "  New Name ", "region": "eu", "afk_timeout": 900])
  #expect(good.json["name"] == "New Name")
  #expect(good.json["region"] == .null)
  #expect(good.json["roles"]?.arrayValue?.count == 2)
}

@Test func onlyFourFeaturesCanBeChanged() {
  var bot = SimulatedBot()
  let wanted: JSONValue = ["features": ["INVITES_DISABLED", "VERIFIED", "COMMUNITY"]]
  let features = bot.send("PATCH", guild, wanted).json["features"]?.arrayValue ?? []
  #expect(features.contains("INVITES_DISABLED"))
  #expect(features.contains("NEWS"))
  #expect(!features.contains("VERIFIED"))
  bot.control("PATCH", guild, ["features": []])
  let missing = bot.send("PATCH", guild, ["features": ["COMMUNITY"]])
  #expect(missing.errors("rules_channel_id") == ["BASE_TYPE_REQUIRED"])
  let rules = bot.makeChannel("rules").id
  let together = bot.send(
    "PATCH", guild,
    [
      "features": ["COMMUNITY"], "rules_channel_id": .string(rules),
      "public_updates_channel_id": .string(rules),
    ])
  #expect(together.json["rules_channel_id"]?.stringValue == rules)
  bot.setPermissions([.manageGuild])
  #expect(bot.send("PATCH", guild, ["features": []]).code == 50013)
}

@Test func imagesComeBackAsStableHashes() {
  var bot = SimulatedBot()
  let sent: JSONValue = ["icon": "data:image/png;base64,AAAA"]
  let hash = bot.send("PATCH", guild, sent).json["icon"]
  #expect(hash?.stringValue?.utf8.count == 32)
  #expect(bot.send("PATCH", guild, sent).json["icon"] == hash)
  #expect(bot.send("PATCH", guild, ["icon": "data:image/gif;base64,AAAA"]).code == 50101)
  #expect(bot.send("PATCH", guild, ["banner": "data:image/png;base64,AAAA"]).code == 50101)
}

@Test func guildTheBotIsNotInIsUnknown() {
  var bot = SimulatedBot()
  let channel = bot.makeChannel("a").id
  #expect(bot.send("GET", "/guilds/123").code == 10004)
  #expect(bot.send("DELETE", "/users/@me/guilds/\(DiscordWorld.sandboxGuildID)").status == 204)
  #expect(bot.send("GET", guild).code == 10004)
  #expect(bot.send("GET", "/channels/\(channel)").code == 50001)
  #expect(bot.send("GET", "/users/@me/guilds").json == [])
}

@Test func myGuildsShowPermissionsAndCanBePaged() {
  var bot = SimulatedBot()
  let second = bot.control("POST", "/guilds", ["name": "Second", "permissions": "1024"])
  let all = bot.send("GET", "/users/@me/guilds").json.arrayValue ?? []
  #expect(all.count == 2)
  let permissions = PermissionBits(json: all[1]["permissions"])
  #expect(permissions?.contains(.viewChannel) == true)
  #expect(permissions?.contains(.administrator) == false)
  let after = bot.send("GET", "/users/@me/guilds?after=\(all[0]["id"]?.stringValue ?? "")&limit=1")
  #expect(after.json[0]?["id"] == second.json["id"])
  #expect(bot.send("GET", "/users/@me/guilds?limit=0").code == 50035)
}
