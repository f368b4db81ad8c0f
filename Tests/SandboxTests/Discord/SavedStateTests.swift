import JSONValue
import Testing

@testable import Sandbox

private let guild = SimulatedBot.guild

/// A world with something of everything, some of it odd.
private func fullBot() -> SimulatedBot {
  var bot = SimulatedBot()
  bot.control(
    "PATCH", guild,
    [
      "features": ["COMMUNITY", "NEWS", "ROLE_SUBSCRIPTIONS_ENABLED", "ROLE_ICONS"],
      "premium_tier": 3,
    ])
  let image: JSONValue = "data:image/png;base64,iVBORw0KGgo="
  bot.send("PATCH", guild, ["icon": image, "description": "d", "afk_timeout": 900])
  let role = bot.send("POST", guild + "/roles", ["name": "r", "color": 7, "icon": image]).id
  let overwrite: JSONValue = [["id": .string(role), "type": 0, "allow": "1024", "deny": "0"]]
  for type in ChannelType.allCases {
    let made = bot.makeChannel(
      "c", ["type": .integer(type.rawValue), "permission_overwrites": overwrite]
    ).id
    bot.send(
      "PATCH", "/channels/\(made)",
      [
        "topic": "t", "nsfw": true, "rate_limit_per_user": 5, "bitrate": 64_000,
        "video_quality_mode": 2, "default_auto_archive_duration": 60, "rtc_region": "x",
        "default_thread_rate_limit_per_user": 3, "default_sort_order": 1,
        "default_forum_layout": 2, "default_tag_setting": "match_all",
        "default_reaction_emoji": ["emoji_name": "+"], "available_tags": [["name": "bug"]],
      ])
  }
  let channel = bot.makeChannel("hooked").id
  bot.send("POST", "/channels/\(channel)/webhooks", ["name": "hook"], reason: "why")
  bot.send("POST", "/channels/\(channel)/invites", [:])
  bot.control("POST", guild + "/members", ["user": ["id": "700"], "roles": [.string(role)]])
  bot.send("PATCH", guild + "/members/700", ["nick": "Ann"])
  bot.control(
    "POST", "/faults",
    ["fault": ["kind": "overwrite-swallowed", "milliseconds": 2_000, "shown": true]])
  bot.send("PUT", "/channels/\(channel)/permissions/\(role)", ["type": 0, "deny": "1024"])
  bot.control("DELETE", "/faults")
  return bot
}

@Test func everythingSurvivesARoundTrip() {
  var bot = fullBot()
  let state = bot.control("GET", "/state").json
  #expect(state["guilds"]?[0]?["channels"]?.arrayValue?.count == 8)
  var other = SimulatedBot()
  let answer = other.control("PUT", "/state", state)
  #expect(answer.status == 200, "\(answer.json)")
  #expect(other.control("GET", "/state").json == state)
  let next = Snowflake(other.makeChannel("b").id)
  let before = Snowflake(json: state["last_snowflake"])
  #expect((next?.raw ?? 0) > (before?.raw ?? .max))
}

/// Where something is put into a good state, what, and the complaint.
private let mistakes: [(path: [String], value: JSONValue?, complaint: String)] = [
  (["guilds", "0", "name"], nil, #""guilds[0].name" is missing"#),
  (["guilds", "0", "id"], "x", #""guilds[0].id" must be an identifier"#),
  (["guilds", "0", "owner_id"], nil, #""guilds[0].owner_id" is missing"#),
  (["guilds", "0", "chanels"], [], #"unknown member "chanels" of "guilds[0]": there are "#),
  (["guilds", "0", "afk_timeout"], "long", #""guilds[0].afk_timeout" must be a whole number"#),
  (["guilds", "0", "features"], "x", #""guilds[0].features" must be a list"#),
  (["guilds", "0", "channels", "2", "name"], nil, #""guilds[0].channels[2].name" is missing"#),
  (["guilds", "0", "channels", "1", "type"], 99, #""guilds[0].channels[1].type" must be"#),
  (
    ["guilds", "0", "channels", "1", "type"], 3, #""guilds[0].channels[1].type" must be one of 0,"#
  ),
  (["guilds", "0", "channels", "0", "topci"], "t", #""topci" of "guilds[0].channels[0]""#),
  (["guilds", "0", "channels", "0", "topic"], 5, #""guilds[0].channels[0].topic" must be a text"#),
  (
    ["guilds", "0", "channels", "0", "position"], .integer(.max),
    #""guilds[0].channels[0].position" must be a whole number"#
  ),
  (
    ["guilds", "0", "channels", "0", "permission_overwrites", "0", "allow"], "all",
    #""guilds[0].channels[0].permission_overwrites[0].allow" must be a permission mask"#
  ),
  (["guilds", "0", "roles", "0", "name"], nil, #""guilds[0].roles[0].name" is missing"#),
  (["guilds", "0", "roles", "0", "hoist"], "no", #""guilds[0].roles[0].hoist" must be true or"#),
  (["guilds", "0", "members", "0", "user"], nil, #""guilds[0].members[0].user" is missing"#),
  (
    ["guilds", "0", "members", "0", "user", "id"], nil,
    #""guilds[0].members[0].user.id" is missing"#
  ),
  (["guilds", "0", "members", "0", "roles"], "x", #""guilds[0].members[0].roles" must be a list"#),
  (["guilds", "0", "audit_log", "0", "user_id"], nil, #""guilds[0].audit_log[0].user_id" is"#),
  (["guilds", "0", "webhooks", "0", "token"], nil, #""guilds[0].webhooks[0].token" is missing"#),
  (
    ["guilds", "0", "invites", "0", "max_age"], .integer(.max),
    #""guilds[0].invites[0].max_age" must be"#
  ),
  (["users", "0", "bot"], 1, #""users[0].bot" must be true or false"#),
  (["tokens", "sandbox-token"], "x", #""tokens.sandbox-token" must be an identifier"#),
  (["last_snowflake"], "18446744073709551615", #""last_snowflake" must be an identifier"#),
  (["guilds"], nil, #""guilds" is missing"#),
]

@Test func aStateThatIsNoneIsRefusedWithThePlace() {
  var bot = fullBot()
  let good = bot.control("GET", "/state").json
  var other = SimulatedBot()
  let before = other.control("GET", "/state").json
  for (path, value, complaint) in mistakes {
    let answer = other.control("PUT", "/state", good.replacing(path[...], with: value))
    #expect(answer.status == 400, "\(path)")
    let message = answer.json["message"]?.stringValue ?? ""
    #expect(message.contains(complaint), "\(message)")
  }
  var twice = good
  twice["guilds"] = .array((good["guilds"]?.arrayValue ?? []) + (good["guilds"]?.arrayValue ?? []))
  #expect(other.control("PUT", "/state", twice).status == 400)
  #expect(other.control("GET", "/state").json == before)
}

extension JSONValue {
  /// The same with another value at a path, in which digits are places of lists; nil removes it.
  fileprivate func replacing(_ path: ArraySlice<String>, with value: JSONValue?) -> JSONValue {
    guard let first = path.first else { return value ?? .null }
    let rest = path.dropFirst()
    if case .array(var elements) = self, let index = Int(first) {
      elements[index] = elements[index].replacing(rest, with: value)
      return .array(elements)
    }
    var result = self
    result[first] = rest.isEmpty ? value : (self[first] ?? .null).replacing(rest, with: value)
    return result
  }
}
