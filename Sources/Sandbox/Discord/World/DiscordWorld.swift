/// Everything that exists in the simulated Discord, and how it answers. A value without input,
/// output or clock: equal calls at equal times give equal worlds and equal answers.
package struct DiscordWorld: Sendable {
  /// By identifier.
  package var guilds: [Snowflake: DiscordGuild] = [:]
  /// Every account, people and bots.
  package var users: [Snowflake: DiscordUser] = [:]
  /// Which bot a token belongs to.
  package var tokens: [String: Snowflake] = [:]
  /// Makes identifiers.
  package var snowflakes = SnowflakeSource()
  /// See `WorldRules`.
  package var rules = WorldRules()

  /// A world without anything.
  package init() {}

  /// Performs a call; a refusal is an answer too.
  package mutating func perform(_ call: DiscordCall) -> DiscordAnswer {
    do throws(DiscordRefusal) {
      return try answer(call)
    } catch {
      return .json(error.json, status: error.status)
    }
  }

  private mutating func answer(_ call: DiscordCall) throws(DiscordRefusal) -> DiscordAnswer {
    switch call.operation {
    case .getGateway: return getGateway(withLimits: false)
    case .getGatewayBot: return getGateway(withLimits: true)
    case .getApplication, .getOAuthApplication: return try getApplication(call)
    case .getMe: return try getMe(call)
    case .getUser: return try getUser(call)
    case .getMyGuilds: return try getMyGuilds(call)
    case .leaveGuild: return try leaveGuild(call)
    case .createGuild: throw .botsCannotUse
    default: break
    }
    let guildID = try guild(of: call)
    guard let result = try guilds[guildID]?.perform(call, &snowflakes) else {
      throw .unknownGuild
    }
    return result
  }

  /// The guild that a call is about. A guild that the bot is not in is unknown to it; a channel
  /// of such a guild is out of its reach.
  private func guild(of call: DiscordCall) throws(DiscordRefusal) -> Snowflake {
    switch call.operation.subject {
    case .guild:
      let id = try call.id(0)
      guard isMember(call, of: id) else { throw .unknownGuild }
      return id
    case .channel:
      guard let id = guild(ofChannel: try call.id(0)) else { throw .unknownChannel }
      guard isMember(call, of: id) else { throw .missingAccess }
      return id
    case .webhook:
      let webhook = try call.id(0)
      guard let guild = guilds.values.first(where: { $0.webhooks[webhook] != nil }) else {
        throw .unknownWebhook
      }
      guard call.actor == .anonymous || isMember(call, of: guild.id) else {
        throw .missingAccess
      }
      return guild.id
    case .invite:
      let code = call.parameters.first ?? ""
      guard let guild = guilds.values.first(where: { $0.invites[code] != nil }) else {
        throw .unknownInvite
      }
      return guild.id
    case .nothing, .user: throw .notFound
    }
  }

  /// The guild that has this channel.
  package func guild(ofChannel id: Snowflake) -> Snowflake? {
    guilds.values.first { $0.channels[id] != nil }?.id
  }

  private func isMember(_ call: DiscordCall, of id: Snowflake) -> Bool {
    guard let guild = guilds[id] else { return false }
    switch call.actor {
    case .bot(let bot): return guild.members[bot] != nil
    case .guildOwner: return true
    case .anonymous: return false
    }
  }
}
