import JSONValue

/// What is kept of the reads, and who reads what now, as a pure machine.
///
/// Own writes are folded into what was read, and folded again into a read that was under way when
/// the write was answered: it may have been taken before. A deletion is folded into every read of
/// the next minute and a change into those that start within `grace`, because Discord's reads may
/// lag behind its writes (eventual consistency is its stated policy).
struct ReadCache: Sendable {
  typealias Instant = ContinuousClock.Instant

  /// What is read.
  enum Key: Sendable, Hashable {
    case guild(String)
    case channels(String)
    case guilds
    case me
  }

  /// What a read gave.
  enum Value: Sendable {
    case guild(GuildObject)
    case list(ObjectList)
    case object([UInt8])
  }

  /// What a write changed.
  enum Fold: Sendable {
    case created(Snowflake, [UInt8])
    case changed(Snowflake, [UInt8])
    case deleted(Snowflake)
    /// Merge patches of several objects.
    case moved([(Snowflake, JSONValue)])
    case replacedGuild(GuildObject)
    case replacedList(ObjectList)
    /// The write changed more than its answer shows: the next use reads again.
    case outdated
  }

  /// What a caller does.
  enum Decision: Sendable {
    case have(Value)
    case failed(DiscordError)
    /// Another caller reads it now: wait for that and take what it gives.
    case join(UInt64)
    /// A read is under way but began too early for this caller: wait, then ask again.
    case waitFor(UInt64)
    /// Read it.
    case read(UInt64)
  }

  private struct Write: Sendable {
    var fold: Fold
    var at: Instant
  }

  private struct Entry: Sendable {
    var value: Value?
    /// When the read that gave the value began.
    var readAt: Instant?
    var failure: DiscordError?
    var failedAt: Instant?
    var flight: UInt64?
    var flightBegan: Instant?
    /// A write changed more than its answer showed, after the value was read.
    var isOutdated = false
    /// The same, while the flight was under way.
    var flightIsOutdated = false
    var writes: [Write] = []
  }

  /// How long a refusal (4xx) is an answer for others, so that the objects of a guild that the bot
  /// has left do not each spend an invalid request.
  private let failureAge: Duration = .seconds(5)
  private let memory: Duration = .seconds(60)
  private let grace: Duration
  private var entries: [Key: Entry] = [:]
  private var lastFlight: UInt64 = 0

  init(grace: Duration) {
    self.grace = grace
  }

  /// Somebody wants to know; `earliest` is the time before which no read may have begun.
  mutating func asked(_ key: Key, notBefore earliest: Instant, at now: Instant) -> Decision {
    var entry = entries[key] ?? Entry()
    if let value = entry.value, let readAt = entry.readAt, readAt >= earliest, !entry.isOutdated {
      return .have(value)
    }
    if let failure = entry.failure, let failedAt = entry.failedAt, failedAt >= earliest,
      failedAt.duration(to: now) < failureAge
    {
      return .failed(failure)
    }
    if let flight = entry.flight, let began = entry.flightBegan {
      return began >= earliest && !entry.flightIsOutdated ? .join(flight) : .waitFor(flight)
    }
    lastFlight += 1
    entry.flight = lastFlight
    entry.flightBegan = now
    entry.flightIsOutdated = false
    entries[key] = entry
    return .read(lastFlight)
  }

  /// A read has ended. Gives what its callers are to see: the answer with newer writes folded in.
  mutating func finished(
    _ key: Key, _ flight: UInt64, _ result: Result<Value, DiscordError>, at now: Instant
  ) -> Result<Value, DiscordError> {
    guard var entry = entries[key], entry.flight == flight, let began = entry.flightBegan else {
      return result
    }
    entry.flight = nil
    entry.flightBegan = nil
    entry.writes.removeAll { $0.at.duration(to: now) > memory }
    var final = result
    switch result {
    case .success(var value):
      for write in entry.writes where concerns(write, readThatBegan: began) {
        Self.apply(write.fold, to: &value)
      }
      entry.value = value
      entry.readAt = began
      entry.isOutdated = entry.flightIsOutdated
      entry.failure = nil
      final = .success(value)
    case .failure(let error):
      if case .answered = error {
        entry.failure = error
        entry.failedAt = began
        // What was known is known no more: the guild may be gone.
        entry.value = nil
      }
    }
    entries[key] = entry
    return final
  }

  /// An own write was answered.
  mutating func wrote(_ key: Key, _ fold: Fold, at now: Instant) {
    var entry = entries[key] ?? Entry()
    entry.writes.removeAll { $0.at.duration(to: now) > memory }
    if case .outdated = fold {
      entry.isOutdated = true
      entry.flightIsOutdated = true
      entry.failure = nil
    } else {
      entry.writes.append(Write(fold: fold, at: now))
      if entry.value != nil { Self.apply(fold, to: &entry.value) }
    }
    entries[key] = entry
  }

  /// What was read last, however old.
  func last(_ key: Key) -> Value? { entries[key]?.value }

  /// The guild whose list of channels has that ID; nil when none was read.
  func guild(ofChannel id: String) -> String? {
    for case (.channels(let guild), let entry) in entries {
      if case .list(let list)? = entry.value, list.contains(id) { return guild }
    }
    return nil
  }

  /// Whether we ourselves deleted that object within the last minute.
  func wasDeleted(_ key: Key, _ id: String, at now: Instant) -> Bool {
    wrote(key, at: now) {
      if case .deleted(let deleted) = $0 { deleted == Snowflake(id) } else { false }
    }
  }

  /// Whether we ourselves created that object within the last minute: a list without it may lag.
  func wasCreated(_ key: Key, _ id: String, at now: Instant) -> Bool {
    wrote(key, at: now) {
      if case .created(let created, _) = $0 { created == Snowflake(id) } else { false }
    }
  }

  /// Bytes of JSON that are kept.
  var byteCount: Int {
    entries.values.reduce(0) { sum, entry in
      switch entry.value {
      case .list(let list): sum + list.serialized().count
      case .guild(let guild): sum + guild.serialized().count
      case .object(let bytes): sum + bytes.count
      case nil: sum
      }
    }
  }

  private func wrote(_ key: Key, at now: Instant, _ matches: (Fold) -> Bool) -> Bool {
    entries[key]?.writes.contains { $0.at.duration(to: now) <= memory && matches($0.fold) } ?? false
  }

  private func concerns(_ write: Write, readThatBegan began: Instant) -> Bool {
    // Nothing that was deleted comes back under its ID.
    if case .deleted = write.fold { return true }
    return write.at.advanced(by: grace) >= began
  }

  private static func apply(_ fold: Fold, to value: inout Value?) {
    guard var present = value.take() else { return }
    apply(fold, to: &present)
    value = present
  }

  private static func apply(_ fold: Fold, to value: inout Value) {
    switch value {
    case .list(var list):
      value = .object([])
      change(&list, fold)
      value = .list(list)
    case .guild(var guild):
      value = .object([])
      if case .replacedGuild(let replacement) = fold {
        guild = replacement.keepingRoles(of: guild)
      } else if case .replacedList(let roles) = fold {
        guild.roles = roles
      } else {
        change(&guild.roles, fold)
      }
      value = .guild(guild)
    case .object: break
    }
  }

  private static func change(_ list: inout ObjectList, _ fold: Fold) {
    switch fold {
    case .created(let id, let object): list.replace(object, id: id, inserting: true)
    case .changed(let id, let object): list.replace(object, id: id, inserting: false)
    case .deleted(let id): list.remove(id)
    case .replacedList(let replacement): list = replacement
    case .moved(let moves):
      for (id, change) in moves {
        guard let object = list[id.text], let value = try? JSONValue(parsing: object) else {
          continue
        }
        list.replace(value.applying(mergePatch: change).serialized(), id: id, inserting: false)
      }
    case .replacedGuild, .outdated: break
    }
  }
}
