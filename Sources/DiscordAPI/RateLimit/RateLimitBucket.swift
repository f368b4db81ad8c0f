/// Which limit a request counts to: a learnt hash (or a route, until its hash is known) and the
/// major parameter.
struct BucketKey: Sendable, Hashable {
  /// `#hash`, or the route's template.
  var identity: String
  var major: String
}

/// What is known of one bucket, and who waits for it. No decision on priorities is taken here.
struct RateLimitBucket: Sendable {
  enum Knowledge: Sendable {
    /// Nothing yet, or a window has passed since: one request finds out.
    case unconfirmed
    /// The answers say nothing of a limit.
    case headerless
    /// `remaining` is known until `resetAt`.
    case confirmed
  }

  var knowledge = Knowledge.unconfirmed
  var limit: Int?
  /// Requests that may still start in this window; those in flight are taken off already.
  var remaining = 1
  var resetAt: ContinuousClock.Instant?
  /// The longest `Reset-After` seen: a guess at the window's length for spreading what waits.
  var window: Duration = .seconds(1)
  /// Whether `window` was seen with nothing left. Before that a sliding window shows only the part
  /// that is in use, and promises made on it would be far too early.
  var knowsWindow = false
  /// The end of a 429's wait.
  var blockedUntil: ContinuousClock.Instant?
  var limitedInARow = 0
  /// Successful answers in a row that had no header although headers are known.
  var silentInARow = 0
  var readsInFlight = 0
  var writesInFlight = 0
  /// Counts starts: tells whether a request was alone from its start to its end.
  var starts: UInt64 = 0
  var waiting: [RateLimiter.Ask] = []
  /// Starts promised to requests that were handed back, so that they do not all come at once.
  var promises: [Promise] = []
  /// Promises that have come due lately: as many requests go before those with later promises, even
  /// when the windows have moved on (each is a little longer than it says) and they must wait on.
  var credits: [ContinuousClock.Instant] = []
  var lastUsed: ContinuousClock.Instant?

  struct Promise: Sendable {
    var at: ContinuousClock.Instant
    var priority: RequestPriority
  }

  var inFlight: Int { readsInFlight + writesInFlight }
  var isIdle: Bool { inFlight == 0 && waiting.isEmpty }

  /// Time passes: what has ended is forgotten.
  mutating func refresh(_ now: ContinuousClock.Instant) {
    if let end = blockedUntil, end <= now { blockedUntil = nil }
    if let reset = resetAt, reset <= now {
      resetAt = nil
      // The full limit again, in theory; a sliding window may have freed only one. One request
      // finds out, before several go at once. Those in flight may count to the new window.
      remaining = max(1, (limit ?? 1) - inFlight)
      if knowledge == .confirmed { knowledge = .unconfirmed }
    }
    // Who comes back a moment early is not to stand in line behind its own promise.
    let due = now.advanced(by: .milliseconds(100))
    credits.append(contentsOf: promises.lazy.filter { $0.at <= due }.map(\.at))
    promises.removeAll { $0.at <= due }
    credits.removeAll { $0.duration(to: now) > window }
  }

  /// Whether a request of that kind may start (`refresh` first).
  func mayStart(isRead: Bool, parallelReads: Int) -> Bool {
    guard blockedUntil == nil, isRead || writesInFlight == 0 else { return false }
    switch knowledge {
    case .unconfirmed: return inFlight == 0 && (resetAt == nil || remaining > 0)
    case .headerless: return !isRead || readsInFlight < parallelReads
    case .confirmed: return remaining > 0
    }
  }

  mutating func start(isRead: Bool, _ now: ContinuousClock.Instant) {
    if isRead { readsInFlight += 1 } else { writesInFlight += 1 }
    starts += 1
    remaining = max(0, remaining - 1)
    lastUsed = now
  }

  /// A request has come: it uses up a promise that is due, its own or another's.
  mutating func takeCredit() {
    if !credits.isEmpty { credits.removeFirst() }
  }

  mutating func end(isRead: Bool) {
    if isRead {
      readsInFlight = max(0, readsInFlight - 1)
    } else {
      writesInFlight = max(0, writesInFlight - 1)
    }
  }

  /// Takes in an answer's headers. `alone` when no other request of the bucket overlapped, so that
  /// the numbers are the present; otherwise they are only believed where they are the stricter.
  mutating func learn(
    _ headers: RateLimitHeaders, alone: Bool, margin: Duration, _ now: ContinuousClock.Instant
  ) {
    silentInARow = 0
    if let said = headers.limit {
      if let known = limit, said != known {
        window = .seconds(1)
        knowsWindow = false
      }
      limit = said
    }
    let previous = knowledge
    knowledge = .confirmed
    if let after = headers.resetAfter {
      window = max(window, after)
      if headers.remaining == 0 { knowsWindow = true }
      let reset = now.advanced(by: after + margin)
      resetAt = alone ? reset : max(reset, resetAt ?? reset)
    }
    if let said = headers.remaining {
      let left = max(0, said - inFlight)
      remaining = alone || previous != .confirmed ? left : min(remaining, left)
    }
    // Nothing left and no word about when: a second, then one request finds out.
    if remaining == 0, resetAt == nil { resetAt = now.advanced(by: .seconds(1)) }
  }

  /// The time from which the bucket itself lets requests start again; nil when it does now or when
  /// only requests in flight hold it.
  var opensAt: ContinuousClock.Instant? {
    let reset = knowledge != .headerless && remaining == 0 ? resetAt : nil
    guard let blocked = blockedUntil else { return reset }
    return max(blocked, reset ?? blocked)
  }

  /// Whether time, and not only what is in flight, may keep some of those that wait.
  var mayHoldWaiters: Bool {
    if blockedUntil != nil { return true }
    guard resetAt != nil, knowsWindow || inFlight == 0 else { return false }
    return knowledge != .confirmed || remaining < waiting.count
  }

  /// When a request with so many before it would start; nil when time does not hold it.
  func predictedStart(
    ahead: Int, priority: RequestPriority, isArriving: Bool, _ now: ContinuousClock.Instant
  ) -> ContinuousClock.Instant? {
    // Room in this window is for who is here; promises are about windows to come.
    let room = opensAt == nil && knowledge == .confirmed ? remaining : 0
    guard let opening = opensAt ?? (knowledge == .confirmed ? resetAt : nil), ahead >= room else {
      return nil
    }
    // An answer that tells how long the window is will come: until then nothing can be promised.
    guard knowsWindow || inFlight == 0 || blockedUntil != nil else { return nil }
    // The windows to come have room for `limit` each, less what was promised of them.
    let share = max(1, limit ?? 1)
    let isDue = isArriving && !credits.isEmpty
    let first = opening.advanced(by: .milliseconds(1))
    var promised: [Int: Int] = [:]
    for promise in promises where promise.priority <= priority && (!isDue || promise.at <= first) {
      promised[max(0, Int((opening.duration(to: promise.at) / window).rounded())), default: 0] += 1
    }
    var before = ahead - room
    var number = 0
    while true {
      let free = max(0, share - promised[number, default: 0])
      if before < free { return opening.advanced(by: window * number) }
      before -= free
      number += 1
    }
  }
}
