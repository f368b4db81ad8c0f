/// Which limit a request counts to: a learnt hash (or a route, until its hash is known) and the
/// major parameter.
struct BucketKey: Sendable, Hashable {
  /// `#hash`, or the route's template.
  var identity: String
  var major: String
}

/// What one bucket's answers tell of all that have its hash.
struct BucketFacts: Sendable {
  /// The length of the window, once it was seen with nothing left.
  var window: Duration?
  /// See `RateLimitBucket.countsOwn`.
  var countsOwn = false
  /// See `SlotRefill.isRefuted`.
  var hasNoSlots = false
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
  /// The end of the window as the answers tell it; `resetAt` is that and a margin.
  var end: WindowEnd?
  /// Own requests that started in this window.
  var spent = 0
  /// Whether a 429 has shown that `Remaining` is not to be relied on: then own requests count too.
  var countsOwn = false
  /// What is known of a limit whose requests come back one by one.
  var refill = SlotRefill()
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
    if let reset = resetAt, reset <= now { reopen(now) }
    // Who comes back a moment early is not to stand in line behind its own promise.
    let due = now.advanced(by: .milliseconds(100))
    credits.append(contentsOf: promises.lazy.filter { $0.at <= due }.map(\.at))
    promises.removeAll { $0.at <= due }
    credits.removeAll { $0.duration(to: now) > window }
  }

  /// A window has ended, or one request of a limit has come back.
  private mutating func reopen(_ now: ContinuousClock.Instant) {
    resetAt = nil
    if let limit, let free = refill.free(of: limit, at: now) {
      guard free > inFlight else {
        resetAt = refill.opening(for: min(inFlight + 1, limit), of: limit)
        return
      }
      remaining = free - inFlight
    } else {
      // The full limit again, in theory; a sliding window may have freed only one. One request
      // finds out, before several go at once. Those in flight may count to the new window.
      remaining = max(1, (limit ?? 1) - inFlight)
    }
    end = nil
    spent = inFlight
    if knowledge == .confirmed { knowledge = .unconfirmed }
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
    spent += 1
    remaining = max(0, remaining - 1)
    lastUsed = now
    // Should its answer be lost, the next is not to take its slot for free.
    if remaining == 0, resetAt == nil, let limit {
      resetAt = refill.opening(for: min(inFlight + 1, limit), of: limit)
    }
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
}
