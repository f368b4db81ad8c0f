package import JSONValue

/// A set of Discord permissions: a 64-bit mask, a decimal string in JSON.
package struct PermissionBits: OptionSet, Sendable, Hashable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  /// CREATE_INSTANT_INVITE
  package static let createInstantInvite = PermissionBits(rawValue: 1 << 0)
  /// KICK_MEMBERS
  package static let kickMembers = PermissionBits(rawValue: 1 << 1)
  /// ADMINISTRATOR: every permission, past every overwrite.
  package static let administrator = PermissionBits(rawValue: 1 << 3)
  /// MANAGE_CHANNELS
  package static let manageChannels = PermissionBits(rawValue: 1 << 4)
  /// MANAGE_GUILD
  package static let manageGuild = PermissionBits(rawValue: 1 << 5)
  /// VIEW_AUDIT_LOG
  package static let viewAuditLog = PermissionBits(rawValue: 1 << 7)
  /// VIEW_CHANNEL
  package static let viewChannel = PermissionBits(rawValue: 1 << 10)
  /// MANAGE_MESSAGES
  package static let manageMessages = PermissionBits(rawValue: 1 << 13)
  /// CHANGE_NICKNAME
  package static let changeNickname = PermissionBits(rawValue: 1 << 26)
  /// MANAGE_NICKNAMES
  package static let manageNicknames = PermissionBits(rawValue: 1 << 27)
  /// MANAGE_ROLES, named "Manage Permissions" in a channel.
  package static let manageRoles = PermissionBits(rawValue: 1 << 28)
  /// MANAGE_WEBHOOKS
  package static let manageWebhooks = PermissionBits(rawValue: 1 << 29)
  /// MANAGE_GUILD_EXPRESSIONS
  package static let manageExpressions = PermissionBits(rawValue: 1 << 30)
  /// MANAGE_EVENTS
  package static let manageEvents = PermissionBits(rawValue: 1 << 33)
  /// MANAGE_THREADS
  package static let manageThreads = PermissionBits(rawValue: 1 << 34)
  /// CREATE_GUILD_EXPRESSIONS, enforced as a permission of its own since 2026-02-23.
  package static let createExpressions = PermissionBits(rawValue: 1 << 43)
  /// CREATE_EVENTS, enforced as a permission of its own since 2026-02-23.
  package static let createEvents = PermissionBits(rawValue: 1 << 44)
  /// PIN_MESSAGES, enforced as a permission of its own since 2026-02-23.
  package static let pinMessages = PermissionBits(rawValue: 1 << 51)
  /// BYPASS_SLOWMODE, enforced as a permission of its own since 2026-02-23.
  package static let bypassSlowmode = PermissionBits(rawValue: 1 << 52)

  /// Every bit there is: 0 to 52.
  package static let all = PermissionBits(rawValue: (1 << 53) - 1)

  /// What @everyone of a new guild may do: view, talk, react, speak and the like, nothing that
  /// manages.
  package static let newGuildDefault = PermissionBits(rawValue: 2_248_473_465_835_073)

  /// The mask in a JSON string or number, as both are accepted in requests; nil for other values.
  package init?(json: JSONValue?) {
    switch json {
    case .string(let text)?:
      guard let raw = UInt64(text) else { return nil }
      self.init(rawValue: raw)
    case .integer(let number)?:
      guard number >= 0 else { return nil }
      self.init(rawValue: UInt64(number))
    default: return nil
    }
  }

  /// The JSON form: a decimal string.
  package var json: JSONValue { .string(String(rawValue)) }
}
