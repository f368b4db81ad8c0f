import JSONValue

/// `PATCH /guilds/{}/roles`: the order of many roles at once.
extension DiscordGuild {
  mutating func moveRoles(_ call: DiscordCall) throws(DiscordRefusal) -> DiscordAnswer {
    try require(.manageRoles, call)
    let elements = try Self.elements(of: call.body)
    var reader = BodyReader([:])
    let sent: [(id: Snowflake, position: Int64?)] = reader.each(elements, of: "") { entry in
      entry.require("id")
      let position = entry.integer("position", in: 0...Int64(Int32.max), nullable: true).value
      return entry.snowflake("id").value.map { ($0, position) }
    }
    try Self.finishList(reader)
    var moved: [Snowflake: DiscordRole] = roles
    for entry in sent {
      guard var role = moved[entry.id] else { throw .unknownRole }
      guard let position = entry.position, entry.id != id else { continue }
      role.position = position
      moved[entry.id] = role
    }
    let before = rolesByRank
    let others = moved.values.filter { $0.id != id }
    let after = [everyone] + others.sorted { $1.ranks(above: $0) }
    try requireOrder(before, after, sent: Set(sent.map(\.id)), call)
    // Discord numbers from 0 without gaps once anything was moved.
    for (position, role) in after.enumerated() where roles[role.id]?.position != Int64(position) {
      var numbered = role
      numbered.position = Int64(position)
      put(numbered)
    }
    return getRoles()
  }

  /// Refuses with 50013 an order in which a role from the caller's highest upwards changes its
  /// rank, or one is moved to the caller's own position.
  private func requireOrder(
    _ before: [DiscordRole], _ after: [DiscordRole], sent: Set<Snowflake>, _ call: DiscordCall
  ) throws(DiscordRefusal) {
    let user = call.userID(in: self)
    guard user != ownerID else { return }
    let top = topRole(of: user)
    guard let oldTop = before.firstIndex(where: { $0.id == top.id }),
      let newTop = after.firstIndex(where: { $0.id == top.id }),
      before[oldTop...].map(\.id) == after[newTop...].map(\.id)
    else { throw .missingPermissions }
    let limit = after[newTop].position
    for role in after[..<newTop] where sent.contains(role.id) && role.position >= limit {
      throw .missingPermissions
    }
  }
}
