/// Decides which occurrences become Events of their own, which are counted on one that exists, and
/// which are dropped. The rules and numbers are those of client-go's `EventCorrelator`
/// (`tools/record/events_cache.go`). Pure: the times come with each call.
struct EventCorrelator {
  typealias Instant = ContinuousClock.Instant

  struct Occurrence: Hashable {
    let about: ObjectReference
    let kind: EventRecorder.Kind
    let reason: String
    let message: String
  }

  enum Decision: Equatable {
    case drop
    case create(Record)
    /// The Event exists; count it up.
    case update(Record)
  }

  /// An Event as it is to be.
  struct Record: Equatable {
    var name: String
    var message: String
    var count: Int
    var firstTime: WallTime
    var lastTime: WallTime
  }

  private struct Similar: Hashable {
    let about: ObjectReference
    let kind: EventRecorder.Kind
    let reason: String
  }

  private struct Aggregate {
    var messages: Set<String> = []
    var lastSeen: Instant
  }

  private struct Bucket {
    var tokens: Double
    var at: Instant
  }

  /// Different messages under one reason before they are combined, and for how long they are
  /// remembered.
  static let similarLimit = 10
  static let similarInterval: Duration = .seconds(600)
  /// Events of one object at once, and then one in five minutes.
  static let burst = 25.0
  static let refill: Duration = .seconds(300)
  /// Objects and messages that are remembered.
  static let capacity = 4096

  private var records: [Occurrence: Record] = [:]
  private var aggregates: [Similar: Aggregate] = [:]
  private var buckets: [ObjectReference: Bucket] = [:]
  private var serial: UInt64 = 0

  mutating func correlate(
    _ occurrence: Occurrence, now: Instant, wall: WallTime
  ) -> Decision {
    let combined = combine(occurrence, now)
    guard takeToken(occurrence.about.identity, now) else { return .drop }
    if var record = records[combined.key] {
      record.count += 1
      record.lastTime = wall
      record.message = combined.message
      records[combined.key] = record
      return .update(record)
    }
    if records.count >= Self.capacity { records.removeAll(keepingCapacity: true) }
    serial += 1
    let record = Record(
      name: name(occurrence.about.key.name, wall), message: combined.message, count: 1,
      firstTime: wall, lastTime: wall)
    records[combined.key] = record
    return .create(record)
  }

  /// The Event could not be written or is gone: the next occurrence makes a new one.
  mutating func forget(_ occurrence: Occurrence) {
    records[Self.key(occurrence, message: occurrence.message)] = nil
    records[Self.key(occurrence, message: "")] = nil
  }

  /// Once there were too many different messages, all further ones share one Event.
  private mutating func combine(
    _ occurrence: Occurrence, _ now: Instant
  ) -> (key: Occurrence, message: String) {
    let similar = Similar(
      about: occurrence.about.identity, kind: occurrence.kind, reason: occurrence.reason)
    if aggregates.count >= Self.capacity { aggregates.removeAll(keepingCapacity: true) }
    var aggregate = aggregates[similar] ?? Aggregate(lastSeen: now)
    if aggregate.lastSeen.duration(to: now) > Self.similarInterval {
      aggregate = Aggregate(lastSeen: now)
    }
    aggregate.lastSeen = now
    if aggregate.messages.count < Self.similarLimit {
      aggregate.messages.insert(occurrence.message)
    }
    aggregates[similar] = aggregate
    guard aggregate.messages.count >= Self.similarLimit else {
      return (Self.key(occurrence, message: occurrence.message), occurrence.message)
    }
    return (
      Self.key(occurrence, message: ""), "(combined from similar events): \(occurrence.message)"
    )
  }

  private static func key(_ occurrence: Occurrence, message: String) -> Occurrence {
    Occurrence(
      about: occurrence.about.identity, kind: occurrence.kind, reason: occurrence.reason,
      message: message)
  }

  private mutating func takeToken(_ about: ObjectReference, _ now: Instant) -> Bool {
    if buckets.count >= Self.capacity { buckets.removeAll(keepingCapacity: true) }
    var bucket = buckets[about] ?? Bucket(tokens: Self.burst, at: now)
    let refilled = bucket.at.duration(to: now) / Self.refill
    bucket.tokens = min(Self.burst, bucket.tokens + refilled)
    bucket.at = now
    defer { buckets[about] = bucket }
    guard bucket.tokens >= 1 else { return false }
    bucket.tokens -= 1
    return true
  }

  /// The object's name and a number of our own, at most 253 bytes.
  private func name(_ object: String, _ wall: WallTime) -> String {
    let moment = UInt64(wall.seconds) &* 1_000_000_000 &+ UInt64(wall.nanoseconds) &+ serial
    let suffix = "." + String(moment, radix: 16)
    return String(decoding: object.utf8.prefix(253 - suffix.utf8.count), as: UTF8.self) + suffix
  }
}
