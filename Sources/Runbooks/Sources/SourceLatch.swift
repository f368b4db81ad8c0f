import Synchronization

/// Remembers that a source did not answer, so that ten checks do not each wait for it again.
final class SourceLatch: Sendable {
  private let failure = Mutex<SourceFailure?>(nil)

  /// Throws what the source failed with before.
  func check() throws(SourceFailure) {
    if let known = failure.withLock({ $0 }) { throw known }
  }

  /// Notes a failure by which no later question can have an answer either.
  func close(_ known: SourceFailure) {
    failure.withLock { if $0 == nil { $0 = known } }
  }
}
