/// Where the engine gets its time. Injected, so that a test can run days in milliseconds.
package struct TimeSource: Sendable {
  /// The instant at which the uptime is zero.
  package let origin: ContinuousClock.Instant
  /// Time since an arbitrary start; never goes back.
  package let uptime: @Sendable () -> Duration
  /// Milliseconds since 1970, for timestamps that people and other programs read.
  package let wallMilliseconds: @Sendable () -> Int64
  /// Suspends for a while; throws only when the task is cancelled.
  package let sleep: @Sendable (Duration) async throws -> Void

  /// Makes a source from its three functions.
  package init(
    origin: ContinuousClock.Instant,
    uptime: @escaping @Sendable () -> Duration,
    wallMilliseconds: @escaping @Sendable () -> Int64,
    sleep: @escaping @Sendable (Duration) async throws -> Void
  ) {
    self.origin = origin
    self.uptime = uptime
    self.wallMilliseconds = wallMilliseconds
    self.sleep = sleep
  }

  /// The machine's clocks.
  package static func system() -> TimeSource {
    let start = ContinuousClock.now
    return TimeSource(
      origin: start,
      uptime: { ContinuousClock.now - start },
      wallMilliseconds: { Timestamp.now().millisecondsSince1970 },
      sleep: { try await Task.sleep(for: $0) })
  }

  /// The instant that an uptime stands for, for parts that count in instants.
  package func instant(_ uptime: Duration) -> ContinuousClock.Instant { origin + uptime }

  /// The wall clock as a timestamp.
  package func timestamp() -> Timestamp {
    Timestamp(millisecondsSince1970: wallMilliseconds())
  }
}
