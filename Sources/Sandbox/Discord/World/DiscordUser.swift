package import JSONValue

/// An account: a person or a bot.
package struct DiscordUser: Sendable {
  /// The identifier. For a bot also that of its application.
  package let id: Snowflake
  /// The account's name.
  package var username: String
  /// Whether the account is a bot.
  package var isBot: Bool

  /// An account by its parts.
  package init(id: Snowflake, username: String, isBot: Bool) {
    self.id = id
    self.username = username
    self.isBot = isBot
  }

  /// An account of a saved state; `path` is where the value stands, for complaints.
  init(state: JSONValue, at path: String) throws(ControlError) {
    let shown = DiscordUser(id: Snowflake(0), username: "", isBot: false).json.objectValue ?? [:]
    let sent = try ControlBody(state, at: path, members: shown.keys)
    let id = try sent.required("id", try sent.snowflake("id"))
    self.init(
      id: id, username: try sent.text("username", length: 1...32) ?? "user-\(id)",
      isBot: try sent.truth("bot") ?? false)
  }

  /// The account as others see it.
  package var json: JSONValue {
    [
      "id": id.json, "username": .string(username), "bot": .bool(isBot), "avatar": .null,
      "discriminator": "0", "public_flags": 0, "flags": 0, "global_name": .null,
      "primary_guild": .null,
    ]
  }

  /// The account as it sees itself.
  package var ownJSON: JSONValue {
    var result = json
    for (key, value) in [
      "mfa_enabled": true, "locale": "en-US", "verified": true, "email": JSONValue.null,
    ] {
      result[key] = value
    }
    return result
  }
}

/// An account's membership of a guild.
package struct DiscordMember: Sendable {
  /// The account.
  package var user: DiscordUser
  /// Nickname in this guild.
  package var nick: String?
  /// Roles, @everyone not among them.
  package var roles: [Snowflake]
  /// When the account joined.
  package var joinedAt: SimulatedTime

  /// A membership by its parts.
  package init(user: DiscordUser, roles: [Snowflake], joinedAt: SimulatedTime) {
    self.user = user
    self.roles = roles
    self.joinedAt = joinedAt
  }

  /// A membership from what `stateJSON` gave; `path` is where the value stands, for complaints.
  init(state: JSONValue, at path: String) throws(ControlError) {
    let nobody = DiscordUser(id: Snowflake(0), username: "", isBot: false)
    let shown = DiscordMember(user: nobody, roles: [], joinedAt: SimulatedTime(microseconds: 0))
    let sent = try ControlBody(
      state, at: path, members: shown.stateJSON.objectValue.map { Array($0.keys) } ?? [])
    let user = try DiscordUser(
      state: try sent.required("user", sent["user"]), at: sent.label("user"))
    let joined = try sent.whole("joined_microseconds", in: SimulatedTime.savable)
    self.init(
      user: user, roles: try sent.snowflakes("roles") ?? [],
      joinedAt: joined.map(SimulatedTime.init(microseconds:)) ?? user.id.time)
    nick = sent["nick"] == .null ? nil : try sent.text("nick", length: 1...32)
  }

  /// The membership as the API shows it.
  package var json: JSONValue {
    [
      "user": user.json, "nick": nick.map { .string($0) } ?? .null,
      "roles": .array(roles.map(\.json)), "joined_at": .string(joinedAt.rfc3339),
      "avatar": .null, "banner": .null, "communication_disabled_until": .null, "flags": 0,
      "pending": false, "premium_since": .null, "mute": false, "deaf": false,
    ]
  }

  /// The membership for a saved state: exact to the microsecond.
  package var stateJSON: JSONValue {
    var result = json
    result["joined_microseconds"] = .integer(joinedAt.microseconds)
    return result
  }
}
