import Synchronization

/// What has to be true before the provider counts as ready, each with its reason while it is not.
package final class Readiness: Sendable {
  /// One condition.
  package struct Check: Sendable, Hashable {
    package let name: String
    /// Nil when it is fulfilled.
    package let failure: String?

    /// Makes a check's result.
    package init(name: String, failure: String?) {
      self.name = name
      self.failure = failure
    }
  }

  private let checks = Mutex<[@Sendable () -> Check]>([])

  /// Makes a readiness without checks.
  package init() {}

  /// Adds a check; it is asked at each request and must answer at once.
  package func add(_ check: @escaping @Sendable () -> Check) {
    checks.withLock { $0.append(check) }
  }

  /// All results in order.
  package func results() -> [Check] {
    checks.withLock { $0 }.map { $0() }
  }
}
