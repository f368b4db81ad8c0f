/// The kinds of channel a guild can hold, and which fields each has (section 1 of the reference on
/// Discord's API). The raw value is Discord's `type`.
package enum ChannelType: Int64, Sendable, CaseIterable {
  case text = 0
  case voice = 2
  case category = 4
  case announcement = 5
  case stage = 13
  case forum = 15
  case media = 16

  /// Fields of a request that mean something for this type; others are ignored.
  package func accepts(_ field: String, creating: Bool) -> Bool {
    switch field {
    case "name", "position", "permission_overwrites", "type": return true
    case "flags": return !creating
    case "parent_id": return self != .category
    case "nsfw": return self == .media ? !creating : self != .category
    case "default_thread_rate_limit_per_user":
      return self == .announcement ? creating : Self.fields[self]?.contains(field) ?? false
    default: return Self.fields[self]?.contains(field) ?? false
    }
  }

  /// Every field of a request that means something for this type.
  func fields(creating: Bool) -> Set<String> {
    let common: Set<String> = [
      "name", "position", "permission_overwrites", "type", "flags", "parent_id", "nsfw",
      "default_thread_rate_limit_per_user",
    ]
    return common.union(Self.fields[self] ?? []).filter { accepts($0, creating: creating) }
  }

  private static let fields: [ChannelType: Set<String>] = [
    .text: [
      "topic", "rate_limit_per_user", "default_auto_archive_duration",
      "default_thread_rate_limit_per_user",
    ],
    .voice: [
      "rate_limit_per_user", "bitrate", "user_limit", "rtc_region", "video_quality_mode",
    ],
    .category: [],
    .announcement: ["topic", "default_auto_archive_duration"],
    .stage: [
      "rate_limit_per_user", "bitrate", "user_limit", "rtc_region", "video_quality_mode",
    ],
    .forum: [
      "topic", "rate_limit_per_user", "default_auto_archive_duration",
      "default_thread_rate_limit_per_user", "available_tags", "default_reaction_emoji",
      "default_sort_order", "default_forum_layout", "default_tag_setting",
    ],
    .media: [
      "topic", "rate_limit_per_user", "default_auto_archive_duration",
      "default_thread_rate_limit_per_user", "available_tags", "default_reaction_emoji",
      "default_sort_order", "default_tag_setting",
    ],
  ]

  /// Whether Discord rewrites names of this type to lower case with hyphens.
  package var normalisesName: Bool { self == .text || self == .announcement }

  /// Whether the type is ordered among the voice-like channels, below the text-like ones.
  package var isVoiceLike: Bool { self == .voice || self == .stage }

  /// Most bits in a second of sound: 96, 128, 256 and 384 kbit/s at boost levels 0 to 3; stages have
  /// 64 kbit/s.
  package func bitrateLimit(features: [String], premiumTier: Int64) -> Int64 {
    if self == .stage { return 64_000 }
    if features.contains("VIP_REGIONS") { return 384_000 }
    return [96_000, 128_000, 256_000, 384_000][Int(min(max(premiumTier, 0), 3))]
  }

  /// Most characters of `topic`.
  package var topicLimit: Int { self == .forum || self == .media ? 4_096 : 1_024 }

  /// Whether a guild with these features may have such a channel.
  package func isOffered(by features: Set<String>) -> Bool {
    switch self {
    case .announcement: features.contains("NEWS") || features.contains("COMMUNITY")
    case .stage: features.contains("COMMUNITY")
    case .media: features.contains("ROLE_SUBSCRIPTIONS_ENABLED")
    case .text, .voice, .category, .forum: true
    }
  }
}
