package import JSONValue

/// The whole world as one JSON value, and back.
extension DiscordWorld {
  /// Everything that exists; `init(state:)` takes it.
  package var state: JSONValue {
    [
      "guilds": .array(guilds.values.sorted { $0.id < $1.id }.map(\.state)),
      "users": .array(users.values.sorted { $0.id < $1.id }.map(\.json)),
      "tokens": .object(tokens.mapValues(\.json)),
      "last_snowflake": Snowflake(snowflakes.last).json,
    ]
  }

  /// The world that `state` showed; nil when the value is none.
  package init?(state: JSONValue) {
    guard let guilds = state["guilds"]?.arrayValue else { return nil }
    self.init()
    for user in state["users"]?.arrayValue ?? [] {
      if let user = DiscordUser(json: user) { users[user.id] = user }
    }
    for (token, id) in state["tokens"]?.objectValue ?? [:] {
      tokens[token] = Snowflake(json: id)
    }
    if let last = Snowflake(json: state["last_snowflake"]) { snowflakes.note(last) }
    for value in guilds {
      guard let guild = DiscordGuild(state: value) else { return nil }
      self.guilds[guild.id] = guild
      for id in [guild.id] + guild.channels.keys + guild.roles.keys { snowflakes.note(id) }
    }
  }
}

extension DiscordGuild {
  var state: JSONValue {
    var result = settingsJSON
    result["roles"] = .array(roles.values.sorted { $0.id < $1.id }.map(\.json))
    result["channels"] = .array(
      channels.values.sorted { $0.id < $1.id }.map { channel in
        var value = channel.json
        let overwrites = channel.overwrites.map { overwrite -> JSONValue in
          var shown = overwrite.json
          if overwrite.isWithoutEffect { shown["without_effect"] = true }
          return shown
        }
        value["permission_overwrites"] = .array(overwrites)
        return value
      })
    result["members"] = .array(
      members.values.sorted { $0.user.id < $1.user.id }.map(\.stateJSON))
    result["audit_log"] = .array(auditLog.map(\.json))
    result["webhooks"] = .array(
      webhooks.values.sorted { $0.id < $1.id }.map(\.stateJSON))
    result["invites"] = .array(invites.values.sorted { $0.code < $1.code }.map(\.stateJSON))
    return .object(result)
  }

  init?(state: JSONValue) {
    guard let id = Snowflake(json: state["id"]), let name = state["name"]?.stringValue,
      let ownerID = Snowflake(json: state["owner_id"])
    else { return nil }
    let owner = DiscordUser(id: ownerID, username: "owner", isBot: false)
    self.init(id: id, name: name, owner: owner, now: id.time)
    features = (state["features"]?.arrayValue ?? []).compactMap(\.stringValue)
    premiumTier = state["premium_tier"]?.integerValue ?? 0
    for field in Self.defaultSettings.keys {
      if let value = state[field] { settings[field] = value }
    }
    for value in state["roles"]?.arrayValue ?? [] {
      if let role = DiscordRole(json: value) { put(role) }
    }
    for value in state["channels"]?.arrayValue ?? [] {
      if let channel = DiscordChannel(json: value, guildID: id) { put(channel) }
    }
    for value in state["members"]?.arrayValue ?? [] {
      if let member = DiscordMember(json: value) { members[member.user.id] = member }
    }
    auditLog = (state["audit_log"]?.arrayValue ?? []).compactMap(AuditLogEntry.init(json:))
    for value in state["webhooks"]?.arrayValue ?? [] {
      if let webhook = DiscordWebhook(json: value) { webhooks[webhook.id] = webhook }
    }
    for value in state["invites"]?.arrayValue ?? [] {
      if let invite = DiscordInvite(json: value) { invites[invite.code] = invite }
    }
  }

  /// Objects that were made twice: channels with equal type, parent and name, roles with equal
  /// names.
  package var duplicates: [JSONValue] {
    var result: [JSONValue] = []
    let channelGroups = Dictionary(grouping: channels.values) {
      "\($0.type.rawValue) \($0.parentID?.description ?? "-") \($0.name)"
    }
    for key in channelGroups.keys.sorted() {
      guard let group = channelGroups[key], group.count > 1, let first = group.first else {
        continue
      }
      result.append([
        "guild": id.json, "kind": "channel", "type": .integer(first.type.rawValue),
        "parent_id": first.parentID.json, "name": .string(first.name),
        "ids": .array(group.map(\.id).sorted().map(\.json)),
      ])
    }
    let roleGroups = Dictionary(grouping: roles.values) { $0.name }
    for name in roleGroups.keys.sorted() {
      guard let group = roleGroups[name], group.count > 1 else { continue }
      result.append([
        "guild": id.json, "kind": "role", "name": .string(name),
        "ids": .array(group.map(\.id).sorted().map(\.json)),
      ])
    }
    return result
  }
}
