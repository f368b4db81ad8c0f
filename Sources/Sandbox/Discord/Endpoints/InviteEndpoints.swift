import JSONValue

/// Invitations of channels, of the guild, and by their code.
extension DiscordGuild {
  func getGuildInvites(_ call: DiscordCall) throws(DiscordRefusal) -> DiscordAnswer {
    try require(.manageGuild, call)
    return .json(list(current(call)))
  }

  func getChannelInvites(_ call: DiscordCall) throws(DiscordRefusal) -> DiscordAnswer {
    let channel = try channel(call.id(0))
    try require(.manageChannels, in: channel, call)
    return .json(list(current(call).filter { $0.channelID == channel.id }))
  }

  mutating func createInvite(
    _ call: DiscordCall, _ ids: inout SnowflakeSource
  ) throws(DiscordRefusal) -> DiscordAnswer {
    let channel = try channel(call.id(0))
    try require(.createInstantInvite, in: channel, call)
    var reader = try BodyReader(body: call.body)
    let age = reader.integer("max_age", in: 0...604_800, nullable: true).value ?? 86_400
    let uses = reader.integer("max_uses", in: 0...100, nullable: true).value ?? 0
    let temporary = reader.bool("temporary", nullable: true).value ?? false
    let unique = reader.bool("unique", nullable: true).value ?? false
    try reader.finish()
    let user = call.userID(in: self)
    let same = current(call).first {
      $0.channelID == channel.id && $0.inviter == user && $0.maximumAge == age
        && $0.maximumUses == uses && $0.isTemporary == temporary
    }
    if let same, !unique { return .json(show(same, isFull: true)) }
    let code = String(
      ImageData.hex(ImageData.fnv("\(ids.next(at: call.now))".utf8, basis: 3)).prefix(10))
    var invite = DiscordInvite(
      code: code, channelID: channel.id, inviter: user, createdAt: call.now)
    invite.maximumAge = age
    invite.maximumUses = uses
    invite.isTemporary = temporary
    invites[code] = invite
    let changes = AuditLogEntry.changes(from: [:], to: Self.comparable(invite))
    record(.inviteCreate, nil, changes: changes, by: call, &ids)
    return .json(show(invite, isFull: true))
  }

  /// Without `max_age`, `max_uses` and the like: those are only in the lists.
  func getInvite(_ call: DiscordCall) throws(DiscordRefusal) -> DiscordAnswer {
    guard let invite = current(call).first(where: { $0.code == call.parameters.first }) else {
      throw .unknownInvite
    }
    return .json(show(invite, isFull: false))
  }

  mutating func deleteInvite(
    _ call: DiscordCall, _ ids: inout SnowflakeSource
  ) throws(DiscordRefusal) -> DiscordAnswer {
    guard let invite = current(call).first(where: { $0.code == call.parameters.first }) else {
      throw .unknownInvite
    }
    let held = permissions(of: call.userID(in: self))
    if !held.contains(.manageGuild) {
      try require(.manageChannels, in: try channel(invite.channelID), call)
    }
    invites[invite.code] = nil
    let changes = AuditLogEntry.changes(from: Self.comparable(invite), to: [:])
    record(.inviteDelete, nil, changes: changes, by: call, &ids)
    return .json(show(invite, isFull: false))
  }

  private func current(_ call: DiscordCall) -> [DiscordInvite] {
    invites.values.filter { invite in invite.expiresAt.map { call.now < $0 } ?? true }
  }

  private func list(_ invites: [DiscordInvite]) -> JSONValue {
    .array(invites.sorted { $0.code < $1.code }.map { show($0, isFull: true) })
  }

  private func show(_ invite: DiscordInvite, isFull: Bool) -> JSONValue {
    var guild: [String: JSONValue] = [
      "id": id.json, "name": .string(name), "features": .array(features.map { .string($0) }),
    ]
    for field in [
      "splash", "banner", "description", "icon", "verification_level", "vanity_url_code",
      "nsfw_level", "nsfw", "premium_subscription_count",
    ] {
      guild[field] = settings[field] ?? .null
    }
    var result: JSONValue = [
      "type": 0, "code": .string(invite.code), "guild_id": id.json, "guild": .object(guild),
      "expires_at": invite.expiresAt.map { .string($0.rfc3339) } ?? .null, "flags": 0,
    ]
    if let channel = channels[invite.channelID] {
      result["channel"] = [
        "id": channel.id.json, "name": .string(channel.name),
        "type": .integer(channel.type.rawValue),
      ]
    }
    if let inviter = members[invite.inviter] { result["inviter"] = inviter.user.json }
    if isFull {
      result["max_age"] = .integer(invite.maximumAge)
      result["max_uses"] = .integer(invite.maximumUses)
      result["uses"] = 0
      result["temporary"] = .bool(invite.isTemporary)
      result["created_at"] = .string(invite.createdAt.rfc3339)
    }
    return result
  }

  private static func comparable(_ invite: DiscordInvite) -> [String: JSONValue] {
    [
      "code": .string(invite.code), "channel_id": invite.channelID.json,
      "inviter_id": invite.inviter.json, "max_age": .integer(invite.maximumAge),
      "max_uses": .integer(invite.maximumUses), "temporary": .bool(invite.isTemporary),
      "uses": 0,
    ]
  }
}
