package import JSONValue

/// An incoming webhook.
package struct DiscordWebhook: Sendable {
  /// The identifier.
  package let id: Snowflake
  /// Where it posts.
  package var channelID: Snowflake
  /// 1 to 80 characters.
  package var name: String
  /// Hash of its picture.
  package var avatar: String?
  /// The secret in its address; made up, opens nothing outside of the simulator.
  package var token: String
  /// Who made it.
  package var creator: Snowflake

  /// The webhook as the API shows it; `creatorJSON` is the user who made it.
  package func json(guildID: Snowflake, creator user: JSONValue?) -> JSONValue {
    var result: JSONValue = [
      "id": id.json, "type": 1, "guild_id": guildID.json, "channel_id": channelID.json,
      "name": .string(name), "avatar": avatar.map { .string($0) } ?? .null,
      "token": .string(token), "application_id": creator.json,
      "url": .string("https://discord.com/api/webhooks/\(id)/\(token)"),
    ]
    if let user { result["user"] = user }
    return result
  }

  /// For a saved state.
  package var stateJSON: JSONValue {
    [
      "id": id.json, "channel_id": channelID.json, "name": .string(name),
      "avatar": avatar.map { .string($0) } ?? .null, "token": .string(token),
      "creator": creator.json,
    ]
  }

  /// A webhook by its parts.
  init(id: Snowflake, channelID: Snowflake, name: String, token: String, creator: Snowflake) {
    self.id = id
    self.channelID = channelID
    self.name = name
    self.token = token
    self.creator = creator
  }

  /// A webhook from what `stateJSON` gave; `path` is where the value stands, for complaints.
  init(state: JSONValue, at path: String) throws(ControlError) {
    let sent = try ControlBody(
      state, at: path, members: ["id", "channel_id", "name", "avatar", "token", "creator"])
    self.init(
      id: try sent.required("id", try sent.snowflake("id")),
      channelID: try sent.required("channel_id", try sent.snowflake("channel_id")),
      name: try sent.required("name", try sent.text("name", length: 1...80)),
      token: try sent.required("token", try sent.text("token")),
      creator: try sent.required("creator", try sent.snowflake("creator")))
    avatar = sent["avatar"] == .null ? nil : try sent.text("avatar")
  }
}

/// An invitation into a channel.
package struct DiscordInvite: Sendable {
  /// The last part of its address.
  package let code: String
  /// Where it leads.
  package var channelID: Snowflake
  /// Who made it.
  package var inviter: Snowflake
  /// When it was made.
  package var createdAt: SimulatedTime
  /// `max_age` in seconds, 0 for ever.
  package var maximumAge: Int64
  /// `max_uses`, 0 for no limit.
  package var maximumUses: Int64
  /// Whether members leave again when they go offline without a role.
  package var isTemporary: Bool

  /// When it stops to work; nil for never.
  package var expiresAt: SimulatedTime? {
    maximumAge == 0 ? nil : createdAt.advanced(by: .seconds(maximumAge))
  }

  /// For a saved state.
  package var stateJSON: JSONValue {
    [
      "code": .string(code), "channel_id": channelID.json, "inviter": inviter.json,
      "created_microseconds": .integer(createdAt.microseconds), "max_age": .integer(maximumAge),
      "max_uses": .integer(maximumUses), "temporary": .bool(isTemporary),
    ]
  }

  /// An invitation by its parts.
  init(code: String, channelID: Snowflake, inviter: Snowflake, createdAt: SimulatedTime) {
    self.code = code
    self.channelID = channelID
    self.inviter = inviter
    self.createdAt = createdAt
    maximumAge = 86_400
    maximumUses = 0
    isTemporary = false
  }

  /// An invitation from what `stateJSON` gave; `path` is where the value stands, for complaints.
  init(state: JSONValue, at path: String) throws(ControlError) {
    let sent = try ControlBody(
      state, at: path,
      members: [
        "code", "channel_id", "inviter", "created_microseconds", "max_age", "max_uses",
        "temporary",
      ])
    let created = try sent.whole("created_microseconds", in: SimulatedTime.savable)
    self.init(
      code: try sent.required("code", try sent.text("code")),
      channelID: try sent.required("channel_id", try sent.snowflake("channel_id")),
      inviter: try sent.required("inviter", try sent.snowflake("inviter")),
      createdAt: SimulatedTime(
        microseconds: try sent.required("created_microseconds", created)))
    maximumAge = try sent.whole("max_age", in: 0...604_800) ?? 0
    maximumUses = try sent.whole("max_uses", in: 0...100) ?? 0
    isTemporary = try sent.truth("temporary") ?? false
  }
}
