import JSONValue

/// Routes that concern no single guild.
extension DiscordWorld {
  func getMe(_ call: DiscordCall) throws(DiscordRefusal) -> DiscordAnswer {
    guard case .bot(let id) = call.actor, let user = users[id] else { throw .unauthorized }
    return .json(user.ownJSON)
  }

  /// The bot's application, whose identifier is the bot's own. Its owner is the owner of the
  /// guilds made here.
  func getApplication(_ call: DiscordCall) throws(DiscordRefusal) -> DiscordAnswer {
    guard case .bot(let id) = call.actor, let user = users[id] else { throw .unauthorized }
    let owner =
      users[Self.sandboxOwnerID]
      ?? DiscordUser(id: Self.sandboxOwnerID, username: "sandbox-owner", isBot: false)
    return .json([
      "id": id.json, "name": .string(user.username), "icon": .null, "description": "",
      "type": .null, "flags": 0, "flags_new": "0", "owner": owner.json, "team": .null,
      "verify_key": .string(String(repeating: "0", count: 64)), "bot_public": false,
      "bot_require_code_grant": false, "redirect_uris": [], "bot": user.json,
      "interactions_endpoint_url": .null, "role_connections_verification_url": .null,
      "approximate_guild_count": .integer(
        Int64(guilds.values.count { $0.members[id] != nil })),
      "approximate_user_install_count": 0, "approximate_user_authorization_count": 0,
      "explicit_content_filter": 0, "eligible_oauth2_scopes": [],
    ])
  }

  func getUser(_ call: DiscordCall) throws(DiscordRefusal) -> DiscordAnswer {
    guard let user = users[try call.id(0)] else { throw .unknownUser }
    return .json(user.json)
  }

  func getMyGuilds(_ call: DiscordCall) throws(DiscordRefusal) -> DiscordAnswer {
    guard case .bot(let id) = call.actor else { throw .unauthorized }
    let limit = try call.number("limit", in: 1...200, default: 200)
    let after = try call.snowflake("after") ?? Snowflake(0)
    let before = try call.snowflake("before") ?? Snowflake(.max)
    let withCounts = ["true", "True", "1"].contains(call.query["with_counts"])
    let found = guilds.values.filter {
      $0.members[id] != nil && $0.id > after && $0.id < before
    }
    let shown = found.sorted { $0.id < $1.id }.prefix(Int(limit)).map { guild -> JSONValue in
      var result: JSONValue = [
        "id": guild.id.json, "name": .string(guild.name),
        "icon": guild.settings["icon"] ?? .null, "banner": guild.settings["banner"] ?? .null,
        "owner": .bool(guild.ownerID == id), "permissions": guild.permissions(of: id).json,
        "features": .array(guild.features.map { .string($0) }),
      ]
      if withCounts {
        result["approximate_member_count"] = .integer(Int64(guild.members.count))
        result["approximate_presence_count"] = .integer(Int64(guild.members.count))
      }
      return result
    }
    return .json(.array(shown))
  }

  mutating func leaveGuild(_ call: DiscordCall) throws(DiscordRefusal) -> DiscordAnswer {
    guard case .bot(let bot) = call.actor else { throw .unauthorized }
    let id = try call.id(0)
    guard guilds[id]?.members[bot] != nil else { throw .unknownGuild }
    guilds[id]?.members[bot] = nil
    return .empty
  }

  func getGateway(withLimits: Bool) -> DiscordAnswer {
    guard withLimits else { return .json(["url": "wss://gateway.discord.gg"]) }
    return .json([
      "url": "wss://gateway.discord.gg", "shards": 1,
      "session_start_limit": [
        "total": 1_000, "remaining": 1_000, "reset_after": 86_400_000, "max_concurrency": 1,
      ],
    ])
  }
}
