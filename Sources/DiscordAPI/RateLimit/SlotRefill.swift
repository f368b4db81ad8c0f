/// What is known of a limit whose requests come back one by one, a slot each (Discord's sliding
/// windows; discord-api-docs issue 7680), instead of all at once when a window ends.
///
/// Who waits there until all are back, as for a window, wastes the time in which the limit stands
/// full: a twentieth with a second's slots. It is believed only when it is proven, because who takes a
/// window for slots comes too early.
struct SlotRefill: Sendable {
  /// How long one request takes to come back; nil unless it is proven that they do so one by one.
  var slot: Duration? { isProven && !isRefuted ? least : nil }
  /// The longest time that is certainly not more than a slot.
  private(set) var least: Duration?
  private var isProven = false
  /// Somebody was too early although he waited for his slot: never again.
  var isRefuted = false
  private var last: RateLimitBucket.Answer?
  /// When all would be back, as the answers tell it, and a margin.
  private var fullAt: ContinuousClock.Instant?

  /// Takes in an answer.
  mutating func learn(
    _ answer: RateLimitBucket.Answer, margin: Duration, _ now: ContinuousClock.Instant
  ) {
    defer { last = answer.alone ? answer : nil }
    guard let part = Self.part(answer.headers), let after = answer.headers.resetAfter else {
      return
    }
    if let last, answer.alone, Self.grew(from: last, to: answer, now) {
      if !isProven { least = Self.part(last.headers) }
      isProven = true
    }
    least = max(least ?? part, part)
    let full = now.advanced(by: after + margin)
    fullAt = answer.alone ? full : max(full, fullAt ?? full)
  }

  /// What a slot lasts at least: the slots that are not back yet, the first of them perhaps nearly,
  /// are the whole `Reset-After`, which is rounded up to a millisecond.
  private static func part(_ headers: RateLimitHeaders) -> Duration? {
    guard let limit = headers.limit, let remaining = headers.remaining, remaining < limit,
      let after = headers.resetAfter, after > .milliseconds(1)
    else { return nil }
    return (after - .milliseconds(1)) / (limit - remaining)
  }

  /// Whether a request has added time of its own. In a window the time until its end only ever falls,
  /// unless another window has begun meanwhile.
  private static func grew(
    from last: RateLimitBucket.Answer, to answer: RateLimitBucket.Answer,
    _ now: ContinuousClock.Instant
  ) -> Bool {
    guard last.route == answer.route, last.headers.limit == answer.headers.limit,
      let before = last.headers.resetAfter, let after = answer.headers.resetAfter,
      let had = last.headers.remaining, let has = answer.headers.remaining
    else { return false }
    let end = last.startedAt.advanced(by: before - .milliseconds(1))
    return now < end && has < had && after > before + .milliseconds(1)
  }

  /// A 429 came although all slots were waited for: they are none.
  mutating func refute() {
    if slot != nil { isRefuted = true }
  }

  /// The limit is another one now.
  mutating func forget() {
    let wasRefuted = isRefuted
    self = SlotRefill()
    isRefuted = wasRefuted
  }

  /// How many requests may be on their way; nil when slots are not proven.
  func free(of limit: Int, at now: ContinuousClock.Instant) -> Int? {
    guard let slot, let fullAt else { return nil }
    // A millionth of a slot for the rounding of the division.
    let missing = (now.duration(to: fullAt) / slot - 1e-6).rounded(.up)
    return missing < Double(limit) ? limit - max(0, Int(missing)) : 0
  }

  /// When that many requests may be on their way; nil when slots are not proven.
  func opening(for count: Int, of limit: Int) -> ContinuousClock.Instant? {
    guard let slot, let fullAt, count <= limit else { return nil }
    return fullAt.advanced(by: .zero - slot * (limit - count))
  }
}
