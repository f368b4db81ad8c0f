import JSONValue

/// `/guilds/{}/channels` and `/channels/{}`.
extension DiscordGuild {
  /// Most channels, and most categories among them.
  static let channelCapacity = 500
  static let categoriesPerGuild = 50

  mutating func getChannels(_ call: DiscordCall) -> DiscordAnswer {
    let user = call.userID(in: self)
    let seesAll = !call.rules.obfuscation || permissions(of: user) == .all
    let listed = channels.values.filter { seesAll || isListed($0, for: user) }
    var texts: [[UInt8]] = []
    for channel in listed.sorted(by: { $0.id < $1.id }) { texts.append(text(of: channel)) }
    return DiscordAnswer(status: 200, body: Self.array(of: texts))
  }

  mutating func getChannel(_ call: DiscordCall) throws(DiscordRefusal) -> DiscordAnswer {
    let channel = try channel(call.id(0))
    try require([], in: channel, call)
    return DiscordAnswer(status: 200, body: text(of: channel))
  }

  mutating func createChannel(
    _ call: DiscordCall, _ ids: inout SnowflakeSource
  ) throws(DiscordRefusal) -> DiscordAnswer {
    try require(.manageChannels, call)
    var reader = try BodyReader(body: call.body)
    reader.require("name")
    let offered = ChannelType.allCases.filter { $0.isOffered(by: Set(features)) }
    let sentType = reader.choice("type", of: offered.map(\.rawValue), nullable: true)
    let type = sentType.value.flatMap(ChannelType.init(rawValue:)) ?? .text
    let name = readName(&reader, type: type)
    let parent = type == .category ? .null : readParent(&reader, for: nil)
    let overwrites = readOverwrites(&reader)
    if let overwrites { try requireGrantable(overwrites, existing: [], call) }

    var channel = DiscordChannel(
      id: ids.next(at: call.now), guildID: id, type: type, name: name ?? "")
    channel.position = lastPosition(for: type)
    channel.parentID = parent.value
    channel.overwrites =
      overwrites ?? parent.value.flatMap { channels[$0]?.overwrites } ?? []
    var fields = ChannelFields(
      reader: reader, type: type, isCreation: true, features: features, premiumTier: premiumTier)
    fields.apply(to: &channel, &ids, now: call.now)
    try fields.reader.finish()

    guard channels.count < Self.channelCapacity else { throw .tooManyChannels }
    if type == .category {
      let categories = channels.values.count { $0.type == .category }
      guard categories < Self.categoriesPerGuild else { throw .tooManyCategories }
    }
    channel.name = rewritten(channel.name, type: type, call)
    put(channel)
    record(
      .channelCreate, channel.id,
      changes: AuditLogEntry.changes(from: [:], to: channel.comparable), by: call, &ids)
    var answer = DiscordAnswer(status: 201, body: text(of: channel))
    answer.ignoredKeys = fields.ignoredKeys
    return answer
  }

  mutating func updateChannel(
    _ call: DiscordCall, _ ids: inout SnowflakeSource
  ) throws(DiscordRefusal) -> DiscordAnswer {
    let old = try channel(call.id(0))
    var reader = try BodyReader(body: call.body)
    var needed = PermissionBits.manageChannels
    if reader.has("permission_overwrites") { needed.insert(.manageRoles) }
    try require(needed, in: old, call)

    var channel = old
    channel.type = readNewType(&reader, of: old)
    if reader.has("name"), let name = readName(&reader, type: channel.type) {
      channel.name = rewritten(name, type: channel.type, call)
    } else if channel.type != old.type {
      channel.name = ChannelName.stored(old.name, type: channel.type)
    }
    if channel.type != .category {
      let parent = readParent(&reader, for: old.id)
      if parent.isSent { channel.parentID = parent.value }
    }
    let overwrites = readOverwrites(&reader)
    if let overwrites { try requireGrantable(overwrites, existing: old.overwrites, call) }
    var fields = ChannelFields(
      reader: reader, type: channel.type, isCreation: false, features: features,
      premiumTier: premiumTier)
    fields.apply(to: &channel, &ids, now: call.now)
    try fields.reader.finish()

    let after = overwrites ?? old.overwrites
    recordUpdate(from: old, to: channel, by: call, &ids)
    recordOverwrites(from: old.overwrites, to: after, channel: old.id, by: call, &ids)
    setOverwrites(after, of: channel)
    channel.overwrites = after
    var answer = DiscordAnswer(status: 200, body: text(of: channel))
    answer.ignoredKeys = fields.ignoredKeys
    return answer
  }

  mutating func deleteChannel(
    _ call: DiscordCall, _ ids: inout SnowflakeSource
  ) throws(DiscordRefusal) -> DiscordAnswer {
    let channel = try channel(call.id(0))
    try require(.manageChannels, in: channel, call)
    if features.contains("COMMUNITY") {
      for field in ["rules_channel_id", "public_updates_channel_id"]
      where settings[field] == channel.id.json {
        throw .requiredForCommunity
      }
    }
    removeChannel(channel.id)
    for var child in channels.values where child.parentID == channel.id {
      child.parentID = nil
      put(child)
    }
    for (field, value) in settings where field.hasSuffix("_channel_id") && value == channel.id.json
    {
      settings[field] = .null
    }
    webhooks = webhooks.filter { $0.value.channelID != channel.id }
    invites = invites.filter { $0.value.channelID != channel.id }
    record(
      .channelDelete, channel.id,
      changes: AuditLogEntry.changes(from: channel.comparable, to: [:]), by: call, &ids)
    return .json(channel.json)
  }

  /// Reads `name`, complaining about a name that is nothing once rewritten.
  private func readName(_ reader: inout BodyReader, type: ChannelType) -> String? {
    guard let sent = reader.string("name", length: 1...100, trimmed: true).value else {
      return nil
    }
    let stored = ChannelName.stored(sent, type: type)
    if stored.isEmpty {
      reader.errors.add(["name"], "BASE_TYPE_REQUIRED", "This field is required")
      return nil
    }
    return stored
  }

  private func rewritten(_ name: String, type: ChannelType, _ call: DiscordCall) -> String {
    guard call.rules.rewritesVoiceSpaces, type.isVoiceLike else { return name }
    return String(name.map { $0 == " " ? "\u{2004}" : $0 })
  }

  /// Only text and announcement channels can become each other, in guilds with NEWS.
  private func readNewType(_ reader: inout BodyReader, of channel: DiscordChannel) -> ChannelType {
    var choices = [channel.type.rawValue]
    if features.contains("NEWS"), channel.type.normalisesName {
      choices = [ChannelType.text.rawValue, ChannelType.announcement.rawValue]
    }
    let sent = reader.choice("type", of: choices, nullable: true).value
    return sent.flatMap(ChannelType.init(rawValue:)) ?? channel.type
  }

  /// Logs a change of anything but position, which Discord does not log, and overwrites, which
  /// have lines of their own.
  mutating func recordUpdate(
    from old: DiscordChannel, to new: DiscordChannel, by call: DiscordCall,
    _ ids: inout SnowflakeSource
  ) {
    var before = old.comparable
    var after = new.comparable
    for field in ["position", "permission_overwrites"] {
      before[field] = nil
      after[field] = nil
    }
    let changes = AuditLogEntry.changes(from: before, to: after)
    if !changes.isEmpty { record(.channelUpdate, new.id, changes: changes, by: call, &ids) }
  }
}
