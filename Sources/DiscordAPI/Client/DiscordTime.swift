/// Time as the client sees it: monotonic, so that a set clock changes no wait. Tests give their own.
package struct DiscordTime: Sendable {
  /// Now.
  package var now: @Sendable () -> ContinuousClock.Instant
  /// Returns at the instant, or early when the task is cancelled.
  package var sleep: @Sendable (_ until: ContinuousClock.Instant) async -> Void

  /// A time of one's own.
  package init(
    now: @escaping @Sendable () -> ContinuousClock.Instant,
    sleep: @escaping @Sendable (_ until: ContinuousClock.Instant) async -> Void
  ) {
    self.now = now
    self.sleep = sleep
  }

  /// The machine's clock.
  package static let continuous = DiscordTime(
    now: { .now },
    sleep: { instant in try? await Task.sleep(until: instant, clock: .continuous) })
}
