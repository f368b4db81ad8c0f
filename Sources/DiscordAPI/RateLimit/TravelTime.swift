/// How long requests and their answers travel, as far as the last minute or two have shown.
struct TravelTime: Sendable {
  private var since: ContinuousClock.Instant?
  private var current: Duration?
  private var before: Duration?
  /// How many answers `shortest` is known from.
  var count: Int { counts.current + counts.before }
  private var counts = (current: 0, before: 0)

  /// The time from the shortest request's start to its answer; nil before the first.
  var shortest: Duration? {
    guard let current, let before else { return current ?? before }
    return min(current, before)
  }

  /// An answer came.
  mutating func note(_ time: Duration, at now: ContinuousClock.Instant) {
    if since.map({ $0.duration(to: now) >= .seconds(60) }) ?? true {
      (since, before, current) = (now, current, nil)
      counts = (0, counts.current)
    }
    current = min(current ?? time, time)
    counts.current += 1
  }
}
