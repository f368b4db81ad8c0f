import JSONValue

/// Webhooks of channels, of the guild, and by their own address.
extension DiscordGuild {
  /// Most webhooks of one channel.
  static let webhooksPerChannel = 15

  func getGuildWebhooks(_ call: DiscordCall) throws(DiscordRefusal) -> DiscordAnswer {
    try require(.manageWebhooks, call)
    return .json(list(webhooks.values.map { $0 }))
  }

  func getChannelWebhooks(_ call: DiscordCall) throws(DiscordRefusal) -> DiscordAnswer {
    let channel = try channel(call.id(0))
    try require(.manageWebhooks, in: channel, call)
    return .json(list(webhooks.values.filter { $0.channelID == channel.id }))
  }

  mutating func createWebhook(
    _ call: DiscordCall, _ ids: inout SnowflakeSource
  ) throws(DiscordRefusal) -> DiscordAnswer {
    let channel = try channel(call.id(0))
    try require(.manageWebhooks, in: channel, call)
    var reader = try BodyReader(body: call.body)
    reader.require("name")
    let name = readWebhookName(&reader) ?? ""
    let avatar = readImage("avatar", &reader)
    try reader.finish()
    guard webhooks.values.count(where: { $0.channelID == channel.id }) < Self.webhooksPerChannel
    else { throw .tooManyWebhooks }
    let id = ids.next(at: call.now)
    var webhook = DiscordWebhook(
      id: id, channelID: channel.id, name: name,
      token: "sandbox-webhook-" + ImageData.hex(ImageData.fnv("\(id)".utf8, basis: 7)),
      creator: call.userID(in: self))
    webhook.avatar = avatar.value
    webhooks[id] = webhook
    let changes = AuditLogEntry.changes(from: [:], to: Self.comparable(webhook))
    record(.webhookCreate, id, changes: changes, by: call, &ids)
    return .json(show(webhook))
  }

  func getWebhook(_ call: DiscordCall) throws(DiscordRefusal) -> DiscordAnswer {
    let webhook = try webhook(call)
    var result = show(webhook)
    if call.operation.isByToken { result["user"] = nil }
    return .json(result)
  }

  mutating func updateWebhook(
    _ call: DiscordCall, _ ids: inout SnowflakeSource
  ) throws(DiscordRefusal) -> DiscordAnswer {
    let old = try webhook(call)
    var webhook = old
    var reader = try BodyReader(body: call.body)
    if let name = readWebhookName(&reader) { webhook.name = name }
    let avatar = readImage("avatar", &reader)
    if avatar.isSent { webhook.avatar = avatar.value }
    if let target = reader.snowflake("channel_id", nullable: true).value,
      call.operation == .updateWebhook
    {
      let channel = try channel(target)
      try require(.manageWebhooks, in: channel, call)
      webhook.channelID = channel.id
    }
    try reader.finish()
    webhooks[webhook.id] = webhook
    let changes = AuditLogEntry.changes(
      from: Self.comparable(old), to: Self.comparable(webhook))
    if !changes.isEmpty { record(.webhookUpdate, webhook.id, changes: changes, by: call, &ids) }
    return .json(show(webhook))
  }

  mutating func deleteWebhook(
    _ call: DiscordCall, _ ids: inout SnowflakeSource
  ) throws(DiscordRefusal) -> DiscordAnswer {
    let webhook = try webhook(call)
    webhooks[webhook.id] = nil
    let changes = AuditLogEntry.changes(from: Self.comparable(webhook), to: [:])
    record(.webhookDelete, webhook.id, changes: changes, by: call, &ids)
    return .empty
  }

  /// The webhook in the path, if its token is right or the caller may manage webhooks.
  private func webhook(_ call: DiscordCall) throws(DiscordRefusal) -> DiscordWebhook {
    guard let webhook = webhooks[try call.id(0)] else { throw .unknownWebhook }
    if call.operation.isByToken {
      guard call.parameters.last == webhook.token else {
        throw DiscordRefusal(status: 401, code: 50027, message: "Invalid Webhook Token")
      }
    } else {
      try require(.manageWebhooks, in: try channel(webhook.channelID), call)
    }
    return webhook
  }

  /// 1 to 80 characters without "clyde" and "discord".
  private func readWebhookName(_ reader: inout BodyReader) -> String? {
    guard let name = reader.string("name", length: 1...80, trimmed: true).value else {
      return nil
    }
    for word in ["clyde", "discord"] where name.lowercased().contains(word) {
      reader.errors.add(
        ["name"], "USERNAME_INVALID_CONTAINS", "Username cannot contain \"\(word)\"")
      return nil
    }
    return name
  }

  private func show(_ webhook: DiscordWebhook) -> JSONValue {
    webhook.json(guildID: id, creator: members[webhook.creator]?.user.json)
  }

  private func list(_ webhooks: [DiscordWebhook]) -> JSONValue {
    .array(webhooks.sorted { $0.id < $1.id }.map(show))
  }

  private static func comparable(_ webhook: DiscordWebhook) -> [String: JSONValue] {
    [
      "name": .string(webhook.name), "channel_id": webhook.channelID.json, "type": 1,
      "avatar_hash": webhook.avatar.map { .string($0) } ?? .null,
    ]
  }
}
