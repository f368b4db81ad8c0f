/// All state of one token's rate limits, as a pure machine: it is told what is asked, answered and
/// how late it is, and says what starts, what goes back to its queue, and when to look again.
///
/// Limits are learnt from the answers (`X-RateLimit-*`), so the first request of a route goes
/// alone. Reads of a bucket run in parallel up to what is known to remain; writes run in order, one
/// at a time. A request whose limits want it to wait longer than `maximumWait` is handed back with
/// the time at which its turn will come, spread so that each window's share comes back with it.
package struct RateLimiter: Sendable {
  package typealias Instant = ContinuousClock.Instant

  /// Numbers that may be chosen.
  package struct Configuration: Sendable {
    /// Requests a token may start in any `globalWindow` (Discord: 50 a second).
    package var globalLimit = 50
    /// A second, and 20 ms because the shortest way is only known from those that were seen.
    package var globalWindow: Duration = .milliseconds(1_020)
    /// By how much a request is taken to be later at the server than the fastest, at most. Discord
    /// counts arrivals: what its answer tells of that is added to `globalWindow`.
    package var latestArrival: Duration = .milliseconds(100)
    /// From how many answers of a route on its own shortest way is believed; before, that of all routes
    /// from as many, and until then every request counts as `latestArrival` late.
    package var tellingAnswers = 20
    /// Whether the global limit holds before any answer has shown a rate-limit header. False for a
    /// server on this machine, which may be one without limits.
    package var holdsUnannouncedGlobalLimit = true
    /// Added to each reset and wait. The way there and back counts towards a reset's, down to
    /// `leastMargin`: the answer came that much later than it was made, and the next request arrives
    /// that much later than it starts.
    package var margin: Duration = .milliseconds(50)
    /// What is added to a reset in any case.
    package var leastMargin: Duration = .milliseconds(10)
    /// The longest wait inside; a longer one hands the request back.
    package var maximumWait: Duration = .seconds(2)
    /// Reads at once on a route whose answers show no limit.
    package var parallelReads = 16

    /// Discord's numbers.
    package init() {}
  }

  /// A request that wants to start.
  package struct Ask: Sendable {
    /// Unique and growing: also the order. A request that asks again after a 429 keeps its own.
    package var id: UInt64
    package var route: Route
    /// Whose share it uses: a guild's ID, or empty.
    package var guild: String
    package var priority: RequestPriority
    package var fields: FieldGroups

    /// A request that wants to start.
    package init(
      id: UInt64, route: Route, guild: String, priority: RequestPriority,
      fields: FieldGroups = .other
    ) {
      self.id = id
      self.route = route
      self.guild = guild
      self.priority = priority
      self.fields = fields
    }
  }

  /// How a started request ended.
  package enum Outcome: Sendable {
    /// An answer of Discord's own (2xx, 4xx) with what its headers say.
    case answered(RateLimitHeaders)
    /// A 429 of any scope but Cloudflare's.
    case limited(RateLimitNotice)
    /// No answer, or one that is not Discord's word on limits (5xx, Cloudflare).
    case lost
  }

  /// What the driver does.
  package enum Action: Sendable, Hashable {
    case start(UInt64)
    case requeue(UInt64, after: Duration, reason: String)
  }

  struct Flight: Sendable {
    var ask: Ask
    var key: BucketKey
    var othersAtStart: Int
    var startNumber: UInt64
    var startedAt: Instant
  }

  let configuration: Configuration
  var global: RequestWindow
  var holdsGlobalLimit: Bool
  var pausedUntil: Instant?
  var buckets: [BucketKey: RateLimitBucket] = [:]
  /// Template → `#hash` once learnt, or the template itself when its answers have no headers.
  var identities: [String: String] = [:]
  var headerless: Set<String> = []
  /// What the buckets of each hash have shown, for those of other majors and of later times.
  var facts: [String: BucketFacts] = [:]
  var travel = TravelTime()
  /// By template: what the server does before it answers is part of the way, and of each route's own.
  var travelByRoute: [String: TravelTime] = [:]
  var flights: [UInt64: Flight] = [:]
  var parked: [HiddenKey: Instant] = [:]
  var hidden: HiddenLimit
  var waitingKeys: Set<BucketKey> = []
  /// Guild → how many wait, for each priority.
  var waitingByGuild: [String: [Int]] = [:]
  /// Guild → number of its last start; the guild that waited longest goes first.
  var lastServed: [String: UInt64] = [:]
  var served: UInt64 = 0
  var lastPrune: Instant?

  /// A limiter that knows nothing yet.
  package init(configuration: Configuration = Configuration()) {
    self.configuration = configuration
    global = RequestWindow(
      limit: configuration.globalLimit, length: configuration.globalWindow,
      latest: configuration.latestArrival)
    hidden = HiddenLimit(margin: configuration.margin + configuration.latestArrival)
    holdsGlobalLimit = configuration.holdsUnannouncedGlobalLimit
  }

  // MARK: Events

  /// A request wants to start.
  package mutating func asked(_ ask: Ask, at now: Instant) -> [Action] {
    if let paused = pausedUntil, paused <= now { pausedUntil = nil }
    let key = bucketKey(of: ask.route)
    var bucket = buckets[key] ?? makeBucket(key)
    bucket.refresh(now)
    if bucket.waiting.isEmpty, pausedUntil == nil, !isHeld(ask, now),
      bucket.mayStart(isRead: ask.route.isRead, parallelReads: configuration.parallelReads),
      globalBlockedUntil(now) == nil
    {
      bucket.takeCredit()
      start(ask, key, &bucket, now)
      buckets[key] = bucket
      return [.start(ask.id)]
    }
    let refusal = refusal(ask, &bucket, isArriving: true, now)
    bucket.takeCredit()
    if let refusal {
      buckets[key] = bucket
      return [refusal]
    }
    bucket.waiting.append(ask)
    buckets[key] = bucket
    waitingKeys.insert(key)
    countWaiting(ask, 1)
    return pump(now)
  }

  /// A started request ended.
  package mutating func finished(_ id: UInt64, _ outcome: Outcome, at now: Instant) -> [Action] {
    guard let flight = flights.removeValue(forKey: id) else { return [] }
    buckets[flight.key]?.end(isRead: flight.ask.route.isRead)
    switch outcome {
    case .answered(let headers):
      noteArrival(of: flight, isUsual: true, now)
      learn(headers, from: flight, now)
    case .limited(let notice):
      noteArrival(of: flight, isUsual: false, now)
      obey(notice, from: flight, now)
    case .lost: break
    }
    let isFoundOut = noteHidden(flight, outcome)
    let started = pump(now)
    return started
      + handBackLongWaits(now, in: isFoundOut ? nil : bucketKey(of: flight.ask.route))
  }

  /// The refusal that `asked` would give; nil when the request could start or wait inside.
  package mutating func refusal(_ ask: Ask, at now: Instant) -> Action? {
    if let paused = pausedUntil, paused <= now { pausedUntil = nil }
    let key = bucketKey(of: ask.route)
    var bucket = buckets[key] ?? makeBucket(key)
    bucket.refresh(now)
    return refusal(ask, &bucket, isArriving: true, now)
  }

  /// A request no longer wants to start.
  package mutating func cancelled(_ id: UInt64, at now: Instant) -> [Action] {
    for key in waitingKeys where buckets[key]?.waiting.contains(where: { $0.id == id }) == true {
      removeWaiting(id, from: key)
      return pump(now)
    }
    return []
  }

  /// It is later.
  package mutating func timePassed(at now: Instant) -> [Action] {
    if let paused = pausedUntil, paused <= now { pausedUntil = nil }
    prune(now)
    return pump(now)
  }

  /// When `timePassed` is to be called: the first time at which something that waits may start.
  package func nextWakeUp(after now: Instant) -> Instant? {
    guard !waitingKeys.isEmpty else { return nil }
    if let paused = pausedUntil, paused > now { return paused }
    var earliest: Instant?
    func consider(_ instant: Instant?) {
      guard let instant, instant > now else { return }
      earliest = min(earliest ?? instant, instant)
    }
    consider(globalBlockedUntil(now))
    for key in waitingKeys {
      guard let bucket = buckets[key] else { continue }
      consider(bucket.blockedUntil)
      consider(bucket.resetAt)
      guard !parked.isEmpty else { continue }
      for ask in bucket.waiting { consider(parkedUntil(ask, now)) }
    }
    return earliest
  }
}
