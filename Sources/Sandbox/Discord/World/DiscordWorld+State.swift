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

  /// The world that `state` showed. A value that is none is refused as a whole, with the place of
  /// what is wrong, for a person may have written it.
  package init(state: JSONValue) throws(ControlError) {
    self.init()
    let sent = try ControlBody(state, members: ["guilds", "users", "tokens", "last_snowflake"])
    _ = try sent.required("guilds", try sent.list("guilds"))
    let guilds = try sent.each("guilds") { value, path throws(ControlError) in
      try DiscordGuild(state: value, at: path)
    }
    for guild in guilds { self.guilds[guild.id] = guild }
    guard self.guilds.count == guilds.count else {
      throw sent.complaint("guilds", "has two guilds with one id")
    }
    let users = try sent.each("users") { value, path throws(ControlError) in
      try DiscordUser(state: value, at: path)
    }
    for user in users { self.users[user.id] = user }
    if let tokens = try sent.object(
      "tokens", members: sent["tokens"]?.objectValue?.keys.map { $0 } ?? [])
    {
      for token in tokens.names { self.tokens[token] = try tokens.snowflake(token) }
    }
    if let last = try sent.snowflake("last_snowflake") { snowflakes.note(last) }
    for guild in guilds { for id in guild.identifiers { snowflakes.note(id) } }
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

  /// A guild that `state` showed; `path` is where the value stands, for complaints.
  init(state: JSONValue, at path: String) throws(ControlError) {
    let own = [
      "id", "name", "owner_id", "features", "premium_tier", "roles", "channels", "members",
      "audit_log", "webhooks", "invites",
    ]
    let sent = try ControlBody(state, at: path, members: own + Self.defaultSettings.keys)
    let id = try sent.required("id", try sent.snowflake("id"))
    let owner = DiscordUser(
      id: try sent.required("owner_id", try sent.snowflake("owner_id")), username: "owner",
      isBot: false)
    self.init(
      id: id, name: try sent.required("name", try sent.text("name", length: 1...100)),
      owner: owner, now: id.time)
    features = try sent.texts("features") ?? []
    premiumTier = try sent.whole("premium_tier", in: 0...3) ?? 0
    settings.merge(
      try sent.attributes(Self.defaultSettings.mapValues(AttributeKind.init(of:)))
    ) { _, loaded in loaded }
    let roles = try sent.each("roles") { value, path throws(ControlError) in
      try DiscordRole(state: value, at: path)
    }
    for role in roles { put(role) }
    let channels = try sent.each("channels") { value, path throws(ControlError) in
      try DiscordChannel(state: value, guildID: id, at: path)
    }
    for channel in channels { put(channel) }
    let members = try sent.each("members") { value, path throws(ControlError) in
      try DiscordMember(state: value, at: path)
    }
    for member in members { self.members[member.user.id] = member }
    auditLog = try sent.each("audit_log") { value, path throws(ControlError) in
      try AuditLogEntry(state: value, at: path)
    }
    let webhooks = try sent.each("webhooks") { value, path throws(ControlError) in
      try DiscordWebhook(state: value, at: path)
    }
    for webhook in webhooks { self.webhooks[webhook.id] = webhook }
    let invites = try sent.each("invites") { value, path throws(ControlError) in
      try DiscordInvite(state: value, at: path)
    }
    for invite in invites { self.invites[invite.code] = invite }
  }

  /// Every identifier of the guild that the next one has to be higher than.
  fileprivate var identifiers: [Snowflake] {
    [id] + channels.keys + roles.keys + webhooks.keys + auditLog.map(\.id)
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
