import JSONValue

/// `PATCH /guilds/{}/channels`: positions, parents and syncing of many channels.
extension DiscordGuild {
  private struct Move {
    var id: Snowflake
    var position: Int64?
    var parent: SentField<Snowflake>
    var locksPermissions: Bool
  }

  mutating func moveChannels(
    _ call: DiscordCall, _ ids: inout SnowflakeSource
  ) throws(DiscordRefusal) -> DiscordAnswer {
    try require(.manageChannels, call)
    let elements = try Self.elements(of: call.body)
    if elements.contains(where: { $0["lock_permissions"]?.boolValue == true }) {
      try require(.manageRoles, call)
    }
    var reader = BodyReader([:])
    let moves: [Move] = reader.each(elements, of: "") { entry in
      entry.require("id")
      let id = entry.snowflake("id").value
      let parent = self.readParent(&entry, for: id)
      let position = entry.integer("position", in: 0...Int64(Int32.max), nullable: true).value
      let locks = entry.bool("lock_permissions", nullable: true).value ?? false
      return id.map {
        Move(id: $0, position: position, parent: parent, locksPermissions: locks)
      }
    }
    try Self.finishList(reader)
    for move in moves where channels[move.id] == nil { throw .unknownChannel }
    // A null parent counts as a change too (kord #827).
    guard elements.count(where: { $0["parent_id"] != nil }) <= 1 else { throw .oneParentAtATime }

    for move in moves {
      guard let old = channels[move.id] else { continue }
      var channel = old
      if let position = move.position { channel.position = position }
      if move.parent.isSent, channel.type != .category { channel.parentID = move.parent.value }
      recordUpdate(from: old, to: channel, by: call, &ids)
      put(channel)
      if move.locksPermissions, let parent = channel.parentID.flatMap({ channels[$0] }) {
        recordOverwrites(
          from: channel.overwrites, to: parent.overwrites, channel: channel.id, by: call, &ids)
        setOverwrites(parent.overwrites, of: channel)
      }
    }
    return .empty
  }

  /// The elements of a body that must be an array.
  static func elements(of body: JSONValue?) throws(DiscordRefusal) -> [JSONValue] {
    guard let elements = body?.arrayValue else {
      throw .invalidField([], "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    }
    return elements
  }

  /// Refuses with complaints whose paths start with the element's index.
  static func finishList(_ reader: BodyReader) throws(DiscordRefusal) {
    guard !reader.errors.isEmpty else { return }
    var errors = FieldErrors()
    for entry in reader.errors.entries {
      errors.add(Array(entry.path.dropFirst()), entry.code, entry.message)
    }
    throw .invalidForm(errors)
  }
}
