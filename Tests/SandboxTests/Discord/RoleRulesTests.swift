import JSONValue
import Testing

@testable import Sandbox

private let roles = SimulatedBot.guild + "/roles"

@Test func newRoleHasDiscordsDefaults() {
  var bot = SimulatedBot()
  let role = bot.send("POST", roles, [:])
  #expect(role.status == 200)
  #expect(role.json["name"] == "new role")
  #expect(role.json["position"] == 1)
  #expect(role.json["permissions"] == PermissionBits.newGuildDefault.json)
  #expect(role.json["color"] == 0)
  let sent = bot.send("POST", roles, ["name": "r", "permissions": 8, "position": 5])
  #expect(sent.json["permissions"] == "8")
  #expect(sent.json["position"] == 1)
  let ignored = bot.control("GET", "/score").json["ignoredKeys"]
  #expect(ignored?["POST /guilds/{}/roles position"] == 1)
}

@Test func newRolesTieOrShift() {
  var bot = SimulatedBot()
  let first = bot.send("POST", roles, ["name": "a"]).id
  bot.send("POST", roles, ["name": "b"])
  #expect(bot.send("GET", "\(roles)/\(first)").json["position"] == 1)
  bot.control("PUT", "/rules", ["newRoles": "shift"])
  bot.send("POST", roles, ["name": "c"])
  #expect(bot.send("GET", "\(roles)/\(first)").json["position"] == 2)
}

@Test func colorAndColorsAreOne() {
  var bot = SimulatedBot()
  let old = bot.send("POST", roles, ["color": 255])
  #expect(old.json["colors"]?["primary_color"] == 255)
  let both: JSONValue = ["color": 1, "colors": ["primary_color": 2]]
  #expect(bot.send("PATCH", "\(roles)/\(old.id)", both).json["color"] == 2)
  let gradient: JSONValue = ["colors": ["primary_color": 1, "secondary_color": 2]]
  #expect(bot.send("PATCH", "\(roles)/\(old.id)", gradient).code == 50101)
  bot.control("PATCH", SimulatedBot.guild, ["features": ["ENHANCED_ROLE_COLORS"]])
  #expect(bot.send("PATCH", "\(roles)/\(old.id)", gradient).status == 200)
  let triple: JSONValue = [
    "colors": ["primary_color": 1, "secondary_color": 2, "tertiary_color": 3]
  ]
  #expect(bot.send("PATCH", "\(roles)/\(old.id)", triple).code == 670_008)
  let holographic: JSONValue = [
    "colors": [
      "primary_color": 11_127_295, "secondary_color": 16_759_788, "tertiary_color": 16_761_760,
    ]
  ]
  #expect(bot.send("PATCH", "\(roles)/\(old.id)", holographic).status == 200)
}

@Test func nullInARolePatchMeansTheDefault() {
  var bot = SimulatedBot()
  let id = bot.send("POST", roles, ["name": "r", "color": 9, "hoist": true]).id
  let answer = bot.send(
    "PATCH", "\(roles)/\(id)", ["name": .null, "color": .null, "hoist": .null]
  ).json
  #expect(answer["name"] == "new role")
  #expect(answer["color"] == 0)
  #expect(answer["hoist"] == false)
}

@Test func iconsNeedTheirFeatureAndComeBackAsHashes() {
  var bot = SimulatedBot()
  let id = bot.send("POST", roles, ["name": "r"]).id
  let icon: JSONValue = ["icon": "data:image/png;base64,iVBORw0KGgo="]
  #expect(bot.send("PATCH", "\(roles)/\(id)", icon).code == 50101)
  bot.control("PATCH", SimulatedBot.guild, ["features": ["ROLE_ICONS"]])
  let hash = bot.send("PATCH", "\(roles)/\(id)", icon).json["icon"]?.stringValue ?? ""
  #expect(hash.utf8.count == 32)
  #expect(bot.send("PATCH", "\(roles)/\(id)", icon).json["icon"]?.stringValue == hash)
  #expect(bot.send("PATCH", "\(roles)/\(id)", ["icon": "x"]).errors("icon") == ["IMAGE_INVALID"])
}

@Test func everyoneAndManagedRolesCannotBeDeleted() {
  var bot = SimulatedBot()
  #expect(bot.send("DELETE", "\(roles)/\(DiscordWorld.sandboxGuildID)").code == 50028)
  let managed = bot.send("DELETE", "\(roles)/\(DiscordWorld.sandboxBotRoleID)")
  #expect(managed.status == 400)
  #expect(managed.code == 50028)
  #expect(bot.send("DELETE", "\(roles)/77").code == 10011)
}

@Test func hierarchyHoldsEvenForAdministratorsAndNotForTheOwner() {
  var bot = SimulatedBot()
  let high = bot.owner("POST", roles, ["name": "high"]).id
  let low = bot.owner("POST", roles, ["name": "low"]).id
  bot.control("PUT", SimulatedBot.guild + "/bot-permissions", ["position": 2])
  // From the top: high, the bot, low.
  let order: JSONValue = [
    ["id": .string(low), "position": 1],
    ["id": DiscordWorld.sandboxBotRoleID.json, "position": 2],
    ["id": .string(high), "position": 3],
  ]
  #expect(bot.owner("PATCH", roles, order).status == 200)
  #expect(bot.send("PATCH", "\(roles)/\(high)", ["name": "x"]).code == 50013)
  #expect(bot.send("DELETE", "\(roles)/\(high)").status == 403)
  #expect(bot.send("PATCH", "\(roles)/\(low)", ["name": "x"]).status == 200)
  let own = "\(roles)/\(DiscordWorld.sandboxBotRoleID)"
  #expect(bot.send("PATCH", own, ["name": "x"]).code == 50013)
  #expect(bot.send("PATCH", roles, [["id": .string(low), "position": 2]]).code == 50013)
  #expect(bot.send("PATCH", roles, [["id": .string(low), "position": 4]]).code == 50013)
  #expect(bot.owner("PATCH", "\(roles)/\(high)", ["name": "x"]).status == 200)
}

@Test func onlyHeldPermissionsCanBeGranted() {
  var bot = SimulatedBot()
  bot.setPermissions([.manageRoles, .viewChannel])
  #expect(bot.send("POST", roles, ["permissions": "8"]).code == 50013)
  #expect(bot.send("POST", roles, ["permissions": "1024"]).status == 200)
  bot.setPermissions([.viewChannel])
  #expect(bot.send("POST", roles, [:]).code == 50013)
}

@Test func bulkPositionsAnswerWithTheFullDenseList() {
  var bot = SimulatedBot()
  let names = ["a", "b", "c"]
  let ids = names.map { bot.send("POST", roles, ["name": .string($0)]).id }
  // Among ties the older role ranks higher.
  #expect(rank(bot) == ["@everyone", "c", "b", "a", "sandbox-bot"])
  let answer = bot.send(
    "PATCH", roles,
    [["id": .string(ids[0]), "position": 1], ["id": .string(ids[2]), "position": 3]])
  #expect(answer.status == 200)
  let positions = (answer.json.arrayValue ?? []).compactMap { $0["position"]?.integerValue }
  #expect(positions.sorted() == [0, 1, 2, 3, 4])
  #expect(rank(bot) == ["@everyone", "b", "a", "c", "sandbox-bot"])
}

private func rank(_ bot: SimulatedBot) -> [String] {
  bot.simulation.world.guilds[DiscordWorld.sandboxGuildID]?.rolesByRank.map(\.name) ?? []
}

@Test func twoHundredFiftyRolesAreTheMost() {
  var bot = SimulatedBot()
  for index in 0..<248 {
    #expect(bot.send("POST", roles, ["name": .string("r\(index)")]).status == 200)
  }
  #expect(bot.send("POST", roles, [:]).code == 30005)
}

@Test func deletedRoleLeavesMembersAndOverwrites() {
  var bot = SimulatedBot()
  let role = bot.send("POST", roles, ["name": "r"]).id
  let user = bot.control(
    "POST", SimulatedBot.guild + "/members", ["user": ["id": "500", "username": "ann"]])
  #expect(user.status == 200)
  let path = "\(SimulatedBot.guild)/members/500"
  #expect(bot.send("PUT", "\(path)/roles/\(role)").status == 204)
  let counts = bot.send("GET", roles + "/member-counts").json
  #expect(counts[role] == 1)
  #expect(counts[DiscordWorld.sandboxGuildID.description] == nil)
  let overwrite: JSONValue = [["id": .string(role), "type": 0, "allow": "1024"]]
  let channel = bot.makeChannel("a", ["permission_overwrites": overwrite]).id
  #expect(bot.send("DELETE", "\(roles)/\(role)").status == 204)
  #expect(bot.send("GET", path).json["roles"] == [])
  #expect(bot.channel(channel)["permission_overwrites"] == [])
}
