import JSONValue
import Testing

@testable import Sandbox

private let guild = SimulatedBot.guild
private let everyone = DiscordWorld.sandboxGuildID.json

@Test func hiddenChannelsAreLeftOutOfListsAndForbiddenByID() {
  var bot = SimulatedBot()
  bot.setPermissions([.viewChannel, .manageChannels])
  let deny: JSONValue = [["id": everyone, "type": 0, "allow": "0", "deny": "1024"]]
  let category = bot.owner(
    "POST", guild + "/channels",
    ["name": "hidden", "type": 4, "permission_overwrites": deny]
  ).id
  let hidden = bot.owner(
    "POST", guild + "/channels", ["name": "secret", "parent_id": .string(category)]
  ).id
  #expect(bot.channels().isEmpty)
  #expect(bot.send("GET", "/channels/\(hidden)").code == 50001)
  #expect(bot.send("PATCH", "/channels/\(hidden)", ["name": "x"]).code == 50001)
  bot.control("PUT", "/rules", ["obfuscation": false])
  #expect(bot.channels().count == 2)
  bot.control("PUT", "/rules", ["obfuscation": true])

  // A category shows with its first visible channel.
  let member: JSONValue = ["type": 1, "allow": "1024", "deny": "0"]
  let path = "/channels/\(hidden)/permissions/\(DiscordWorld.sandboxBotID)"
  #expect(bot.owner("PUT", path, member).status == 204)
  #expect(bot.channels().count == 2)
}

@Test func overwritesApplyInTheOrderEveryoneRolesMember() {
  var bot = SimulatedBot()
  bot.setPermissions([.viewChannel])
  let role = DiscordWorld.sandboxBotRoleID.json
  func seen(_ overwrites: JSONValue) -> Bool {
    let id = bot.owner(
      "POST", guild + "/channels", ["name": "c", "permission_overwrites": overwrites]
    ).id
    return bot.send("GET", "/channels/\(id)").status == 200
  }
  let user = DiscordWorld.sandboxBotID.json
  #expect(!seen([["id": everyone, "type": 0, "deny": "1024"]]))
  #expect(
    seen([
      ["id": everyone, "type": 0, "deny": "1024"], ["id": role, "type": 0, "allow": "1024"],
    ]))
  #expect(
    !seen([
      ["id": user, "type": 1, "deny": "1024"], ["id": role, "type": 0, "allow": "1024"],
    ]))
  #expect(
    seen([
      ["id": role, "type": 0, "deny": "1024"], ["id": user, "type": 1, "allow": "1024"],
    ]))
}

@Test func overwritesNeedHeldBitsAndAdministratorForManageRoles() {
  var bot = SimulatedBot()
  bot.setPermissions([.viewChannel, .manageChannels, .manageRoles])
  func create(_ allow: String) -> SimulatedBot.Answer {
    bot.makeChannel("c", ["permission_overwrites": [["id": everyone, "allow": .string(allow)]]])
  }
  #expect(create("1024").status == 201)
  #expect(create("32").code == 50013)
  #expect(create(String(PermissionBits.manageRoles.rawValue)).code == 50013)
  bot.setPermissions(.administrator)
  #expect(create(String(PermissionBits.manageRoles.rawValue)).status == 201)
}

@Test func overwritePutAndDelete() {
  var bot = SimulatedBot()
  let id = bot.makeChannel("a").id
  let path = "/channels/\(id)/permissions/\(DiscordWorld.sandboxGuildID)"
  #expect(bot.send("DELETE", path).code == 10009)
  #expect(bot.send("PUT", path, ["type": 0, "deny": "2048"]).status == 204)
  let stored = bot.channel(id)["permission_overwrites"]?[0]
  #expect(stored?["allow"] == "0")
  #expect(stored?["deny"] == "2048")
  #expect(bot.send("PUT", "/channels/\(id)/permissions/99", ["type": 0]).code == 10009)
  #expect(bot.send("DELETE", path).status == 204)
  #expect(bot.channel(id)["permission_overwrites"] == [])
}

@Test func overwriteForNobodyIsRefusedInTheBody() {
  var bot = SimulatedBot()
  let answer = bot.makeChannel("a", ["permission_overwrites": [["id": "42", "type": 0]]])
  #expect(answer.errors("permission_overwrites", "0", "id") == ["OVERWRITE_TARGET_UNKNOWN"])
  let many: JSONValue = .array((0...100).map { ["id": .string(String($0)), "type": 0] })
  #expect(
    bot.makeChannel("a", ["permission_overwrites": many]).errors("permission_overwrites")
      == ["BASE_TYPE_MAX_LENGTH"])
}

@Test func missingPermissionsAreRefusedByKind() {
  var bot = SimulatedBot()
  let id = bot.makeChannel("a").id
  bot.setPermissions([.viewChannel])
  #expect(bot.makeChannel("b").code == 50013)
  #expect(bot.send("PATCH", guild, ["name": "name"]).code == 50013)
  #expect(bot.send("GET", guild + "/audit-logs").code == 50013)
  #expect(bot.send("DELETE", "/channels/\(id)").code == 50013)
  bot.setPermissions([.viewChannel, .manageChannels])
  #expect(bot.send("PATCH", "/channels/\(id)", ["permission_overwrites": []]).code == 50013)
  #expect(bot.send("PATCH", "/channels/\(id)", ["topic": "t"]).status == 200)
}

@Test func splitMigrationAddsTheNewBits() {
  var bot = SimulatedBot()
  let role = bot.send("POST", guild + "/roles", ["name": "m", "permissions": "8192"]).id
  bot.control("POST", guild + "/split-permissions")
  let bits = PermissionBits(json: bot.send("GET", guild + "/roles/\(role)").json["permissions"])
  #expect(bits == [.manageMessages, .pinMessages, .bypassSlowmode])
}

@Test func permissionsAreTextsOrNumbersAndComeBackAsTexts() {
  var bot = SimulatedBot()
  let overwrite: JSONValue = [["id": everyone, "type": 0, "allow": 1024, "deny": "2048"]]
  let stored = bot.makeChannel("a", ["permission_overwrites": overwrite]).json
  #expect(
    stored["permission_overwrites"] == [
      ["id": everyone, "type": 0, "allow": "1024", "deny": "2048"]
    ])
}

@Test func aChannelHasAtMostAThousandOverwrites() throws {
  var bot = SimulatedBot()
  let id = try #require(Snowflake(bot.makeChannel("a").id))
  let guildID = DiscordWorld.sandboxGuildID
  var channel = try #require(bot.simulation.world.guilds[guildID]?.channels[id])
  channel.overwrites = (1...999).map {
    PermissionOverwrite(id: Snowflake($0), target: .member, allow: [], deny: .viewChannel)
  }
  bot.simulation.world.guilds[guildID]?.put(channel)
  func put(_ member: Snowflake) -> SimulatedBot.Answer {
    bot.send("PUT", "/channels/\(id)/permissions/\(member)", ["type": 1, "deny": "2048"])
  }
  #expect(put(DiscordWorld.sandboxBotID).status == 204)
  let refused = put(DiscordWorld.sandboxOwnerID)
  #expect(refused.status == 400)
  #expect(refused.code == 30060)
  // One that is there can still be changed.
  #expect(put(DiscordWorld.sandboxBotID).status == 204)
}

@Test func aDemotedBotMayDoLessAtOnce() {
  var bot = SimulatedBot()
  let role = bot.send("POST", guild + "/roles", ["name": "r"]).id
  let second = bot.control("POST", "/tokens", ["token": "two", "bot": ["username": "two"]]).id
  let demoted = bot.control(
    "PUT", guild + "/bot-permissions", ["bot": .string(second), "permissions": "1024"])
  #expect(demoted.json["permissions"] == "1024")
  #expect(bot.send("PATCH", guild + "/roles/\(role)", ["name": "x"]).status == 200)
  bot.token = "two"
  #expect(bot.send("PATCH", guild + "/roles/\(role)", ["name": "y"]).code == 50013)
}

@Test func whatTheOwnerDeletesIsGoneForTheBot() {
  var bot = SimulatedBot()
  let channel = bot.makeChannel("a").id
  let role = bot.send("POST", guild + "/roles", ["name": "r"]).id
  #expect(bot.owner("DELETE", "/channels/\(channel)").status == 200)
  #expect(bot.owner("DELETE", guild + "/roles/\(role)").status == 204)
  #expect(bot.send("PATCH", "/channels/\(channel)", ["name": "b"]).code == 10003)
  #expect(bot.send("PATCH", guild + "/roles/\(role)", ["name": "b"]).code == 10011)
}
