import JSONValue

/// Categories and what is in them.
extension DiscordGuild {
  /// Most channels in one category.
  static let categoryCapacity = 50

  /// Reads `parent_id`, complaining about what is no category or is full. The channel itself, if
  /// it is in the category already, does not count.
  func readParent(
    _ reader: inout BodyReader, for channel: Snowflake?
  ) -> SentField<Snowflake> {
    let sent = reader.snowflake("parent_id", nullable: true)
    guard case .value(let parentID) = sent else { return sent }
    guard let parent = channels[parentID] else {
      reader.errors.add(["parent_id"], "CHANNEL_PARENT_INVALID", "Category does not exist")
      return .absent
    }
    guard parent.type == .category else {
      reader.errors.add(["parent_id"], "CHANNEL_PARENT_INVALID_TYPE", "Not a category")
      return .absent
    }
    let inside = channels.values.count { $0.parentID == parentID && $0.id != channel }
    guard inside < Self.categoryCapacity else {
      reader.errors.add(
        ["parent_id"], "CHANNEL_PARENT_MAX_CHANNELS",
        "Maximum number of channels in category reached (50)")
      return .absent
    }
    return sent
  }

  /// Gives a channel new overwrites. Channels of a category that had the same ones as it stay in
  /// step with it.
  mutating func setOverwrites(_ overwrites: [PermissionOverwrite], of channel: DiscordChannel) {
    if channel.type == .category {
      for var child in channels.values
      where child.parentID == channel.id && child.overwrites.saysTheSame(as: channel.overwrites) {
        child.overwrites = overwrites
        put(child)
      }
    }
    var changed = channel
    changed.overwrites = overwrites
    put(changed)
  }

  /// A position below all channels of the same kind.
  func lastPosition(for type: ChannelType) -> Int64 {
    var last: Int64 = 0
    for channel in channels.values
    where channel.type.isVoiceLike == type.isVoiceLike
      && (channel.type == .category) == (type == .category)
    {
      last = max(last, channel.position + 1)
    }
    return last
  }
}
