package import DiscordAPI
import JSONValue

/// What scripts read of Discord, as JSON bytes, with ages in the engine's time.
package struct ConnectionReads: Sendable {
  private let reads: GuildReads
  private let auditLogs: AuditLogReads
  private let time: TimeSource

  /// Reads through the shared reads of a guild.
  package init(reads: GuildReads, time: TimeSource) {
    self.reads = reads
    self.time = time
    auditLogs = AuditLogReads(reads: reads)
  }

  /// Gives up all reads that are under way, for everybody who waits for them.
  func cancel() async {
    reads.cancelReads()
    await auditLogs.cancelReads()
  }

  /// Sends a request; the answer to a write is folded into what was read.
  func send(_ request: DiscordRequest) async throws(DiscordError) -> [UInt8] {
    try await reads.send(request).body
  }

  /// What a read is for: how old its answer may be, and what it goes before.
  struct Purpose: Sendable, Hashable {
    /// As uptime.
    var notOlderThan: Duration
    var priority = RequestPriority.poll
  }

  /// The guild with its roles.
  func guild(_ id: String, _ purpose: Purpose) async throws(DiscordError) -> [UInt8] {
    try await reads.guild(id, notOlderThan: oldest(purpose), priority: purpose.priority)
      .serialized()
  }

  /// The guild's channels that the bot may see.
  func channels(_ guild: String, _ purpose: Purpose) async throws(DiscordError) -> [UInt8] {
    try await reads.channels(guild, notOlderThan: oldest(purpose), priority: purpose.priority)
      .serialized()
  }

  /// One channel; its absence is confirmed by ID.
  func channel(
    _ id: String, guild: String, _ purpose: Purpose
  ) async throws(DiscordError) -> [UInt8] {
    let found = try await reads.channel(
      guild: guild, id: id, notOlderThan: oldest(purpose), priority: purpose.priority)
    return try Self.object(found, missing: 10_003, "Unknown Channel")
  }

  /// One role.
  func role(
    _ id: String, guild: String, _ purpose: Purpose
  ) async throws(DiscordError) -> [UInt8] {
    let found = try await reads.role(
      guild: guild, id: id, notOlderThan: oldest(purpose), priority: purpose.priority)
    return try Self.object(found, missing: 10_011, "Unknown Role")
  }

  /// The guilds that the bot is in.
  func guilds(_ purpose: Purpose) async throws(DiscordError) -> [UInt8] {
    try await reads.guilds(notOlderThan: oldest(purpose), priority: purpose.priority).serialized()
  }

  /// The bot's own user.
  func me(_ purpose: Purpose) async throws(DiscordError) -> [UInt8] {
    try await reads.me(priority: purpose.priority)
  }

  private func oldest(_ purpose: Purpose) -> ContinuousClock.Instant {
    time.instant(purpose.notOlderThan)
  }

  /// The audit log's entries of one kind since a snowflake.
  func auditLog(
    guild: String, actionType: Int, since: String, notOlderThan oldest: Duration
  ) async throws(DiscordError) -> [AuditLogEntry] {
    try await auditLogs.entries(
      guild: guild, actionType: actionType, since: since, notOlderThan: time.instant(oldest),
      now: time.instant(time.uptime()))
  }

  /// Bytes of JSON that are kept.
  package var byteCount: Int { reads.byteCount }

  private static func object(
    _ found: Lookup, missing code: Int, _ message: String
  ) throws(DiscordError) -> [UInt8] {
    switch found {
    case .found(let bytes): return bytes
    case .gone: throw .answered(DiscordFailure(status: 404, code: code, message: message))
    case .hidden:
      throw .answered(DiscordFailure(status: 403, code: 50_001, message: "Missing Access"))
    }
  }
}
