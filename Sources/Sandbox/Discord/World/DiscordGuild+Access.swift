/// Who may do and see what.
extension DiscordGuild {
  /// What a user may do in the guild, before any channel's overwrites. The owner and
  /// administrators may do everything; who is no member, nothing.
  package func permissions(of user: Snowflake) -> PermissionBits {
    guard user != ownerID else { return .all }
    guard let member = members[user] else { return [] }
    var bits = everyone.permissions
    for role in member.roles { bits.formUnion(roles[role]?.permissions ?? []) }
    return bits.contains(.administrator) ? .all : bits
  }

  /// What a user may do in a channel: overwrites of @everyone, then of the user's roles together,
  /// then of the user. Without VIEW_CHANNEL nothing else is left.
  package func permissions(of user: Snowflake, in channel: DiscordChannel) -> PermissionBits {
    let base = permissions(of: user)
    guard base != .all, let member = members[user] else { return base }
    var bits = base
    var roleAllow: PermissionBits = []
    var roleDeny: PermissionBits = []
    var own: PermissionOverwrite?
    for overwrite in channel.overwrites where !overwrite.isWithoutEffect {
      if overwrite.id == id {
        bits.subtract(overwrite.deny)
        bits.formUnion(overwrite.allow)
      } else if overwrite.target == .role, member.roles.contains(overwrite.id) {
        roleAllow.formUnion(overwrite.allow)
        roleDeny.formUnion(overwrite.deny)
      } else if overwrite.target == .member, overwrite.id == user {
        own = overwrite
      }
    }
    bits.subtract(roleDeny)
    bits.formUnion(roleAllow)
    if let own {
      bits.subtract(own.deny)
      bits.formUnion(own.allow)
    }
    return bits.contains(.viewChannel) ? bits : []
  }

  /// Whether a list shows this channel to a user. A category shows when any of its channels does.
  package func isListed(_ channel: DiscordChannel, for user: Snowflake) -> Bool {
    if permissions(of: user, in: channel).contains(.viewChannel) { return true }
    guard channel.type == .category else { return false }
    return channels.values.contains {
      $0.parentID == channel.id && permissions(of: user, in: $0).contains(.viewChannel)
    }
  }

  /// The highest role of a user; @everyone when there is no other.
  package func topRole(of user: Snowflake) -> DiscordRole {
    var top = everyone
    for role in members[user]?.roles ?? [] {
      if let role = roles[role], role.ranks(above: top) { top = role }
    }
    return top
  }

  /// Roles from the lowest rank to the highest, @everyone first.
  package var rolesByRank: [DiscordRole] {
    [everyone] + roles.values.filter { $0.id != id }.sorted { $1.ranks(above: $0) }
  }

  /// Refuses with 50013 unless the caller has these permissions in the guild.
  func require(_ bits: PermissionBits, _ call: DiscordCall) throws(DiscordRefusal) {
    guard permissions(of: call.userID(in: self)).isSuperset(of: bits) else {
      throw .missingPermissions
    }
  }

  /// Refuses with 50001 or 50013 unless the caller sees the channel and may do this in it.
  func require(
    _ bits: PermissionBits, in channel: DiscordChannel, _ call: DiscordCall
  ) throws(DiscordRefusal) {
    let held = permissions(of: call.userID(in: self), in: channel)
    guard held.contains(.viewChannel) else { throw .missingAccess }
    guard held.isSuperset(of: bits) else { throw .missingPermissions }
  }

  /// Refuses with 50013 unless the role ranks below the caller's highest; the owner is above all.
  func requireRank(above role: DiscordRole, _ call: DiscordCall) throws(DiscordRefusal) {
    let user = call.userID(in: self)
    guard user != ownerID else { return }
    guard role.id == id || topRole(of: user).ranks(above: role) else {
      throw .missingPermissions
    }
  }

  /// Refuses with 50013 unless the caller itself holds every one of these bits in the guild.
  func requireHolding(_ bits: PermissionBits, _ call: DiscordCall) throws(DiscordRefusal) {
    guard permissions(of: call.userID(in: self)).isSuperset(of: bits) else {
      throw .missingPermissions
    }
  }

  /// The channel in a path, or 10003.
  func channel(_ id: Snowflake) throws(DiscordRefusal) -> DiscordChannel {
    guard let channel = channels[id] else { throw .unknownChannel }
    return channel
  }

  /// The role in a path, or 10011.
  func role(_ id: Snowflake) throws(DiscordRefusal) -> DiscordRole {
    guard let role = roles[id] else { throw .unknownRole }
    return role
  }
}
