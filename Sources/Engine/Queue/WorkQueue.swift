import HeapModule

/// The queue's decisions: which key is due, in which order, and after how long a failed one comes
/// back. It has no clock and no tasks; times are durations since the process' start.
///
/// A key is in the queue once, however often it is added. A key that is being worked on is never
/// handed out a second time; what is added meanwhile comes after.
package struct WorkQueue<Key: Hashable & Sendable>: Sendable {
  /// The waits after failures: the first, and the bound that doubling stops at.
  package struct Backoff: Sendable {
    package var first: Duration = .seconds(1)
    package var maximum: Duration = .seconds(60)

    /// Makes a backoff; the defaults are Crossplane's 1 to 60 s.
    package init(first: Duration = .seconds(1), maximum: Duration = .seconds(60)) {
      self.first = first
      self.maximum = maximum
    }
  }

  struct Entry {
    /// When and how urgently the key is wanted; nil while nothing is asked.
    var wanted: (due: Duration, priority: WorkPriority)?
    var isRunning = false
    var failures = 0
    /// Heap items carry the stamp they were made with; older ones are stale and skipped.
    var stamp: UInt64 = 0
  }

  private struct Item: Comparable {
    let due: Duration
    let priority: WorkPriority
    let order: UInt64
    let key: Key

    static func == (left: Item, right: Item) -> Bool { left.order == right.order }
    static func < (left: Item, right: Item) -> Bool { left.order < right.order }
  }

  /// A ready item is ordered by priority and then by age.
  private struct Ready: Comparable {
    let item: Item
    static func == (left: Ready, right: Ready) -> Bool { left.item == right.item }
    static func < (left: Ready, right: Ready) -> Bool {
      (left.item.priority, left.item.order) < (right.item.priority, right.item.order)
    }
  }

  /// A delayed item is ordered by its time.
  private struct Delayed: Comparable {
    let item: Item
    static func == (left: Delayed, right: Delayed) -> Bool { left.item == right.item }
    static func < (left: Delayed, right: Delayed) -> Bool {
      (left.item.due, left.item.order) < (right.item.due, right.item.order)
    }
  }

  private(set) var entries: [Key: Entry] = [:]
  private var ready = Heap<Ready>()
  private var delayed = Heap<Delayed>()
  private var counter: UInt64 = 0
  private let backoff: Backoff

  /// Makes an empty queue.
  package init(backoff: Backoff = Backoff()) {
    self.backoff = backoff
  }

  /// How many keys are being worked on.
  package private(set) var running = 0

  /// How many keys are due and not yet handed out, by priority.
  package func depth(now: Duration) -> [WorkPriority: Int] {
    var depths: [WorkPriority: Int] = [:]
    for entry in entries.values where !entry.isRunning {
      guard let wanted = entry.wanted, wanted.due <= now else { continue }
      depths[wanted.priority, default: 0] += 1
    }
    return depths
  }

  /// How often this key has failed in a row.
  package func failures(of key: Key) -> Int { entries[key]?.failures ?? 0 }

  /// Asks for a key at a time. Of two askings the earlier time and the higher priority win.
  package mutating func add(_ key: Key, priority: WorkPriority, at due: Duration) {
    var entry = entries[key] ?? Entry()
    if let wanted = entry.wanted {
      let isSooner = due < wanted.due
      let isHigher = priority < wanted.priority
      guard isSooner || isHigher else { return }
      entry.wanted = (min(due, wanted.due), min(priority, wanted.priority))
    } else {
      entry.wanted = (due, priority)
    }
    entries[key] = entry
    if !entry.isRunning { schedule(key) }
  }

  /// Hands out the most urgent key that is due, and marks it as running.
  package mutating func next(now: Duration) -> (key: Key, priority: WorkPriority, due: Duration)? {
    release(now: now)
    while let candidate = ready.popMin()?.item {
      guard var entry = entries[candidate.key], entry.stamp == candidate.order,
        let wanted = entry.wanted, !entry.isRunning
      else { continue }
      entry.wanted = nil
      entry.isRunning = true
      entries[candidate.key] = entry
      running += 1
      return (candidate.key, wanted.priority, wanted.due)
    }
    return nil
  }

  /// When the next delayed key becomes due; nil when none waits.
  package mutating func nextDue() -> Duration? {
    while let first = delayed.min?.item {
      if let entry = entries[first.key], entry.stamp == first.order, !entry.isRunning {
        return first.due
      }
      delayed.removeMin()
    }
    return nil
  }

  /// Ends the work on a key. Failures in a row are forgotten; it comes back at `again`, if given.
  package mutating func succeed(_ key: Key, again: Duration?) {
    finish(key, failures: 0)
    if let again { add(key, priority: .poll, at: again) }
  }

  /// Ends the work on a key that is to come back at a time without counting as a failure.
  package mutating func postpone(_ key: Key, until due: Duration, priority: WorkPriority) {
    finish(key, failures: nil)
    add(key, priority: priority, at: due)
  }

  /// Ends the work on a key that failed; it comes back after its backoff, or later if told so.
  ///
  /// - Parameter jitter: between 0 and 1, stretches the wait by up to a fifth so that keys that
  ///   failed together do not come back together.
  /// - Returns: when it comes back.
  @discardableResult
  package mutating func fail(
    _ key: Key, now: Duration, atLeast: Duration = .zero, jitter: Double
  ) -> Duration {
    let failures = (entries[key]?.failures ?? 0) + 1
    finish(key, failures: failures)
    let doubled = backoff.first * (1 << min(failures - 1, 16))
    let wait = max(min(doubled, backoff.maximum), atLeast).scaled(by: 1 + 0.2 * jitter)
    add(key, priority: .dependency, at: now + wait)
    return now + wait
  }

  /// Forgets a key: its object is gone. A running one ends without coming back.
  package mutating func forget(_ key: Key) {
    guard var entry = entries[key] else { return }
    guard entry.isRunning else {
      entries[key] = nil
      return
    }
    entry.wanted = nil
    entry.failures = 0
    entries[key] = entry
  }

  private mutating func finish(_ key: Key, failures: Int?) {
    guard var entry = entries[key], entry.isRunning else { return }
    entry.isRunning = false
    running -= 1
    if let failures { entry.failures = failures }
    let isIdle = entry.wanted == nil && entry.failures == 0
    entries[key] = isIdle ? nil : entry
    if entry.wanted != nil { schedule(key) }
  }

  private mutating func schedule(_ key: Key) {
    guard var entry = entries[key], let wanted = entry.wanted else { return }
    counter += 1
    entry.stamp = counter
    entries[key] = entry
    delayed.insert(
      Delayed(item: Item(due: wanted.due, priority: wanted.priority, order: counter, key: key)))
  }

  private mutating func release(now: Duration) {
    while let first = delayed.min?.item, first.due <= now {
      delayed.removeMin()
      guard entries[first.key]?.stamp == first.order else { continue }
      ready.insert(Ready(item: first))
    }
  }
}
