import JSONValue

/// Reads the fields of POST and PATCH bodies of channels into a channel.
struct ChannelFields {
  /// The body.
  var reader: BodyReader
  /// The type that the channel has or is to have.
  let type: ChannelType
  /// POST, not PATCH.
  let isCreation: Bool
  /// The guild's, for what they allow.
  let features: [String]
  let premiumTier: Int64

  /// Fields of the body that mean nothing for this type.
  var ignoredKeys: [String] {
    reader.members.keys.filter { !type.accepts($0, creating: isCreation) }.sorted()
  }

  /// Puts every field but name, parent and overwrites into the channel.
  mutating func apply(
    to channel: inout DiscordChannel, _ ids: inout SnowflakeSource, now: SimulatedTime
  ) {
    if let position = reader.integer("position", in: 0...Int64(Int32.max), nullable: true).value {
      channel.position = position
    }
    text("topic", limit: type.topicLimit, &channel)
    truth("nsfw", &channel)
    number("rate_limit_per_user", in: 0...21_600, &channel)
    number(
      "bitrate", in: 8_000...type.bitrateLimit(features: features, premiumTier: premiumTier),
      &channel)
    number("user_limit", in: 0...(type == .stage ? 10_000 : 99), &channel)
    text("rtc_region", limit: 100, &channel)
    selection("video_quality_mode", of: [1, 2], &channel)
    selection("default_auto_archive_duration", of: [60, 1_440, 4_320, 10_080], &channel)
    number("default_thread_rate_limit_per_user", in: 0...21_600, &channel)
    selection("default_sort_order", of: [0, 1], &channel)
    selection("default_forum_layout", of: [0, 1, 2], &channel)
    if accepts("default_tag_setting") {
      let sent = reader.choice(
        "default_tag_setting", of: ["match_all", "match_some"], nullable: true)
      store(sent, as: "default_tag_setting", &channel) { .string($0) }
    }
    tags(&channel, &ids, now: now)
    reactionEmoji(&channel)
    flags(&channel)
  }

  private func accepts(_ field: String) -> Bool {
    reader.has(field) && type.accepts(field, creating: isCreation)
  }

  private func store<Value>(
    _ sent: SentField<Value>, as field: String, _ channel: inout DiscordChannel,
    _ json: (Value) -> JSONValue
  ) {
    switch sent {
    case .absent: break
    case .null:
      channel.attributes[field] = DiscordChannel.defaultValue(of: field, type: type)
    case .value(let value): channel.attributes[field] = json(value)
    }
  }

  private mutating func text(_ field: String, limit: Int, _ channel: inout DiscordChannel) {
    guard accepts(field) else { return }
    let sent = reader.string(field, length: 0...limit, nullable: true)
    // An empty topic is no topic.
    store(sent, as: field, &channel) { $0.isEmpty ? .null : .string($0) }
  }

  private mutating func truth(_ field: String, _ channel: inout DiscordChannel) {
    guard accepts(field) else { return }
    store(reader.bool(field, nullable: true), as: field, &channel) { .bool($0) }
  }

  private mutating func number(
    _ field: String, in range: ClosedRange<Int64>, _ channel: inout DiscordChannel
  ) {
    guard accepts(field) else { return }
    store(reader.integer(field, in: range, nullable: true), as: field, &channel) {
      .integer($0)
    }
  }

  private mutating func selection(
    _ field: String, of choices: [Int64], _ channel: inout DiscordChannel
  ) {
    guard accepts(field) else { return }
    store(reader.choice(field, of: choices, nullable: true), as: field, &channel) {
      .integer($0)
    }
  }

  /// A tag sent with the identifier of one that exists keeps it; any other gets a new one.
  private mutating func tags(
    _ channel: inout DiscordChannel, _ ids: inout SnowflakeSource, now: SimulatedTime
  ) {
    guard accepts("available_tags") else { return }
    guard let elements = reader.list("available_tags", limit: 20).value else {
      if reader.members["available_tags"]?.isNull == true {
        channel.attributes["available_tags"] = []
      }
      return
    }
    let known = Set(
      (channel.attributes["available_tags"]?.arrayValue ?? []).compactMap {
        Snowflake(json: $0["id"])
      })
    let tags: [JSONValue] = reader.each(elements, of: "available_tags") { tag in
      tag.require("name")
      let name = tag.string("name", length: 0...20).value ?? ""
      let moderated = tag.bool("moderated", nullable: true).value ?? false
      let emoji = tag.snowflake("emoji_id", nullable: true).value
      let emojiName = tag.string("emoji_name", length: 0...100, nullable: true).value
      let sent = tag.snowflake("id", nullable: true).value
      let id = sent.flatMap { known.contains($0) ? $0 : nil } ?? ids.next(at: now)
      return [
        "id": id.json, "name": .string(name), "moderated": .bool(moderated),
        "emoji_id": emoji.json, "emoji_name": emojiName.map { .string($0) } ?? .null,
      ]
    }
    channel.attributes["available_tags"] = .array(tags)
  }

  private mutating func reactionEmoji(_ channel: inout DiscordChannel) {
    let field = "default_reaction_emoji"
    guard accepts(field) else { return }
    switch reader.raw(field, nullable: true) {
    case .absent: break
    case .null: channel.attributes[field] = .null
    case .value(let value):
      let read: JSONValue? = reader.object(value, of: field) { emoji in
        let id = emoji.snowflake("emoji_id", nullable: true).value
        let name = emoji.string("emoji_name", length: 0...100, nullable: true).value
        return ["emoji_id": id.json, "emoji_name": name.map { .string($0) } ?? .null]
      }
      if let read { channel.attributes[field] = read }
    }
  }

  /// REQUIRE_TAG (forum, media), HIDE_MEDIA_DOWNLOAD_OPTIONS (media), and SPOILER, which an
  /// age-restricted channel cannot have. Other bits are dropped.
  private mutating func flags(_ channel: inout DiscordChannel) {
    guard accepts("flags"),
      let sent = reader.integer("flags", in: 0...Int64(Int32.max), nullable: true).value
    else { return }
    var allowed: Int64 = 1 << 21
    if type == .forum || type == .media { allowed |= 1 << 4 }
    if type == .media { allowed |= 1 << 15 }
    let flags = sent & allowed
    if flags & (1 << 21) != 0, channel.attributes["nsfw"]?.boolValue == true {
      reader.errors.add(
        ["flags"], "CHANNEL_FLAGS_INVALID", "An age-restricted channel cannot be a spoiler.")
      return
    }
    channel.attributes["flags"] = .integer(flags)
  }
}
