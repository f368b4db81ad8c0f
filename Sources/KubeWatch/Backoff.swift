/// Growing, jittered waits between attempts, as in client-go's reflector: 0.8 s doubled up to 30 s,
/// each lengthened by up to its own length, forgotten after two quiet minutes.
struct Backoff {
  var initial: Duration = .milliseconds(800)
  var limit: Duration = .seconds(30)
  var resetAfter: Duration = .seconds(120)

  private var base: Duration?
  private var lastUse: ContinuousClock.Instant?

  /// How long to wait now.
  ///
  /// - Parameter random: 0 up to 1.
  mutating func next(now: ContinuousClock.Instant, random: Double) -> Duration {
    if let lastUse, lastUse.duration(to: now) > resetAfter { base = nil }
    lastUse = now
    let current = base ?? initial
    base = min(current * 2, limit)
    return current * (1 + random)
  }

  init() {}
}
