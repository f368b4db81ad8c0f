import Engine
import Synchronization

/// A clock that only sleeping moves: whoever sleeps is awake at once, and time has passed.
final class TestClock: Sendable {
  private let elapsed = Mutex(Duration.zero)
  private static let start: Int64 = 1_767_225_600_000

  var uptime: Duration { elapsed.withLock { $0 } }

  func advance(by duration: Duration) { elapsed.withLock { $0 += duration } }

  var source: TimeSource {
    TimeSource(
      origin: .now, uptime: { self.uptime },
      wallMilliseconds: { Self.start + self.uptime.inMilliseconds },
      sleep: { duration in
        try Task.checkCancellation()
        self.advance(by: duration)
      })
  }
}
