package import JSONValue

/// On whose behalf a call is made.
package enum DiscordActor: Sendable, Hashable {
  /// The bot with this user identifier.
  case bot(Snowflake)
  /// Whoever owns the guild that the call is about: how tests and people change things behind the
  /// bot's back.
  case guildOwner
  /// Nobody: the call carries a webhook's token instead.
  case anonymous
}

/// Choices where Discord's behaviour is unknown or was seen to differ.
package struct WorldRules: Sendable, Hashable {
  /// What happens to other roles when a role is created.
  package enum NewRolePlacement: String, Sendable, CaseIterable {
    /// Every new role gets position 1; ties pile up (discord.js #3175).
    case ties
    /// A new role gets position 1 and moves the others up.
    case shift
  }

  /// Channels that the bot may not view are left out of lists (discord-api-docs #8454).
  package var obfuscation = true
  /// See `NewRolePlacement`.
  package var newRolePlacement = NewRolePlacement.ties
  /// Spaces in voice-like names come back as U+2004, as was seen in May 2025.
  package var rewritesVoiceSpaces = false
  /// A PUT of an overwrite this soon after the channel's POST is answered with success and then
  /// not stored, or stored without effect.
  package var swallowedOverwrites: SwallowedOverwrites?

  /// See `swallowedOverwrites`.
  package struct SwallowedOverwrites: Sendable, Hashable {
    /// How long after the channel's creation.
    package var within: Duration
    /// Whether reads show the overwrite, which has no effect all the same.
    package var isShown: Bool
  }

  /// The rules of the reference.
  package init() {}
}

/// One request to the API after the transport's part is done: known route, known caller, parsed
/// body.
package struct DiscordCall: Sendable {
  /// The route.
  package var operation: DiscordOperation
  /// The variable parts of the path, in order.
  package var parameters: [String]
  /// The same as identifiers, where they are some.
  package var ids: [Snowflake]
  /// The query, percent-decoded.
  package var query: [String: String] = [:]
  /// The parsed body; nil without one.
  package var body: JSONValue?
  /// The decoded `X-Audit-Log-Reason`.
  package var reason: String?
  /// On whose behalf.
  package var actor: DiscordActor
  /// The simulator's clock.
  package var now: SimulatedTime
  /// See `WorldRules`.
  package var rules = WorldRules()
  /// The audit log is read as it was this long ago.
  package var auditLogDelay = Duration.zero

  /// A call by its parts.
  package init(
    _ operation: DiscordOperation, _ parameters: [String], actor: DiscordActor,
    now: SimulatedTime
  ) {
    self.operation = operation
    self.parameters = parameters
    ids = parameters.compactMap { Snowflake($0) }
    self.actor = actor
    self.now = now
  }

  /// The acting user in this guild.
  package func userID(in guild: DiscordGuild) -> Snowflake {
    switch actor {
    case .bot(let id): id
    case .guildOwner, .anonymous: guild.ownerID
    }
  }

  /// The identifier at this place of the path; the pipeline has refused paths without it.
  func id(_ index: Int) throws(DiscordRefusal) -> Snowflake {
    guard ids.indices.contains(index) else { throw .notFound }
    return ids[index]
  }

  /// A query value as a number within a range, or 50035.
  func number(
    _ key: String, in range: ClosedRange<Int64>, default fallback: Int64
  ) throws(DiscordRefusal) -> Int64 {
    guard let text = query[key] else { return fallback }
    var reader = BodyReader([key: .string(text)])
    let value = reader.integer(key, in: range).value
    try reader.finish()
    return value ?? fallback
  }

  /// A query value as an identifier, or 50035.
  func snowflake(_ key: String) throws(DiscordRefusal) -> Snowflake? {
    guard let text = query[key] else { return nil }
    var reader = BodyReader([key: .string(text)])
    let value = reader.snowflake(key).value
    try reader.finish()
    return value
  }
}

/// Discord's answer before the transport dresses it with headers.
package struct DiscordAnswer: Sendable {
  /// HTTP status.
  package var status: Int
  /// JSON text; empty with status 204.
  package var body: [UInt8]
  /// Body fields that Discord ignored: unknown, or without meaning for the type.
  package var ignoredKeys: [String] = []

  /// An answer by its parts.
  package init(status: Int, body: [UInt8]) {
    self.status = status
    self.body = body
  }

  /// An answer with a JSON body.
  static func json(_ value: JSONValue, status: Int = 200, ignoring: [String] = []) -> Self {
    var result = DiscordAnswer(status: status, body: value.serialized())
    result.ignoredKeys = ignoring
    return result
  }

  /// 204.
  static let empty = DiscordAnswer(status: 204, body: [])
}
