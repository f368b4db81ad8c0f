import Synchronization

/// The last failure of Discord by resource type, so that an open circuit breaker can say what opened
/// it.
package final class Outages: Sendable {
  private let failures = Mutex<[String: String]>([:])

  /// Makes an empty record.
  package init() {}

  /// Records a failure.
  package func record(_ message: String, of resourceType: String) {
    failures.withLock { $0[resourceType] = message }
  }

  /// The last failure; nil when there was none.
  package func last(of resourceType: String) -> String? {
    failures.withLock { $0[resourceType] }
  }
}
