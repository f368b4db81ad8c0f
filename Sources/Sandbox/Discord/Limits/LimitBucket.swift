/// The state of one budget.
struct LimitBucket: Sendable {
  /// What taking one request out of the budget gave.
  struct Taken: Sendable {
    var isAllowed: Bool
    /// Requests left.
    var remaining: Int
    /// Until the whole budget is back, in microseconds.
    var resetAfter: Int64
    /// Until the next request is allowed, in microseconds; 0 when this one was.
    var retryAfter: Int64
  }

  /// Fixed: when the window began. Nil before the first request.
  private var windowStart: Int64?
  private var used = 0
  /// Sliding: the theoretical arrival time of the generic cell rate algorithm.
  private var arrival: Int64 = 0
  /// Whether an answer has said that nothing is left, until the time here.
  var announcedUntil: Int64 = 0

  mutating func take(
    limit: Int, window: Int64, mode: LimitConfiguration.Mode, now: Int64
  ) -> Taken {
    switch mode {
    case .none: Taken(isAllowed: true, remaining: limit, resetAfter: 0, retryAfter: 0)
    case .fixed: takeFixed(limit, window, now)
    case .sliding: takeSliding(limit, window, now)
    }
  }

  private mutating func takeFixed(_ limit: Int, _ window: Int64, _ now: Int64) -> Taken {
    if let start = windowStart, now < start + window {
      let reset = start + window - now
      guard used < limit else {
        return Taken(isAllowed: false, remaining: 0, resetAfter: reset, retryAfter: reset)
      }
      used += 1
      return Taken(isAllowed: true, remaining: limit - used, resetAfter: reset, retryAfter: 0)
    }
    windowStart = now
    used = 1
    return Taken(isAllowed: true, remaining: limit - 1, resetAfter: window, retryAfter: 0)
  }

  private mutating func takeSliding(_ limit: Int, _ window: Int64, _ now: Int64) -> Taken {
    let interval = max(window / Int64(max(limit, 1)), 1)
    let next = max(arrival, now) + interval
    let ahead = next - now
    guard ahead <= interval * Int64(limit) else {
      return Taken(
        isAllowed: false, remaining: 0, resetAfter: arrival - now,
        retryAfter: ahead - interval * Int64(limit))
    }
    arrival = next
    let remaining = Int((interval * Int64(limit) - ahead) / interval)
    return Taken(isAllowed: true, remaining: remaining, resetAfter: ahead, retryAfter: 0)
  }
}

/// Times of the recent past, in microseconds, counted over a window that ends now.
struct SlidingCount: Sendable {
  private var times: [Int64] = []
  private var head = 0

  /// How many are not older than `window`.
  mutating func count(within window: Int64, now: Int64) -> Int {
    while head < times.count, times[head] <= now - window { head += 1 }
    if head > 1_024, head * 2 > times.count {
      times.removeFirst(head)
      head = 0
    }
    return times.count - head
  }

  /// Adds a time, not before those that are there.
  mutating func add(_ now: Int64) { times.append(now) }

  /// The oldest that `count` still counted.
  var oldest: Int64? { head < times.count ? times[head] : nil }
}
