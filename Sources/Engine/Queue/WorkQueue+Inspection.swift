extension WorkQueue {
  /// A key that is due and waits for a worker.
  package struct Waiting: Sendable {
    package let key: Key
    package let priority: WorkPriority
    /// Since when it waits.
    package let due: Duration
  }

  /// Keys that are due, those that wait longest first.
  package func oldest(_ limit: Int, now: Duration) -> [Waiting] {
    let due = entries.compactMap { key, entry -> Waiting? in
      guard !entry.isRunning, let wanted = entry.wanted, wanted.due <= now else { return nil }
      return Waiting(key: key, priority: wanted.priority, due: wanted.due)
    }
    return Array(due.sorted { $0.due < $1.due }.prefix(limit))
  }

  /// How many keys are to come at a later time.
  package func scheduled(now: Duration) -> Int {
    entries.values.count { !$0.isRunning && ($0.wanted.map { $0.due > now } ?? false) }
  }

  /// How many keys failed the last time.
  package var retrying: Int { entries.values.count { $0.failures > 0 } }
}
