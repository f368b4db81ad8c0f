import Synchronization

/// What is remembered of the reconciles of each object, for `/debug/state` and runbooks: which one
/// runs, how long the last one took, and how often it failed in a row.
package final class ReconcileHistory: Sendable {
  /// What is known of one object. Times are uptimes.
  package struct Entry: Sendable, Hashable {
    /// The number of the newest reconcile, by which its log lines are found.
    package var id: UInt64 = 0
    /// When the reconcile that runs now began; nil while none does.
    package var runningSince: Duration?
    /// When the last one ended; nil before the first end.
    package var lastEnd: Duration?
    /// How long it took.
    package var lastDuration: Duration = .zero
    /// Failures in a row.
    package var failures = 0
    /// When the first failure of that row ended.
    package var failingSince: Duration?
  }

  private let entries = Mutex<[ResourceKey: Entry]>([:])

  /// Makes an empty history.
  package init() {}

  /// A reconcile begins.
  package func began(_ key: ResourceKey, id: UInt64, at now: Duration) {
    entries.withLock {
      $0[key, default: Entry()].id = id
      $0[key, default: Entry()].runningSince = now
    }
  }

  /// The reconcile of a key that began has ended.
  package func ended(_ key: ResourceKey, isFailure: Bool, at now: Duration) {
    entries.withLock { entries in
      guard var entry = entries[key], let start = entry.runningSince else { return }
      entry.runningSince = nil
      entry.lastEnd = now
      entry.lastDuration = now - start
      entry.failures = isFailure ? entry.failures + 1 : 0
      entry.failingSince = isFailure ? entry.failingSince ?? now : nil
      entries[key] = entry
    }
  }

  /// The object is gone.
  package func forget(_ key: ResourceKey) {
    entries.withLock { _ = $0.removeValue(forKey: key) }
  }

  /// What is known of one object.
  package subscript(key: ResourceKey) -> Entry? { entries.withLock { $0[key] } }

  /// What is known of all objects.
  package func all() -> [ResourceKey: Entry] { entries.withLock { $0 } }
}
