import JSONValue
import Testing

@testable import Sandbox

private let guild = SimulatedBot.guild

@Test func createdChannelHasTheFieldsOfItsType() {
  var bot = SimulatedBot()
  let expected: [(type: Int64, present: [String], absent: [String])] = [
    (0, ["topic", "nsfw", "rate_limit_per_user"], ["bitrate", "available_tags"]),
    (2, ["bitrate", "user_limit", "rtc_region"], ["topic"]),
    (4, ["position"], ["topic", "nsfw", "bitrate"]),
    (5, ["topic"], ["rate_limit_per_user", "bitrate"]),
    (13, ["bitrate", "user_limit"], ["topic"]),
    (15, ["available_tags", "default_forum_layout", "default_sort_order"], ["bitrate"]),
    (16, ["available_tags", "default_reaction_emoji"], ["default_forum_layout"]),
  ]
  for (type, present, absent) in expected {
    let answer = bot.makeChannel("channel-\(type)", ["type": .integer(type)])
    #expect(answer.status == 201)
    for field in present { #expect(answer.json[field] != nil, "\(field) of \(type)") }
    for field in absent { #expect(answer.json[field] == nil, "\(field) of \(type)") }
  }
}

@Test func textNamesAreRewrittenAndVoiceNamesKept() {
  var bot = SimulatedBot()
  let name = "  Bob's  Great - Channel "
  #expect(bot.makeChannel(name).json["name"] == "bobs-great-channel")
  #expect(bot.makeChannel(name, ["type": 2]).json["name"] == "Bob's  Great - Channel")
  #expect(bot.makeChannel("'").errors("name") == ["BASE_TYPE_REQUIRED"])
}

@Test func allFieldErrorsComeAtOnceWithTheirPaths() {
  var bot = SimulatedBot()
  let body: JSONValue = [
    "name": .string(String(repeating: "x", count: 101)), "topic": 5,
    "rate_limit_per_user": 21_601, "default_auto_archive_duration": 0, "nsfw": "perhaps",
    "permission_overwrites": [
      ["id": DiscordWorld.sandboxGuildID.json, "type": 0, "allow": "many"], ["type": 0],
    ],
  ]
  let answer = bot.send("POST", guild + "/channels", body)
  #expect(answer.status == 400)
  #expect(answer.code == 50035)
  #expect(answer.errors("name") == ["BASE_TYPE_BAD_LENGTH"])
  #expect(answer.errors("topic") == ["STRING_TYPE_CONVERT"])
  #expect(answer.errors("rate_limit_per_user") == ["NUMBER_TYPE_MAX"])
  #expect(answer.errors("default_auto_archive_duration") == ["BASE_TYPE_CHOICES"])
  #expect(answer.errors("nsfw") == ["BOOLEAN_TYPE_CONVERT"])
  #expect(answer.errors("permission_overwrites", "0", "allow") == ["NUMBER_TYPE_COERCE"])
  #expect(answer.errors("permission_overwrites", "1", "id") == ["BASE_TYPE_REQUIRED"])
  #expect(bot.channels().isEmpty)
}

@Test func lengthsAndBoundsFollowTypeAndBoosts() {
  var bot = SimulatedBot()
  let long: JSONValue = .string(String(repeating: "t", count: 4_096))
  #expect(bot.makeChannel("a", ["topic": long]).errors("topic") == ["BASE_TYPE_MAX_LENGTH"])
  #expect(bot.makeChannel("b", ["topic": long, "type": 15]).status == 201)
  #expect(
    bot.makeChannel("c", ["type": 2, "bitrate": 7_999]).errors("bitrate") == ["NUMBER_TYPE_MIN"])
  let loud: JSONValue = ["type": 2, "bitrate": 384_000]
  #expect(bot.makeChannel("d", loud).errors("bitrate") == ["NUMBER_TYPE_MAX"])
  bot.control("PATCH", guild, ["premium_tier": 3])
  #expect(bot.makeChannel("d", loud).status == 201)
  #expect(bot.makeChannel("e", ["type": 2, "user_limit": 100]).status == 400)
  #expect(bot.makeChannel("f", ["type": 13, "user_limit": 10_000]).status == 201)
}

@Test func fieldsWithoutMeaningAreIgnoredAndCounted() {
  var bot = SimulatedBot()
  let answer = bot.makeChannel("a", ["bitrate": 1, "colour": "red"])
  #expect(answer.status == 201)
  #expect(answer.json["bitrate"] == nil)
  let ignored = bot.control("GET", "/score").json["ignoredKeys"]
  #expect(ignored?["POST /guilds/{}/channels bitrate"] == 1)
  #expect(ignored?["POST /guilds/{}/channels colour"] == 1)
}

@Test func typeChangesOnlyBetweenTextAndAnnouncement() {
  var bot = SimulatedBot()
  let id = bot.makeChannel("a").id
  #expect(bot.send("PATCH", "/channels/\(id)", ["type": 5]).json["type"] == 5)
  #expect(bot.send("PATCH", "/channels/\(id)", ["type": 2]).errors("type") == ["BASE_TYPE_CHOICES"])
  bot.control("PATCH", guild, ["features": []])
  #expect(bot.send("PATCH", "/channels/\(id)", ["type": 0]).status == 400)
  #expect(bot.makeChannel("b", ["type": 13]).errors("type") == ["BASE_TYPE_CHOICES"])
  #expect(bot.makeChannel("b", ["type": 16]).errors("type") == ["BASE_TYPE_CHOICES"])
}

@Test func absentIsNotNull() {
  var bot = SimulatedBot()
  let id = bot.makeChannel("a", ["topic": "old", "nsfw": true]).id
  let kept = bot.send("PATCH", "/channels/\(id)", ["rate_limit_per_user": 5]).json
  #expect(kept["topic"] == "old")
  let cleared = bot.send("PATCH", "/channels/\(id)", ["topic": .null, "nsfw": .null]).json
  #expect(cleared["topic"] == .null)
  #expect(cleared["nsfw"] == false)
  #expect(bot.send("PATCH", "/channels/\(id)", ["topic": ""]).json["topic"] == .null)
  #expect(
    bot.send("PATCH", "/channels/\(id)", ["name": .null]).errors("name") == ["BASE_TYPE_REQUIRED"])
}

@Test func tagsKeepTheirIdentifierWhenItIsSent() {
  var bot = SimulatedBot()
  let forum = bot.makeChannel("f", ["type": 15, "available_tags": [["name": "bug"]]])
  let tag = forum.json["available_tags"]?[0]?["id"]
  #expect(tag?.stringValue != nil)
  let path = "/channels/\(forum.id)"
  let kept: JSONValue = ["available_tags": [["id": tag ?? .null, "name": "Bug"]]]
  #expect(bot.send("PATCH", path, kept).json["available_tags"]?[0]?["id"] == tag)
  let churned = bot.send("PATCH", path, ["available_tags": [["name": "Bug"]]])
  #expect(churned.json["available_tags"]?[0]?["id"] != tag)
  let many: JSONValue = .array((0...20).map { ["name": .string("t\($0)")] })
  #expect(bot.send("PATCH", path, ["available_tags": many]).status == 400)
}

@Test func spoilerNeedsAChannelThatIsNotAgeRestricted() {
  var bot = SimulatedBot()
  let id = bot.makeChannel("a", ["nsfw": true]).id
  #expect(bot.send("PATCH", "/channels/\(id)", ["flags": 2_097_152]).status == 400)
  let open = bot.send("PATCH", "/channels/\(id)", ["nsfw": false, "flags": 2_097_152])
  #expect(open.json["flags"] == 2_097_152)
  #expect(bot.send("PATCH", "/channels/\(id)", ["flags": 16]).json["flags"] == 0)
}

@Test func parentMustBeACategoryWithRoom() {
  var bot = SimulatedBot()
  let category = bot.makeChannel("cat", ["type": 4]).id
  let inside: JSONValue = ["parent_id": .string(category)]
  for index in 0..<50 { #expect(bot.makeChannel("c\(index)", inside).status == 201) }
  #expect(
    bot.makeChannel("more", inside).errors("parent_id") == ["CHANNEL_PARENT_MAX_CHANNELS"])
  let text = bot.makeChannel("text").id
  let wrong: JSONValue = ["parent_id": .string(text)]
  #expect(bot.makeChannel("x", wrong).errors("parent_id") == ["CHANNEL_PARENT_INVALID_TYPE"])
  #expect(
    bot.makeChannel("x", ["parent_id": "5"]).errors("parent_id") == ["CHANNEL_PARENT_INVALID"])
}

@Test func quotasAreFiveHundredChannelsAndFiftyCategories() {
  var bot = SimulatedBot()
  for index in 0..<50 { bot.makeChannel("cat\(index)", ["type": 4]) }
  #expect(bot.makeChannel("cat", ["type": 4]).code == 30013)
  for index in 0..<450 { #expect(bot.makeChannel("c\(index)").status == 201) }
  let full = bot.makeChannel("one-more")
  #expect(full.status == 400)
  #expect(full.code == 30013)
  #expect(bot.channels().count == 500)
}

@Test func omittedOverwritesComeFromTheCategory() {
  var bot = SimulatedBot()
  let everyone = DiscordWorld.sandboxGuildID.json
  let hidden: JSONValue = [["id": everyone, "type": 0, "allow": "0", "deny": "1024"]]
  let category = bot.makeChannel("cat", ["type": 4, "permission_overwrites": hidden]).id
  let parent: JSONValue = .string(category)
  let inherited = bot.makeChannel("a", ["parent_id": parent])
  #expect(inherited.json["permission_overwrites"] == hidden)
  let own = bot.makeChannel("b", ["parent_id": parent, "permission_overwrites": []])
  #expect(own.json["permission_overwrites"] == [])

  // Who is in step with the category follows it; who is not stays.
  let open: JSONValue = [["id": everyone, "type": 0, "allow": "1024", "deny": "0"]]
  bot.send("PATCH", "/channels/\(category)", ["permission_overwrites": open])
  #expect(bot.channel(inherited.id)["permission_overwrites"] == open)
  #expect(bot.channel(own.id)["permission_overwrites"] == [])
}

@Test func deletedCategoryOrphansItsChannels() {
  var bot = SimulatedBot()
  let category = bot.makeChannel("cat", ["type": 4]).id
  let child = bot.makeChannel("a", ["parent_id": .string(category)]).id
  let deleted = bot.send("DELETE", "/channels/\(category)")
  #expect(deleted.status == 200)
  #expect(deleted.id == category)
  #expect(bot.channel(child)["parent_id"] == .null)
  #expect(bot.send("GET", "/channels/\(category)").code == 10003)
  #expect(bot.send("DELETE", "/channels/\(category)").status == 404)
}

@Test func communityKeepsItsRulesChannel() {
  var bot = SimulatedBot()
  let id = bot.makeChannel("rules").id
  bot.send("PATCH", guild, ["rules_channel_id": .string(id)])
  #expect(bot.send("DELETE", "/channels/\(id)").code == 50074)
  bot.send("PATCH", guild, ["features": []])
  #expect(bot.send("DELETE", "/channels/\(id)").status == 200)
  #expect(bot.send("GET", guild).json["rules_channel_id"] == .null)
}

@Test func bulkMoveSetsPositionsAndOneParent() {
  var bot = SimulatedBot()
  let category = bot.makeChannel("cat", ["type": 4]).id
  let first = bot.makeChannel("a").id
  let second = bot.makeChannel("b").id
  let moved = bot.send(
    "PATCH", guild + "/channels",
    [
      ["id": .string(first), "position": 7, "parent_id": .string(category)],
      ["id": .string(second), "position": 7],
    ])
  #expect(moved.status == 204)
  #expect(moved.outcome.body.isEmpty)
  #expect(bot.channel(first)["position"] == 7)
  #expect(bot.channel(second)["position"] == 7)
  #expect(bot.channel(first)["parent_id"]?.stringValue == category)
  let two = bot.send(
    "PATCH", guild + "/channels",
    [
      ["id": .string(first), "parent_id": .null],
      ["id": .string(second), "parent_id": .string(category)],
    ])
  #expect(two.code == 40009)
  #expect(bot.channel(first)["parent_id"]?.stringValue == category)
  let wrong = bot.send("PATCH", guild + "/channels", [["id": .string(first), "position": -1]])
  #expect(wrong.errors("0", "position") == ["NUMBER_TYPE_MIN"])
}

@Test func lockPermissionsTakesTheCategorysOverwrites() {
  var bot = SimulatedBot()
  let hidden: JSONValue = [
    ["id": DiscordWorld.sandboxGuildID.json, "type": 0, "allow": "0", "deny": "1024"]
  ]
  let category = bot.makeChannel("cat", ["type": 4, "permission_overwrites": hidden]).id
  let id = bot.makeChannel("a").id
  let move: JSONValue = [
    ["id": .string(id), "parent_id": .string(category), "lock_permissions": true]
  ]
  #expect(bot.send("PATCH", guild + "/channels", move).status == 204)
  #expect(bot.channel(id)["permission_overwrites"] == hidden)
  bot.setPermissions([.manageChannels, .viewChannel])
  #expect(bot.send("PATCH", guild + "/channels", move).code == 50013)
}

@Test func snowflakesRiseWithTheClockAndNeverRepeat() {
  var source = SnowflakeSource()
  let now = SimulatedTime(milliseconds: 1_790_000_000_000)
  let ids = (0..<5_000).map { _ in source.next(at: now) }
  #expect(Set(ids).count == 5_000)
  #expect(ids == ids.sorted())
  #expect(ids[0].time == now)
  #expect(source.next(at: SimulatedTime(milliseconds: 0)) > ids[4_999])
}

@Test func lostBoostsLowerTheQualityOfSound() {
  var bot = SimulatedBot()
  bot.control("PATCH", guild, ["premium_tier": 3])
  let voice = bot.makeChannel("v", ["type": 2, "bitrate": 384_000]).id
  let quiet = bot.makeChannel("q", ["type": 2, "bitrate": 32_000]).id
  bot.control("PATCH", guild, ["premium_tier": 1])
  #expect(bot.channel(voice)["bitrate"] == 128_000)
  #expect(bot.channel(quiet)["bitrate"] == 32_000)
  let again = bot.send("PATCH", "/channels/\(voice)", ["bitrate": 384_000])
  #expect(again.errors("bitrate") == ["NUMBER_TYPE_MAX"])
}

@Test func voiceNamesCanComeBackWithOtherSpaces() {
  var bot = SimulatedBot()
  bot.control("PUT", "/rules", ["voiceSpaces": true])
  #expect(bot.makeChannel("Big Room", ["type": 2]).json["name"] == "Big\u{2004}Room")
  #expect(bot.makeChannel("Big Room", ["type": 4]).json["name"] == "Big Room")
  bot.control("PUT", "/rules", ["voiceSpaces": false])
  #expect(bot.makeChannel("Big Room", ["type": 2]).json["name"] == "Big Room")
}

@Test func channelsInStepFollowASingleOverwriteOfTheirCategory() {
  var bot = SimulatedBot()
  let everyone = DiscordWorld.sandboxGuildID
  let category = bot.makeChannel("cat", ["type": 4]).id
  let inStep = bot.makeChannel("a", ["parent_id": .string(category)]).id
  let own: JSONValue = [["id": everyone.json, "type": 0, "allow": "1024", "deny": "0"]]
  let apart = bot.makeChannel(
    "b", ["parent_id": .string(category), "permission_overwrites": own]
  ).id
  let path = "/channels/\(category)/permissions/\(everyone)"
  bot.send("PUT", path, ["type": 0, "deny": "1024"])
  #expect(bot.channel(inStep)["permission_overwrites"]?[0]?["deny"] == "1024")
  #expect(bot.channel(apart)["permission_overwrites"] == own)
  bot.send("DELETE", path)
  #expect(bot.channel(inStep)["permission_overwrites"] == [])
}
