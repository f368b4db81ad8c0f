import JSONValue

/// `/channels/{}/permissions/{}`.
extension DiscordGuild {
  mutating func putOverwrite(
    _ call: DiscordCall, _ ids: inout SnowflakeSource
  ) throws(DiscordRefusal) -> DiscordAnswer {
    let channel = try channel(call.id(0))
    let target = try call.id(1)
    try require(.manageRoles, in: channel, call)
    var reader = try BodyReader(body: call.body)
    let read = readOverwrite(&reader, id: target, isInList: false)
    if let read { try requireGrantable([read], existing: channel.overwrites, call) }
    try reader.finish()
    guard var overwrite = read else { throw .unknownOverwrite }
    var after = channel.overwrites
    if let swallowed = call.rules.swallowedOverwrites,
      call.now < channel.id.time.advanced(by: swallowed.within)
    {
      guard swallowed.isShown else { return .empty }
      overwrite.isWithoutEffect = true
    }
    after.put(overwrite)
    guard after.count <= Self.overwriteCapacity else { throw .tooManyOverwrites }
    recordOverwrites(from: channel.overwrites, to: after, channel: channel.id, by: call, &ids)
    setOverwrites(after, of: channel)
    return .empty
  }

  mutating func deleteOverwrite(
    _ call: DiscordCall, _ ids: inout SnowflakeSource
  ) throws(DiscordRefusal) -> DiscordAnswer {
    let channel = try channel(call.id(0))
    let target = try call.id(1)
    try require(.manageRoles, in: channel, call)
    guard let existing = channel.overwrites.first(where: { $0.id == target }) else {
      throw .unknownOverwrite
    }
    // Taking an overwrite away changes every bit in it.
    try requireGrantable([existing], existing: [], call)
    let after = channel.overwrites.filter { $0.id != target }
    recordOverwrites(from: channel.overwrites, to: after, channel: channel.id, by: call, &ids)
    setOverwrites(after, of: channel)
    return .empty
  }
}
