import JSONValue
import Synchronization

/// Reads of guilds, shared: one read of a guild's channels, and one of the guild with its roles,
/// serve every object of the guild until they are too old. Concurrent callers share one request.
/// Writes go through here too, so that their answers are folded in without another read.
package final class GuildReads: Sendable {
  package typealias Instant = ContinuousClock.Instant

  typealias Flight = Task<Result<ReadCache.Value, DiscordError>, Never>

  struct State {
    var cache: ReadCache
    var flights: [UInt64: Flight] = [:]
  }

  /// The client that performs the reads.
  package let client: DiscordClient
  /// The age up to which a read serves callers who ask for nothing special.
  package let maximumAge: Duration
  let state: Mutex<State>

  /// Reads with this client. A read that begins within `grace` after one of our writes was answered
  /// still has that answer folded in, because reads may lag.
  package init(
    client: DiscordClient, maximumAge: Duration = .seconds(30), grace: Duration = .seconds(2)
  ) {
    self.client = client
    self.maximumAge = maximumAge
    state = Mutex(State(cache: ReadCache(grace: grace)))
  }

  /// The guild with its roles. `notOlderThan` is the earliest time at which the read may have
  /// begun; without it `maximumAge` counts.
  package func guild(
    _ id: String, notOlderThan earliest: Instant? = nil, priority: RequestPriority = .poll
  ) async throws(DiscordError) -> GuildObject {
    guard case .guild(let guild) = try await read(.guild(id), earliest, priority) else {
      throw Self.unexpected
    }
    return guild
  }

  /// The guild's channels, those that the bot may view.
  package func channels(
    _ guild: String, notOlderThan earliest: Instant? = nil, priority: RequestPriority = .poll
  ) async throws(DiscordError) -> ObjectList {
    try await list(.channels(guild), earliest, priority)
  }

  /// The guild's roles.
  package func roles(
    _ guild: String, notOlderThan earliest: Instant? = nil, priority: RequestPriority = .poll
  ) async throws(DiscordError) -> ObjectList {
    try await self.guild(guild, notOlderThan: earliest, priority: priority).roles
  }

  /// The guilds that the bot is in (partial objects: ID, name, …).
  package func guilds(
    notOlderThan earliest: Instant? = nil, priority: RequestPriority = .poll
  ) async throws(DiscordError) -> ObjectList {
    try await list(.guilds, earliest, priority)
  }

  /// The bot's own user, JSON: the token check.
  package func me(
    notOlderThan earliest: Instant? = nil, priority: RequestPriority = .poll
  ) async throws(DiscordError) -> [UInt8] {
    guard case .object(let user) = try await read(.me, earliest, priority) else {
      throw Self.unexpected
    }
    return user
  }

  /// One channel: from the guild's list, and when that lacks it, by ID.
  package func channel(
    guild: String, id: String, notOlderThan earliest: Instant? = nil,
    priority: RequestPriority = .poll
  ) async throws(DiscordError) -> Lookup {
    if wasDeleted(.channels(guild), id) { return .gone }
    let list = try await channels(guild, notOlderThan: earliest, priority: priority)
    if let object = list[id] { return .found(object) }
    if wasDeleted(.channels(guild), id) { return .gone }
    return try await confirm("/channels/\(id)", gone: 10_003, guild, "channel", priority)
  }

  /// One role. A list that has come and lacks it is proof (nothing hides roles), but for a role
  /// that we created within the last minute, which is asked for by ID: lists may lag.
  package func role(
    guild: String, id: String, notOlderThan earliest: Instant? = nil,
    priority: RequestPriority = .poll
  ) async throws(DiscordError) -> Lookup {
    if wasDeleted(.guild(guild), id) { return .gone }
    let list = try await roles(guild, notOlderThan: earliest, priority: priority)
    if let object = list[id] { return .found(object) }
    let now = client.time.now()
    guard state.withLock({ $0.cache.wasCreated(.guild(guild), id, at: now) }) else { return .gone }
    if wasDeleted(.guild(guild), id) { return .gone }
    return try await confirm("/guilds/\(guild)/roles/\(id)", gone: 10_011, guild, "role", priority)
  }

  /// The newest entries of one kind in the guild's audit log, newest first. Never kept: who asks
  /// wants to know what just happened. `before` is the ID of the entry to go on after.
  package func auditLog(
    guild: String, actionType: Int, userID: String? = nil, before: String? = nil, limit: Int = 100,
    priority: RequestPriority = .createOrDelete, resourceType: String = "guild"
  ) async throws(DiscordError) -> [AuditLogEntry] {
    var query = [("action_type", String(actionType)), ("limit", String(limit))]
    if let userID { query.append(("user_id", userID)) }
    if let before { query.append(("before", before)) }
    let response = try await client.send(
      DiscordRequest(
        method: "GET", path: "/guilds/\(guild)/audit-logs", query: query, priority: priority,
        resourceType: resourceType, operation: "audit_log"))
    guard let value = try? JSONValue(parsing: response.body),
      let entries = value["audit_log_entries"]?.arrayValue
    else { throw Self.unexpected }
    return entries.compactMap { entry in
      guard let id = entry["id"]?.stringValue, let type = entry["action_type"]?.integerValue else {
        return nil
      }
      return AuditLogEntry(
        id: id, userID: entry["user_id"]?.stringValue, targetID: entry["target_id"]?.stringValue,
        actionType: Int(type), reason: entry["reason"]?.stringValue)
    }
  }

  /// Bytes of JSON that are kept, for metrics.
  package var byteCount: Int { state.withLock { $0.cache.byteCount } }

  static let unexpected = DiscordError.unavailable(
    status: 200, message: "the answer is not what the API describes", mayHaveBeenPerformed: false)

  private func wasDeleted(_ key: ReadCache.Key, _ id: String) -> Bool {
    let now = client.time.now()
    return state.withLock { $0.cache.wasDeleted(key, id, at: now) }
  }

  private func list(
    _ key: ReadCache.Key, _ earliest: Instant?, _ priority: RequestPriority
  ) async throws(DiscordError) -> ObjectList {
    guard case .list(let list) = try await read(key, earliest, priority) else {
      throw Self.unexpected
    }
    return list
  }

  private func confirm(
    _ path: String, gone: Int, _ guild: String, _ type: String, _ priority: RequestPriority
  ) async throws(DiscordError) -> Lookup {
    do {
      let response = try await client.send(
        DiscordRequest(
          method: "GET", path: path, priority: priority, resourceType: type, operation: "observe",
          guildID: guild))
      return .found(response.body)
    } catch {
      guard case .answered(let failure) = error else { throw error }
      if failure.status == 404, failure.code == gone { return .gone }
      if failure.status == 403, failure.code == 50_001, type == "channel" { return .hidden }
      throw error
    }
  }
}
