import JSONValue

/// `/guilds/{}/members`.
extension DiscordGuild {
  func getMembers(_ call: DiscordCall) throws(DiscordRefusal) -> DiscordAnswer {
    let limit = try call.number("limit", in: 1...1_000, default: 1)
    let after = try call.snowflake("after") ?? Snowflake(0)
    let found = members.keys.filter { $0 > after }.sorted().prefix(Int(limit))
    return .json(.array(found.compactMap { members[$0]?.json }))
  }

  func searchMembers(_ call: DiscordCall) throws(DiscordRefusal) -> DiscordAnswer {
    let limit = try call.number("limit", in: 1...1_000, default: 1)
    guard let query = call.query["query"]?.lowercased(), !query.isEmpty else {
      throw .invalidField(["query"], "BASE_TYPE_REQUIRED", "This field is required")
    }
    let found = members.values.filter {
      $0.user.username.lowercased().hasPrefix(query)
        || ($0.nick?.lowercased().hasPrefix(query) ?? false)
    }
    let sorted = found.sorted { $0.user.id < $1.user.id }.prefix(Int(limit))
    return .json(.array(sorted.map(\.json)))
  }

  func getMember(_ call: DiscordCall) throws(DiscordRefusal) -> DiscordAnswer {
    .json(try member(call.id(1)).json)
  }

  mutating func updateOwnMember(
    _ call: DiscordCall, _ ids: inout SnowflakeSource
  ) throws(DiscordRefusal) -> DiscordAnswer {
    let old = try member(call.userID(in: self))
    var reader = try BodyReader(body: call.body)
    if reader.has("nick") { try require(.changeNickname, call) }
    var member = old
    readNick(&reader, into: &member)
    try reader.finish()
    members[member.user.id] = member
    recordUpdate(from: old, to: member, by: call, &ids)
    return .json(member.json)
  }

  mutating func updateMember(
    _ call: DiscordCall, _ ids: inout SnowflakeSource
  ) throws(DiscordRefusal) -> DiscordAnswer {
    let old = try member(call.id(1))
    var reader = try BodyReader(body: call.body)
    if reader.has("nick") { try require(.manageNicknames, call) }
    if reader.has("roles") { try require(.manageRoles, call) }
    var member = old
    readNick(&reader, into: &member)
    if let sent = reader.list("roles", limit: Self.roleCapacity).value {
      let wanted = sent.compactMap { Snowflake(json: $0) }
      guard wanted.count == sent.count, wanted.allSatisfy({ roles[$0] != nil }) else {
        throw .unknownRole
      }
      for changed in Set(wanted).symmetricDifference(old.roles) {
        if let role = roles[changed] { try requireRank(above: role, call) }
      }
      member.roles = wanted
    }
    try reader.finish()
    members[member.user.id] = member
    recordUpdate(from: old, to: member, by: call, &ids)
    return .json(member.json)
  }

  mutating func removeMember(
    _ call: DiscordCall, _ ids: inout SnowflakeSource
  ) throws(DiscordRefusal) -> DiscordAnswer {
    let member = try member(call.id(1))
    try require(.kickMembers, call)
    guard member.user.id != ownerID else { throw .missingPermissions }
    try requireRank(above: topRole(of: member.user.id), call)
    members[member.user.id] = nil
    record(.memberKick, member.user.id, by: call, &ids)
    return .empty
  }

  mutating func changeMemberRole(
    _ call: DiscordCall, _ ids: inout SnowflakeSource
  ) throws(DiscordRefusal) -> DiscordAnswer {
    let old = try member(call.id(1))
    let role = try role(call.id(2))
    try require(.manageRoles, call)
    guard role.id != id, !role.isManaged else { throw .invalidRole }
    try requireRank(above: role, call)
    var member = old
    member.roles.removeAll { $0 == role.id }
    if call.operation == .addMemberRole { member.roles.append(role.id) }
    members[member.user.id] = member
    recordUpdate(from: old, to: member, by: call, &ids)
    return .empty
  }

  private func member(_ id: Snowflake) throws(DiscordRefusal) -> DiscordMember {
    guard let member = members[id] else { throw .unknownMember }
    return member
  }

  private func readNick(_ reader: inout BodyReader, into member: inout DiscordMember) {
    switch reader.string("nick", length: 0...32, nullable: true, trimmed: true) {
    case .absent: break
    case .null: member.nick = nil
    case .value(let nick): member.nick = nick.isEmpty ? nil : nick
    }
  }

  private mutating func recordUpdate(
    from old: DiscordMember, to new: DiscordMember, by call: DiscordCall,
    _ ids: inout SnowflakeSource
  ) {
    if old.nick != new.nick {
      let changes = AuditLogEntry.changes(
        from: ["nick": old.nick.map { .string($0) } ?? .null],
        to: ["nick": new.nick.map { .string($0) } ?? .null])
      record(.memberUpdate, new.user.id, changes: changes, by: call, &ids)
    }
    let added = new.roles.filter { !old.roles.contains($0) }
    let removed = old.roles.filter { !new.roles.contains($0) }
    var changes: [JSONValue] = []
    for (key, list) in [("$add", added), ("$remove", removed)] where !list.isEmpty {
      let value = list.compactMap { roles[$0] }.map { role -> JSONValue in
        ["id": role.id.json, "name": .string(role.name)]
      }
      changes.append(["key": .string(key), "new_value": .array(value)])
    }
    if !changes.isEmpty {
      record(.memberRoleUpdate, new.user.id, changes: changes, by: call, &ids)
    }
  }
}
