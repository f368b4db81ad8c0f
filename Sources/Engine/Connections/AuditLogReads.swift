import DiscordAPI

/// Reads of guilds' audit logs, shared: after a crash many creates are looked for at once.
actor AuditLogReads {
  private struct Key: Hashable {
    let guild: String
    let actionType: Int
  }

  private struct Read {
    let begun: ContinuousClock.Instant
    let since: String
    let task: Task<Result<[AuditLogEntry], DiscordError>, Never>
  }

  /// A log is read back over at most this many pages of 100.
  private static let maximumPages = 20

  private let reads: GuildReads
  private var newest: [Key: Read] = [:]

  init(reads: GuildReads) {
    self.reads = reads
  }

  /// The entries since a snowflake, newest first, from a read that began no earlier than asked.
  func entries(
    guild: String, actionType: Int, since: String, notOlderThan oldest: ContinuousClock.Instant,
    now: ContinuousClock.Instant
  ) async throws(DiscordError) -> [AuditLogEntry] {
    let key = Key(guild: guild, actionType: actionType)
    if let read = newest[key], read.begun >= oldest, !Self.isOlder(since, than: read.since) {
      return try await read.task.value.get()
    }
    // Everything that any of the waiting creates needs, so that the next asker finds it here.
    let earliest =
      newest[key].map { Self.isOlder($0.since, than: since) ? $0.since : since } ?? since
    let task = Task { [reads] in
      await Self.read(reads, guild: guild, actionType: actionType, since: earliest)
    }
    newest[key] = Read(begun: now, since: earliest, task: task)
    let result = await task.value
    if case .failure = result { newest[key] = nil }
    return try result.get()
  }

  /// Gives up all reads that are under way, for everybody who waits for them.
  func cancelReads() {
    for read in newest.values { read.task.cancel() }
  }

  private static func read(
    _ reads: GuildReads, guild: String, actionType: Int, since: String
  ) async -> Result<[AuditLogEntry], DiscordError> {
    var entries: [AuditLogEntry] = []
    do throws(DiscordError) {
      for _ in 0..<maximumPages {
        let page = try await reads.auditLog(
          guild: guild, actionType: actionType, before: entries.last?.id)
        entries += page
        guard page.count == 100, let last = page.last, !isOlder(last.id, than: since) else { break }
      }
      return .success(entries)
    } catch {
      return .failure(error)
    }
  }

  /// Snowflakes are numbers of at most 20 digits without leading zeros.
  private static func isOlder(_ left: String, than right: String) -> Bool {
    left.count == right.count ? left < right : left.count < right.count
  }
}
