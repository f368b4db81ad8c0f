import JSONValue

/// `/control/guilds`: what only Discord, an owner or an administrator can change.
extension DiscordSimulation {
  mutating func controlGuilds(
    _ method: String, _ path: [String], _ body: JSONValue, _ now: SimulatedTime
  ) throws(ControlError) -> JSONValue? {
    if method == "POST", path.count == 1 {
      let guild = try NewGuild(json: body)
      if let id = guild.id, world.guilds[id] != nil {
        throw ControlError(message: "\"id\": there is a guild \(id) already")
      }
      let made = world.makeGuild(guild, now: now)
      return show(made)
    }
    guard path.count >= 2, let id = Snowflake(path[1]), var guild = world.guilds[id] else {
      throw ControlError(message: "no such guild")
    }
    let result: JSONValue
    switch (method, path.count == 3 ? path[2] : "") {
    case ("DELETE", "") where path.count == 2:
      world.guilds[id] = nil
      return Self.done
    case ("PATCH", "") where path.count == 2:
      try guild.change(ControlBody(body, members: DiscordGuild.controlled))
      world.guilds[id] = guild
      return show(id)
    case ("PUT", "bot-permissions"): result = try setBotRole(in: &guild, body)
    case ("POST", "members"): result = try addMember(to: &guild, body, now)
    case ("POST", "split-permissions"):
      _ = try ControlBody(body, members: [String]())
      guild.splitPermissions()
      result = Self.done
    default: return nil
    }
    world.guilds[id] = guild
    return result
  }

  private func setBotRole(
    in guild: inout DiscordGuild, _ body: JSONValue
  ) throws(ControlError) -> JSONValue {
    let sent = try ControlBody(body, members: ["bot", "permissions", "position"])
    let bot = try sent.snowflake("bot") ?? world.tokens.values.min()
    let permissions = try sent.permissions("permissions")
    let position = try sent.whole("position", in: 1...Int64(Int32.max))
    let role = bot.flatMap {
      guild.setBotRole(of: $0, permissions: permissions, position: position)
    }
    guard let role else { throw ControlError(message: "the bot has no role in this guild") }
    return role.json
  }

  private mutating func addMember(
    to guild: inout DiscordGuild, _ body: JSONValue, _ now: SimulatedTime
  ) throws(ControlError) -> JSONValue {
    let sent = try ControlBody(body, members: ["user", "roles"])
    let user = try sent.required(
      "user", try sent.object("user", members: ["id", "username", "bot"]))
    let roles = try sent.snowflakes("roles") ?? []
    if let stranger = roles.first(where: { guild.roles[$0] == nil || $0 == guild.id }) {
      throw sent.complaint("roles", "has \(stranger), which is no role to be given")
    }
    let name = try user.text("username", length: 1...32)
    let isBot = try user.truth("bot") ?? false
    let id = try user.snowflake("id") ?? world.snowflakes.next(at: now)
    guard guild.members[id] == nil else { throw user.complaint("id", "is a member already") }
    let account =
      world.users[id] ?? DiscordUser(id: id, username: name ?? "user-\(id)", isBot: isBot)
    world.users[id] = account
    let member = DiscordMember(user: account, roles: roles, joinedAt: now)
    guild.members[id] = member
    return member.json
  }

  private func show(_ id: Snowflake) -> JSONValue? {
    guard let guild = world.guilds[id] else { return nil }
    var result = guild.settingsJSON
    result["roles"] = .array(guild.roles.values.sorted { $0.id < $1.id }.map(\.json))
    return .object(result)
  }
}

extension DiscordGuild {
  /// What no client can change: features that Discord grants, boosts, ownership; and the name.
  fileprivate static let controlled = ["features", "premium_tier", "owner_id", "name"]

  fileprivate mutating func change(_ sent: ControlBody) throws(ControlError) {
    features = try sent.texts("features") ?? features
    name = try sent.text("name", length: 2...100) ?? name
    if let owner = try sent.snowflake("owner_id") {
      guard members[owner] != nil else { throw sent.complaint("owner_id", "is no member") }
      ownerID = owner
    }
    if let tier = try sent.whole("premium_tier", in: 0...3) { setPremiumTier(tier) }
  }
}
