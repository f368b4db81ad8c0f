package import JSONValue

/// A guild with all that belongs to it. Every rule that concerns one guild is a method of this
/// value; nothing here knows of HTTP, limits or the time of day.
package struct DiscordGuild: Sendable {
  /// The identifier, also that of @everyone.
  package let id: Snowflake
  /// 2 to 100 characters.
  package var name: String
  /// Who may do everything.
  package var ownerID: Snowflake
  /// Such as `COMMUNITY`, in the order in which they were enabled.
  package var features: [String]
  /// Boost level, 0 to 3.
  package var premiumTier: Int64
  /// Everything else under Discord's own names.
  package var settings: [String: JSONValue]
  /// By identifier.
  package private(set) var roles: [Snowflake: DiscordRole]
  /// By identifier.
  package private(set) var channels: [Snowflake: DiscordChannel]
  /// By user.
  package var members: [Snowflake: DiscordMember]
  /// Oldest first.
  package var auditLog: [AuditLogEntry]
  /// By identifier.
  package var webhooks: [Snowflake: DiscordWebhook]
  /// By code.
  package var invites: [String: DiscordInvite]

  /// Answers with hundreds of objects would cost a millisecond each if every object were written
  /// out every time.
  private var channelTexts: [Snowflake: [UInt8]] = [:]
  private var roleTexts: [Snowflake: [UInt8]] = [:]

  /// Most entries that the log keeps; older ones go.
  static let auditLogCapacity = 20_000

  /// A guild with @everyone and its owner, and nothing else.
  package init(id: Snowflake, name: String, owner: DiscordUser, now: SimulatedTime) {
    self.id = id
    self.name = name
    ownerID = owner.id
    features = []
    premiumTier = 0
    settings = Self.defaultSettings
    roles = [
      id: DiscordRole(id: id, name: "@everyone", permissions: .newGuildDefault, position: 0)
    ]
    channels = [:]
    members = [owner.id: DiscordMember(user: owner, roles: [], joinedAt: now)]
    auditLog = []
    webhooks = [:]
    invites = [:]
  }

  static let defaultSettings: [String: JSONValue] = [
    "afk_channel_id": .null, "afk_timeout": 300, "application_id": .null, "banner": .null,
    "default_message_notifications": 0, "description": .null, "discovery_splash": .null,
    "emojis": [], "explicit_content_filter": 0, "home_header": .null, "icon": .null,
    "incidents_data": .null, "max_members": 500_000, "max_presences": .null,
    "max_stage_video_channel_users": 50, "max_video_channel_users": 25, "mfa_level": 0,
    "nsfw": false, "nsfw_level": 0, "preferred_locale": "en-US",
    "premium_progress_bar_enabled": false, "premium_subscription_count": 0,
    "public_updates_channel_id": .null, "region": .null, "rules_channel_id": .null,
    "safety_alerts_channel_id": .null, "splash": .null, "stickers": [],
    "system_channel_flags": 0, "system_channel_id": .null, "vanity_url_code": .null,
    "verification_level": 0, "widget_channel_id": .null, "widget_enabled": false,
  ]

  /// @everyone.
  package var everyone: DiscordRole {
    roles[id] ?? DiscordRole(id: id, name: "@everyone", permissions: [], position: 0)
  }

  /// Stores a channel, new or changed.
  package mutating func put(_ channel: DiscordChannel) {
    channels[channel.id] = channel
    channelTexts[channel.id] = nil
  }

  /// Stores a role, new or changed.
  package mutating func put(_ role: DiscordRole) {
    roles[role.id] = role
    roleTexts[role.id] = nil
  }

  /// Takes a channel away.
  package mutating func removeChannel(_ id: Snowflake) {
    channels[id] = nil
    channelTexts[id] = nil
  }

  /// Takes a role away.
  package mutating func removeRole(_ id: Snowflake) {
    roles[id] = nil
    roleTexts[id] = nil
  }

  /// A channel written out.
  mutating func text(of channel: DiscordChannel) -> [UInt8] {
    if let text = channelTexts[channel.id] { return text }
    let text = channel.json.serialized()
    channelTexts[channel.id] = text
    return text
  }

  /// All roles, oldest first, written out as an array.
  mutating func rolesText() -> [UInt8] {
    var texts: [[UInt8]] = []
    for role in roles.values.sorted(by: { $0.id < $1.id }) {
      if let text = roleTexts[role.id] {
        texts.append(text)
      } else {
        let text = role.json.serialized()
        roleTexts[role.id] = text
        texts.append(text)
      }
    }
    return Self.array(of: texts)
  }

  /// A JSON array of values that are written out already.
  static func array(of texts: [[UInt8]]) -> [UInt8] {
    var result: [UInt8] = [UInt8(ascii: "[")]
    result.reserveCapacity(texts.reduce(2) { $0 + $1.count + 1 })
    for (offset, text) in texts.enumerated() {
      if offset > 0 { result.append(UInt8(ascii: ",")) }
      result.append(contentsOf: text)
    }
    result.append(UInt8(ascii: "]"))
    return result
  }

  /// The guild without its roles, as the API shows it.
  package var settingsJSON: [String: JSONValue] {
    var result = settings
    result["id"] = id.json
    result["name"] = .string(name)
    result["owner_id"] = ownerID.json
    result["features"] = .array(features.map { .string($0) })
    result["premium_tier"] = .integer(premiumTier)
    return result
  }

  /// Writes a line into the audit log.
  mutating func record(
    _ action: AuditLogAction, _ target: Snowflake?, changes: [JSONValue] = [],
    options: [String: JSONValue] = [:], by call: DiscordCall, _ ids: inout SnowflakeSource
  ) {
    var entry = AuditLogEntry(
      id: ids.next(at: call.now), action: action.rawValue, userID: call.userID(in: self))
    entry.targetID = target
    entry.changes = changes
    entry.options = options
    entry.reason = call.reason
    auditLog.append(entry)
    if auditLog.count > Self.auditLogCapacity { auditLog.removeFirst(auditLog.count / 10) }
  }
}
