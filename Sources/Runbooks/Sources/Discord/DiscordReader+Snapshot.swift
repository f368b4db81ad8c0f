import JSONValue

extension DiscordReader {
  /// `discord.snapshot`: a guild with its channels, and what the bot may do there.
  func snapshot(_ effect: JSONValue) async throws(SourceFailure) -> JSONValue {
    let guildID = try snowflake(effect)
    let config = effect.text("config")
    let guild = try await body("/guilds/\(guildID)", config)
    let channels = try await body("/guilds/\(guildID)/channels", config)
    let user = try await body("/users/@me", config)
    let me = try await body(
      "/guilds/\(guildID)/members/\(user["id"]?.stringValue ?? "")", config)
    return [
      "guild": guild, "channels": channels, "me": me,
      "permissions": .string("\(Self.permissions(of: me, in: guild, id: guildID))"),
    ]
  }

  /// The bot's own permissions: those of @everyone and of its roles; its owner and administrators
  /// have all.
  private static func permissions(of member: JSONValue, in guild: JSONValue, id: String) -> UInt64 {
    let user = member.value(at: "user", "id")?.stringValue
    if user != nil, guild["owner_id"]?.stringValue == user { return .max >> 1 }
    let own = Set((member["roles"]?.arrayValue ?? []).compactMap(\.stringValue)).union([id])
    var bits: UInt64 = 0
    for role in guild["roles"]?.arrayValue ?? [] {
      guard let roleID = role["id"]?.stringValue, own.contains(roleID) else { continue }
      bits |= role["permissions"]?.stringValue.flatMap { UInt64($0) } ?? 0
    }
    return bits & 8 != 0 ? .max >> 1 : bits
  }
}
