/// The last starts within a sliding window: never more than `limit` in any `length`.
struct RequestWindow: Sendable {
  let limit: Int
  let length: Duration
  /// A ring of start times; `next` is the oldest once it is full.
  private var starts: [ContinuousClock.Instant] = []
  private var next = 0

  init(limit: Int, length: Duration) {
    self.limit = max(1, limit)
    self.length = length
  }

  mutating func note(_ now: ContinuousClock.Instant) {
    if starts.count < limit {
      starts.append(now)
    } else {
      starts[next] = now
      next = (next + 1) % limit
    }
  }

  /// When the next request may start; nil when at once.
  func blockedUntil(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
    guard starts.count == limit else { return nil }
    let free = starts[next].advanced(by: length)
    return free > now ? free : nil
  }

  /// How many of the last starts are still inside the window.
  func used(_ now: ContinuousClock.Instant) -> Int {
    starts.count { $0.advanced(by: length) > now }
  }
}
