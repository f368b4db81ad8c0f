extension RateLimitBucket {
  /// An answer, and what must be known to make sense of its headers.
  struct Answer: Sendable {
    /// The route's template.
    var route: String
    var headers: RateLimitHeaders
    /// Whether no other request of the bucket overlapped, so that the numbers are the present;
    /// otherwise they are only believed where they are the stricter.
    var alone: Bool
    var startedAt: ContinuousClock.Instant
  }

  /// Takes in an answer's headers.
  mutating func learn(_ answer: Answer, margin: Duration, _ now: ContinuousClock.Instant) {
    let headers = answer.headers
    let alone = answer.alone
    silentInARow = 0
    if let said = headers.limit {
      if let known = limit, said != known {
        window = .seconds(1)
        knowsWindow = false
        refill.forget()
      }
      limit = said
    }
    let previous = knowledge
    knowledge = .confirmed
    refill.learn(answer, margin: margin, now)
    if refill.slot != nil { knowsWindow = true }
    if let after = headers.resetAfter {
      window = max(window, after)
      if headers.remaining == 0 { knowsWindow = true }
      let seen = WindowEnd(startedAt: answer.startedAt, answeredAt: now, after: after)
      if alone, let old = end, let both = old.intersection(seen) {
        end = both
      } else {
        if end.map({ $0.isBefore(seen) }) ?? false { spent = inFlight + 1 }
        end = alone ? seen : end?.union(seen) ?? seen
      }
      resetAt = end?.latest.advanced(by: margin)
    }
    if let said = headers.remaining {
      var left = max(0, said - inFlight)
      if let limit, countsOwn { left = min(left, max(0, limit - spent)) }
      remaining = alone || previous != .confirmed ? left : min(remaining, left)
    }
    if let limit, let next = refill.opening(for: remaining + inFlight + 1, of: limit) {
      resetAt = next
    }
    // Nothing left and no word about when: a second, then one request finds out.
    if remaining == 0, resetAt == nil { resetAt = now.advanced(by: .seconds(1)) }
  }
}
