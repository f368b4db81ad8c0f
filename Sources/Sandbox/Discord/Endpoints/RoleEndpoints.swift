import JSONValue

/// `/guilds/{}/roles`.
extension DiscordGuild {
  /// Most roles, @everyone among them.
  static let roleCapacity = 250

  mutating func getRoles() -> DiscordAnswer {
    DiscordAnswer(status: 200, body: rolesText())
  }

  func getRole(_ call: DiscordCall) throws(DiscordRefusal) -> DiscordAnswer {
    .json(try role(call.id(1)).json)
  }

  /// Members of each role; @everyone is left out.
  func getRoleMemberCounts() -> DiscordAnswer {
    var counts: [String: JSONValue] = [:]
    for role in roles.keys where role != id {
      counts[role.description] = .integer(
        Int64(members.values.count { $0.roles.contains(role) }))
    }
    return .json(.object(counts))
  }

  mutating func createRole(
    _ call: DiscordCall, _ ids: inout SnowflakeSource
  ) throws(DiscordRefusal) -> DiscordAnswer {
    try require(.manageRoles, call)
    var reader = try BodyReader(body: call.body)
    if let bits = PermissionBits(json: reader.members["permissions"]) {
      try requireHolding(bits.intersection(.all), call)
    }
    var role = DiscordRole(
      id: ids.next(at: call.now), name: "new role", permissions: everyone.permissions,
      position: 1)
    try readRole(&reader, into: &role)
    guard roles.count < Self.roleCapacity else { throw .tooManyRoles }
    if call.rules.newRolePlacement == .shift {
      for var other in roles.values where other.id != id {
        other.position += 1
        put(other)
      }
    }
    put(role)
    record(
      .roleCreate, role.id, changes: AuditLogEntry.changes(from: [:], to: role.comparable),
      by: call, &ids)
    return .json(role.json, ignoring: ignored(reader))
  }

  mutating func updateRole(
    _ call: DiscordCall, _ ids: inout SnowflakeSource
  ) throws(DiscordRefusal) -> DiscordAnswer {
    let old = try role(call.id(1))
    try require(.manageRoles, call)
    try requireRank(above: old, call)
    var reader = try BodyReader(body: call.body)
    if let bits = PermissionBits(json: reader.members["permissions"]) {
      // Only what changes must be held.
      try requireHolding(bits.intersection(.all).symmetricDifference(old.permissions), call)
    }
    var role = old
    if old.id == id { reader = BodyReader(reader.members.filter { $0.key == "permissions" }) }
    try readRole(&reader, into: &role)
    put(role)
    let changes = AuditLogEntry.changes(from: old.comparable, to: role.comparable)
    if !changes.isEmpty { record(.roleUpdate, role.id, changes: changes, by: call, &ids) }
    return .json(role.json, ignoring: ignored(reader))
  }

  mutating func deleteRole(
    _ call: DiscordCall, _ ids: inout SnowflakeSource
  ) throws(DiscordRefusal) -> DiscordAnswer {
    let role = try role(call.id(1))
    try require(.manageRoles, call)
    guard role.id != id, !role.isManaged else { throw .invalidRole }
    try requireRank(above: role, call)
    removeRole(role.id)
    for (user, member) in members where member.roles.contains(role.id) {
      members[user]?.roles.removeAll { $0 == role.id }
    }
    for channel in channels.values where channel.overwrites.contains(where: { $0.id == role.id }) {
      var changed = channel
      changed.overwrites.removeAll { $0.id == role.id }
      put(changed)
    }
    record(
      .roleDelete, role.id, changes: AuditLogEntry.changes(from: role.comparable, to: [:]),
      by: call, &ids)
    return .empty
  }

  private func ignored(_ reader: BodyReader) -> [String] {
    reader.members.keys.filter { !Self.roleKeys.contains($0) }.sorted()
  }
}
