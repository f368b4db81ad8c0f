import Synchronization

/// Creates that were announced with the pending annotation and then certainly not performed: the
/// limits, the breaker or a dead connection stopped the request before it was sent.
///
/// Kept in memory only. After a crash the announcement counts as uncertain, and the recovery finds
/// out.
package final class AbandonedCreates: Sendable {
  private let pending = Mutex<[String: String]>([:])

  /// Makes an empty record.
  package init() {}

  /// Records that the attempt with this annotation made nothing.
  package func abandon(uid: String, pending text: String) {
    pending.withLock { $0[uid] = text }
  }

  /// Whether the attempt with this annotation is known to have made nothing.
  package func contains(uid: String, pending text: String) -> Bool {
    pending.withLock { $0[uid] == text }
  }

  /// Forgets an object whose create ended or that is gone.
  package func forget(uid: String) {
    pending.withLock { $0[uid] = nil }
  }
}
