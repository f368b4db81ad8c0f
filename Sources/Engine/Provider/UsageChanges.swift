import Synchronization

/// Tells that who uses which ProviderConfig may have changed, and when that was last so.
final class UsageChanges: Sendable {
  private struct State {
    var number = 0
    var last = Duration.zero
  }

  private let state = Mutex(State())
  private let now: @Sendable () -> Duration
  private let signal: AsyncStream<Void>.Continuation

  /// An element after changes; those that nobody has looked at yet are one. For a single reader.
  let signals: AsyncStream<Void>

  /// - Parameter now: time since an arbitrary start, never going back.
  init(now: @escaping @Sendable () -> Duration) {
    self.now = now
    (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// A resource or a ProviderConfig came, went, or has another spec.
  func note() {
    let moment = now()
    state.withLock {
      $0.number += 1
      $0.last = moment
    }
    signal.yield()
  }

  /// How many changes there were. One that is counted changes nothing more.
  var number: Int { state.withLock { $0.number } }

  /// When the last one was.
  var last: Duration { state.withLock { $0.last } }
}
