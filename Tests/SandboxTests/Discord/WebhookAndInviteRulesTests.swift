import JSONValue
import Testing

@testable import Sandbox

private let guild = SimulatedBot.guild

@Test func webhooksAreMadeShownChangedAndDeleted() {
  var bot = SimulatedBot()
  let channel = bot.makeChannel("a").id
  let hook = bot.send("POST", "/channels/\(channel)/webhooks", ["name": "hook"])
  #expect(hook.status == 200)
  let token = hook.json["token"]?.stringValue ?? ""
  #expect(bot.send("GET", guild + "/webhooks").json.arrayValue?.count == 1)
  #expect(bot.send("PATCH", "/webhooks/\(hook.id)", ["name": "new"]).json["name"] == "new")
  bot.token = "nobody"
  let path = "/webhooks/\(hook.id)/\(token)"
  #expect(bot.send("GET", path).json["user"] == nil)
  #expect(bot.send("GET", path + "x").code == 50027)
  #expect(bot.send("DELETE", path).status == 204)
  bot.token = DiscordWorld.sandboxToken
  #expect(bot.send("GET", "/webhooks/\(hook.id)").code == 10015)
  for index in 0..<15 {
    bot.send("POST", "/channels/\(channel)/webhooks", ["name": .string("h\(index)")])
  }
  #expect(bot.send("POST", "/channels/\(channel)/webhooks", ["name": "h"]).code == 30007)
  #expect(
    bot.send("POST", "/channels/\(channel)/webhooks", ["name": "discord"]).errors("name")
      == ["USERNAME_INVALID_CONTAINS"])
}

@Test func invitesShowTheirLimitsOnlyInLists() {
  var bot = SimulatedBot()
  let channel = bot.makeChannel("a").id
  let made = bot.send("POST", "/channels/\(channel)/invites", ["max_age": 60, "max_uses": 3])
  #expect(made.json["max_uses"] == 3)
  let code = made.json["code"]?.stringValue ?? ""
  #expect(bot.send("GET", "/invites/\(code)").json["max_age"] == nil)
  #expect(bot.send("GET", "/channels/\(channel)/invites").json[0]?["max_age"] == 60)
  #expect(bot.send("GET", guild + "/invites").json.arrayValue?.count == 1)
  bot.advance(.seconds(61))
  #expect(bot.send("GET", "/invites/\(code)").code == 10006)
  #expect(bot.send("DELETE", "/invites/\(code)").status == 404)
}

@Test func membersAreListedNamedAndRemoved() {
  var bot = SimulatedBot()
  bot.control("POST", guild + "/members", ["user": ["id": "500", "username": "ann"]])
  #expect(bot.send("GET", guild + "/members?limit=10").json.arrayValue?.count == 3)
  #expect(bot.send("GET", guild + "/members/search?query=AN").json[0]?["user"]?["id"] == "500")
  #expect(bot.send("GET", guild + "/members/7").code == 10007)
  #expect(bot.send("PATCH", guild + "/members/@me", ["nick": "Botty"]).json["nick"] == "Botty")
  #expect(bot.send("PATCH", guild + "/members/500", ["nick": "Annie"]).json["nick"] == "Annie")
  let long: JSONValue = ["nick": .string(String(repeating: "n", count: 33))]
  #expect(
    bot.send("PATCH", guild + "/members/500", long).errors("nick") == ["BASE_TYPE_MAX_LENGTH"])
  let managed = "/members/500/roles/\(DiscordWorld.sandboxBotRoleID)"
  #expect(bot.send("PUT", guild + managed).code == 50028)
  #expect(bot.send("DELETE", guild + "/members/500").status == 204)
  #expect(bot.send("GET", guild + "/members/500").code == 10007)
}
