import JSONValue

/// `/guilds/{}`.
extension DiscordGuild {
  static let locales = [
    "ar", "bg", "cs", "da", "de", "el", "en-GB", "en-US", "es-419", "es-ES", "fi", "fr", "he",
    "hi", "hr", "hu", "id", "it", "ja", "ko", "lt", "nl", "no", "pl", "pt-BR", "ro", "ru",
    "sv-SE", "th", "tr", "uk", "vi", "zh-CN", "zh-TW",
  ]
  static let mutableFeatures: Set<String> = [
    "COMMUNITY", "DISCOVERABLE", "INVITES_DISABLED", "RAID_ALERTS_DISABLED",
  ]
  static let guildKeys: Set<String> = [
    "name", "description", "verification_level", "default_message_notifications",
    "explicit_content_filter", "afk_timeout", "afk_channel_id", "system_channel_id",
    "rules_channel_id", "public_updates_channel_id", "safety_alerts_channel_id",
    "system_channel_flags", "preferred_locale", "features", "icon", "banner", "splash",
    "discovery_splash", "home_header", "premium_progress_bar_enabled",
  ]

  mutating func getGuild(_ call: DiscordCall) -> DiscordAnswer {
    var result = settingsJSON
    if ["true", "True", "1"].contains(call.query["with_counts"]) {
      result["approximate_member_count"] = .integer(Int64(members.count))
      result["approximate_presence_count"] = .integer(Int64(members.count))
    }
    return DiscordAnswer(status: 200, body: withRoles(result))
  }

  /// The guild's object with the roles, whose text is kept, put in front.
  private mutating func withRoles(_ members: [String: JSONValue]) -> [UInt8] {
    var body = Array("{\"roles\":".utf8)
    body.append(contentsOf: rolesText())
    let rest = JSONValue.object(members).serialized()
    body.append(UInt8(ascii: ","))
    body.append(contentsOf: rest.dropFirst())
    return body
  }

  mutating func updateGuild(
    _ call: DiscordCall, _ ids: inout SnowflakeSource
  ) throws(DiscordRefusal) -> DiscordAnswer {
    try require(.manageGuild, call)
    var reader = try BodyReader(body: call.body)
    let wanted = readFeatures(&reader)
    if let wanted {
      let touched = Set(wanted).symmetricDifference(features)
      if touched.contains("COMMUNITY") || touched.contains("DISCOVERABLE") {
        try require(.administrator, call)
      }
    }
    var changed = settings
    var newName = name
    if let sent = reader.string("name", length: 2...100, trimmed: true).value { newName = sent }
    let isCommunity = (wanted ?? features).contains("COMMUNITY")
    readTexts(&reader, &changed)
    readNumbers(&reader, &changed)
    readChannels(&reader, &changed, isCommunity: isCommunity)
    let images = readImages(&reader)
    if let wanted, wanted.contains("COMMUNITY"), !features.contains("COMMUNITY") {
      for field in ["rules_channel_id", "public_updates_channel_id"]
      where changed[field]?.isNull ?? true {
        reader.errors.add([field], "BASE_TYPE_REQUIRED", "This field is required")
      }
    }
    try reader.finish()
    for (field, hash) in images {
      guard let hash else {
        changed[field] = .null
        continue
      }
      guard mayHaveImage(field, isAnimated: hash.hasPrefix("a_")) else { throw .needsBoosts }
      changed[field] = .string(hash)
    }

    let before = comparable
    name = newName
    settings = changed
    if let wanted { features = wanted }
    let changes = AuditLogEntry.changes(from: before, to: comparable)
    if !changes.isEmpty { record(.guildUpdate, id, changes: changes, by: call, &ids) }
    var answer = DiscordAnswer(status: 200, body: withRoles(settingsJSON))
    answer.ignoredKeys = reader.members.keys.filter { !Self.guildKeys.contains($0) }.sorted()
    return answer
  }

  private var comparable: [String: JSONValue] {
    var result = settings
    result["name"] = .string(name)
    result["features"] = .array(features.map { .string($0) })
    return result
  }

  private func readTexts(_ reader: inout BodyReader, _ changed: inout [String: JSONValue]) {
    switch reader.string("description", length: 0...300, nullable: true) {
    case .absent: break
    case .null: changed["description"] = .null
    case .value(let text): changed["description"] = text.isEmpty ? .null : .string(text)
    }
    switch reader.choice("preferred_locale", of: Self.locales, nullable: true) {
    case .absent: break
    case .null: changed["preferred_locale"] = "en-US"
    case .value(let locale): changed["preferred_locale"] = .string(locale)
    }
    switch reader.bool("premium_progress_bar_enabled", nullable: true) {
    case .absent: break
    case .null: changed["premium_progress_bar_enabled"] = false
    case .value(let truth): changed["premium_progress_bar_enabled"] = .bool(truth)
    }
  }

  private func readNumbers(_ reader: inout BodyReader, _ changed: inout [String: JSONValue]) {
    let choices: [(field: String, choices: [Int64])] = [
      ("verification_level", [0, 1, 2, 3, 4]), ("default_message_notifications", [0, 1]),
      ("explicit_content_filter", [0, 1, 2]), ("afk_timeout", [60, 300, 900, 1_800, 3_600]),
    ]
    for (field, choices) in choices {
      switch reader.choice(field, of: choices, nullable: true) {
      case .absent: break
      case .null: changed[field] = Self.defaultSettings[field]
      case .value(let number): changed[field] = .integer(number)
      }
    }
    switch reader.integer("system_channel_flags", in: 0...Int64(Int32.max), nullable: true) {
    case .absent: break
    case .null: changed["system_channel_flags"] = 0
    case .value(let flags): changed["system_channel_flags"] = .integer(flags & 0b11_1111)
    }
  }

  /// AFK must be a voice channel, the others text channels of this guild; the last three mean
  /// something only for Community guilds.
  private func readChannels(
    _ reader: inout BodyReader, _ changed: inout [String: JSONValue], isCommunity: Bool
  ) {
    let fields: [(field: String, type: ChannelType, needsCommunity: Bool)] = [
      ("afk_channel_id", .voice, false), ("system_channel_id", .text, false),
      ("rules_channel_id", .text, true), ("public_updates_channel_id", .text, true),
      ("safety_alerts_channel_id", .text, true),
    ]
    for (field, type, needsCommunity) in fields {
      switch reader.snowflake(field, nullable: true) {
      case .absent: break
      case .null: changed[field] = .null
      case .value(let id):
        guard let channel = channels[id] else {
          reader.errors.add([field], "CHANNEL_INVALID", "Channel does not exist")
          continue
        }
        guard channel.type == type else {
          reader.errors.add([field], "CHANNEL_INVALID_TYPE", "Invalid channel type")
          continue
        }
        if isCommunity || !needsCommunity { changed[field] = id.json }
      }
    }
  }

  private func readImages(_ reader: inout BodyReader) -> [(field: String, hash: String?)] {
    var result: [(field: String, hash: String?)] = []
    for field in ["icon", "banner", "splash", "discovery_splash", "home_header"] {
      let sent = readImage(field, &reader)
      if sent.isSent { result.append((field, sent.value)) }
    }
    return result
  }

  private func mayHaveImage(_ field: String, isAnimated: Bool) -> Bool {
    switch field {
    case "icon": !isAnimated || features.contains("ANIMATED_ICON")
    case "banner": features.contains(isAnimated ? "ANIMATED_BANNER" : "BANNER")
    case "splash": features.contains("INVITE_SPLASH")
    case "discovery_splash": features.contains("DISCOVERABLE")
    default: features.contains("COMMUNITY")
    }
  }

  /// The new list: what was sent of the features that can be changed, all others as they are.
  private func readFeatures(_ reader: inout BodyReader) -> [String]? {
    guard let sent = reader.list("features", limit: 1_521).value else { return nil }
    let names = Set(sent.compactMap(\.stringValue))
    var result = features.filter { names.contains($0) || !Self.mutableFeatures.contains($0) }
    for name in Self.mutableFeatures.sorted() where names.contains(name) {
      if !result.contains(name) { result.append(name) }
    }
    return result
  }
}
