import JSONValue

/// What a simulator has when it was given no state.
extension DiscordWorld {
  /// "Sandbox Guild", which the bot of `sandboxToken` is a member of.
  package static let sandboxGuildID = Snowflake(1_000_000_000_000_000_001)
  /// The owner of every guild made here.
  package static let sandboxOwnerID = Snowflake(1_000_000_000_000_000_002)
  /// The bot's user, and its application.
  package static let sandboxBotID = Snowflake(1_000_000_000_000_000_003)
  /// The bot's own role in "Sandbox Guild", above all others.
  package static let sandboxBotRoleID = Snowflake(1_000_000_000_000_000_004)
  /// The bot's token. No secret: it opens nothing but the simulator.
  package static let sandboxToken = "sandbox-token"

  /// Where the bot's role starts: above as many roles as a guild may have.
  static let botRolePosition: Int64 = 250

  /// One guild with @everyone, the bot's role with Administrator, no channels, and the features
  /// that every type of channel needs.
  package static func sandbox(now: SimulatedTime) -> DiscordWorld {
    var world = DiscordWorld()
    let owner = DiscordUser(id: sandboxOwnerID, username: "sandbox-owner", isBot: false)
    let bot = DiscordUser(id: sandboxBotID, username: "sandbox-bot", isBot: true)
    world.users = [owner.id: owner, bot.id: bot]
    world.tokens = [sandboxToken: bot.id]
    world.snowflakes.note(sandboxBotRoleID)
    var guild = DiscordGuild(id: sandboxGuildID, name: "Sandbox Guild", owner: owner, now: now)
    guild.features = ["COMMUNITY", "NEWS", "ROLE_SUBSCRIPTIONS_ENABLED"]
    guild.addBot(bot, roleID: sandboxBotRoleID, permissions: .administrator, now: now)
    world.guilds[guild.id] = guild
    return world
  }

  /// Makes a guild that every bot is a member of. Gives its identifier.
  package mutating func makeGuild(_ new: NewGuild, now: SimulatedTime) -> Snowflake {
    let id = new.id ?? snowflakes.next(at: now)
    let owner =
      users[Self.sandboxOwnerID]
      ?? DiscordUser(id: Self.sandboxOwnerID, username: "sandbox-owner", isBot: false)
    users[owner.id] = owner
    var guild = DiscordGuild(id: id, name: new.name ?? "Guild \(id)", owner: owner, now: now)
    guild.features = new.features
    guild.premiumTier = new.premiumTier
    for bot in users.values.filter(\.isBot).sorted(by: { $0.id < $1.id }) {
      guild.addBot(
        bot, roleID: snowflakes.next(at: now), permissions: new.permissions, now: now)
    }
    guilds[id] = guild
    return id
  }

  /// Makes a bot with a token, or gives one that is there another token.
  package mutating func makeBot(_ new: NewBot, now: SimulatedTime) -> DiscordUser {
    let id = new.id ?? snowflakes.next(at: now)
    let isKnown = users[id] != nil
    let user = DiscordUser(
      id: id, username: new.username ?? users[id]?.username ?? "bot-\(id)", isBot: true)
    users[id] = user
    tokens[new.token] = id
    guard !isKnown || new.guilds != nil else { return user }
    for guild in new.guilds ?? guilds.keys.sorted() where guilds[guild]?.members[id] == nil {
      guilds[guild]?.addBot(
        user, roleID: snowflakes.next(at: now), permissions: new.permissions, now: now)
    }
    return user
  }
}

extension DiscordGuild {
  /// Adds a bot with a managed role of its own above all other roles.
  mutating func addBot(
    _ bot: DiscordUser, roleID: Snowflake, permissions: PermissionBits, now: SimulatedTime
  ) {
    let top = roles.values.map(\.position).max() ?? 0
    var role = DiscordRole(
      id: roleID, name: bot.username, permissions: permissions,
      position: max(DiscordWorld.botRolePosition, top + 1))
    role.isManaged = true
    role.attributes["tags"] = ["bot_id": bot.id.json]
    put(role)
    members[bot.id] = DiscordMember(user: bot, roles: [roleID], joinedAt: now)
  }

  /// Gives the bot's own role other permissions, and optionally another position: what an
  /// administrator does who demotes a bot.
  package mutating func setBotRole(
    of bot: Snowflake, permissions: PermissionBits?, position: Int64?
  ) -> DiscordRole? {
    let own = roles.values.first { $0.attributes["tags"]?["bot_id"] == bot.json }
    guard var role = own else { return nil }
    if let permissions { role.permissions = permissions }
    if let position { role.position = position }
    put(role)
    return role
  }

  /// Gives the guild another boost level. When it falls, channels lose the quality of sound that
  /// only the higher level has.
  mutating func setPremiumTier(_ tier: Int64) {
    premiumTier = tier
    for var channel in channels.values {
      let limit = channel.type.bitrateLimit(features: features, premiumTier: tier)
      guard let bitrate = channel.attributes["bitrate"]?.integerValue, bitrate > limit else {
        continue
      }
      channel.attributes["bitrate"] = .integer(limit)
      put(channel)
    }
  }

  /// What Discord did to guilds on 2026-02-23: whoever could manage got the split permissions too.
  package mutating func splitPermissions() {
    func split(_ bits: PermissionBits) -> PermissionBits {
      var result = bits
      if bits.contains(.manageMessages) { result.formUnion([.pinMessages, .bypassSlowmode]) }
      if bits.contains(.manageExpressions) { result.insert(.createExpressions) }
      if bits.contains(.manageEvents) { result.insert(.createEvents) }
      return result
    }
    for var role in roles.values {
      role.permissions = split(role.permissions)
      put(role)
    }
    for var channel in channels.values {
      for index in channel.overwrites.indices {
        channel.overwrites[index].allow = split(channel.overwrites[index].allow)
        channel.overwrites[index].deny = split(channel.overwrites[index].deny)
      }
      put(channel)
    }
  }
}
