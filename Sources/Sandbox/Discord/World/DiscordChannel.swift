package import JSONValue

/// A channel of a guild. What the rules reason about has a type; what is only stored and given
/// back is in `attributes` under Discord's own names.
package struct DiscordChannel: Sendable {
  /// The identifier; also says when the channel was made.
  package let id: Snowflake
  /// The guild it belongs to.
  package let guildID: Snowflake
  /// Text, voice, category, …
  package var type: ChannelType
  /// As stored, after Discord's rewriting.
  package var name: String
  /// As sent last; ties are allowed.
  package var position: Int64
  /// The category, nil at the root.
  package var parentID: Snowflake?
  /// In the order in which they were sent.
  package var overwrites: [PermissionOverwrite]
  /// `topic`, `nsfw`, `flags` and the like, only those which the type has.
  package var attributes: [String: JSONValue]

  /// A new channel with the defaults of its type.
  package init(id: Snowflake, guildID: Snowflake, type: ChannelType, name: String) {
    self.id = id
    self.guildID = guildID
    self.type = type
    self.name = name
    position = 0
    overwrites = []
    attributes = Self.defaults(of: type)
  }

  /// What a channel of this type has when nothing was sent.
  static func defaults(of type: ChannelType) -> [String: JSONValue] {
    var result: [String: JSONValue] = ["flags": 0]
    guard type != .category else { return result }
    result["nsfw"] = false
    result["last_message_id"] = .null
    for field in ["topic", "rtc_region", "default_reaction_emoji", "default_sort_order"]
    where type.accepts(field, creating: false) {
      result[field] = .null
    }
    for field in ["rate_limit_per_user", "user_limit", "default_forum_layout"]
    where type.accepts(field, creating: false) {
      result[field] = 0
    }
    if type.isVoiceLike { result["bitrate"] = 64_000 }
    if type.accepts("available_tags", creating: false) { result["available_tags"] = [] }
    return result
  }

  /// The value that null in a request stands for; nil when the field then disappears.
  static func defaultValue(of field: String, type: ChannelType) -> JSONValue? {
    defaults(of: type)[field]
  }

  /// Every field that a change can be seen in, for audit log entries.
  var comparable: [String: JSONValue] {
    var result = attributes
    result["last_message_id"] = nil
    result["name"] = .string(name)
    result["type"] = .integer(type.rawValue)
    result["position"] = .integer(position)
    if type != .category { result["parent_id"] = parentID.json }
    result["permission_overwrites"] = .array(overwrites.map(\.json))
    return result
  }

  /// The channel as the API shows it.
  package var json: JSONValue {
    var result = attributes
    result["id"] = id.json
    result["guild_id"] = guildID.json
    result["type"] = .integer(type.rawValue)
    result["name"] = .string(name)
    result["position"] = .integer(position)
    result["parent_id"] = parentID.json
    result["permission_overwrites"] = .array(overwrites.map(\.json))
    return .object(result)
  }

  /// A channel from what `json` gave; `path` is where the value stands, for complaints.
  init(state: JSONValue, guildID: Snowflake, at path: String) throws(ControlError) {
    let own = ["id", "guild_id", "type", "name", "position", "parent_id", "permission_overwrites"]
    let sent = try ControlBody(state, at: path, members: own + Self.attributeKinds.keys)
    id = try sent.required("id", try sent.snowflake("id"))
    self.guildID = guildID
    let number = try sent.required("type", try sent.whole("type", in: 0...100))
    guard let type = ChannelType(rawValue: number) else {
      let list = ChannelType.allCases.map { String($0.rawValue) }.joined(separator: ", ")
      throw sent.complaint("type", "must be one of \(list)")
    }
    self.type = type
    name = try sent.required("name", try sent.text("name", length: 1...100))
    position = try sent.whole("position", in: 0...Int64(Int32.max)) ?? 0
    parentID = sent["parent_id"] == .null ? nil : try sent.snowflake("parent_id")
    overwrites = try sent.each("permission_overwrites") { value, path throws(ControlError) in
      try PermissionOverwrite(state: value, at: path)
    }
    attributes = Self.defaults(of: type).merging(
      try sent.attributes(Self.attributeKinds)
    ) { _, loaded in loaded }
  }

  /// Everything that `attributes` can hold.
  private static let attributeKinds: [String: AttributeKind] = [
    "topic": .text, "nsfw": .truth, "flags": .whole, "last_message_id": .text,
    "rate_limit_per_user": .whole, "bitrate": .whole, "user_limit": .whole, "rtc_region": .text,
    "video_quality_mode": .whole, "default_auto_archive_duration": .whole,
    "default_thread_rate_limit_per_user": .whole, "available_tags": .list,
    "default_reaction_emoji": .object, "default_sort_order": .whole,
    "default_forum_layout": .whole, "default_tag_setting": .text,
  ]
}
