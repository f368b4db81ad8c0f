extension RateLimiter {
  // MARK: Who starts

  /// Starts all that may start, the best first.
  mutating func pump(_ now: Instant) -> [Action] {
    guard !waitingKeys.isEmpty, pausedUntil == nil else { return [] }
    for key in waitingKeys { buckets[key]?.refresh(now) }
    var actions: [Action] = []
    while globalBlockedUntil(now) == nil, let (key, ask) = bestCandidate(now) {
      removeWaiting(ask.id, from: key)
      guard var bucket = buckets[key] else { break }
      start(ask, key, &bucket, now)
      buckets[key] = bucket
      actions.append(.start(ask.id))
    }
    return actions
  }

  /// By priority, then the guild that was served longest ago, then by age.
  private func bestCandidate(_ now: Instant) -> (BucketKey, Ask)? {
    var best: (key: BucketKey, ask: Ask, served: UInt64)?
    for key in waitingKeys {
      guard let bucket = buckets[key] else { continue }
      let reads = configuration.parallelReads
      let mayRead = bucket.mayStart(isRead: true, parallelReads: reads)
      let mayWrite = bucket.mayStart(isRead: false, parallelReads: reads)
      guard mayRead || mayWrite else { continue }
      for ask in bucket.waiting where ask.route.isRead ? mayRead : mayWrite {
        if let best, ask.priority > best.ask.priority { continue }
        guard !isHeld(ask, now) else { continue }
        let turn = lastServed[ask.guild] ?? 0
        if let best, ask.priority == best.ask.priority,
          (turn, ask.id) > (best.served, best.ask.id)
        {
          continue
        }
        best = (key, ask, turn)
      }
    }
    return best.map { ($0.key, $0.ask) }
  }

  mutating func start(
    _ ask: Ask, _ key: BucketKey, _ bucket: inout RateLimitBucket, _ now: Instant
  ) {
    let others = bucket.inFlight
    bucket.start(isRead: ask.route.isRead, now)
    global.start(ask.id, now)
    for hiddenKey in hiddenKeys(of: ask) { hidden.start(ask.id, of: hiddenKey, now) }
    served += 1
    lastServed[ask.guild] = served
    flights[ask.id] = Flight(
      ask: ask, key: key, othersAtStart: others, startNumber: bucket.starts, startedAt: now)
  }

  mutating func removeWaiting(_ id: UInt64, from key: BucketKey) {
    guard let place = buckets[key]?.waiting.firstIndex(where: { $0.id == id }),
      let ask = buckets[key]?.waiting.remove(at: place)
    else { return }
    if buckets[key]?.waiting.isEmpty == true { waitingKeys.remove(key) }
    countWaiting(ask, -1)
  }

  // MARK: Who is handed back

  /// The refusal of a request whose turn is too far away; nil when it may wait inside. The promise
  /// made with a refusal is kept in `bucket`. `place` is how many of the bucket go first, where known.
  func refusal(
    _ ask: Ask, _ bucket: inout RateLimitBucket, isArriving: Bool, place: Int? = nil, _ now: Instant
  ) -> Action? {
    let limit = now.advanced(by: configuration.maximumWait)
    if let end = parkedUntil(ask, now), end > limit {
      return .requeue(
        ask.id, after: now.duration(to: end), reason: "a limit of \(ask.route.template)'s fields")
    }
    if let paused = pausedUntil {
      let end = paused.advanced(by: share(of: ask))
      if end > limit {
        return .requeue(
          ask.id, after: now.duration(to: end), reason: "the global rate limit of the token")
      }
    }
    let ahead =
      place
      ?? bucket.waiting.count {
        $0.priority < ask.priority || ($0.priority == ask.priority && $0.id < ask.id)
      }
    let turn = bucket.predictedStart(
      ahead: ahead, priority: ask.priority, isArriving: isArriving, now)
    if let turn, turn > limit {
      bucket.promises.append(RateLimitBucket.Promise(at: turn, priority: ask.priority))
      return .requeue(
        ask.id, after: now.duration(to: turn), reason: "the rate limit of \(ask.route.template)")
    }
    if globalBlockedUntil(now) != nil {
      let wait = share(of: ask)
      if wait > configuration.maximumWait {
        return .requeue(ask.id, after: wait, reason: "the global rate limit of the token")
      }
    }
    return nil
  }

  /// How long the guild's share of the global rate is busy with what waits there already and goes
  /// first.
  private func share(of ask: Ask) -> Duration {
    let own = waitingByGuild[ask.guild]?.prefix(ask.priority.rawValue + 1).reduce(0, +) ?? 0
    let guilds = max(1, waitingByGuild.count)
    return configuration.globalWindow * (own * guilds) / configuration.globalLimit
  }

  mutating func countWaiting(_ ask: Ask, _ change: Int) {
    var counts = waitingByGuild[ask.guild] ?? [0, 0, 0]
    counts[ask.priority.rawValue] += change
    waitingByGuild[ask.guild] = counts.allSatisfy { $0 <= 0 } ? nil : counts
  }

  /// Hands back those of a bucket, or of all, whose turn has moved too far away.
  mutating func handBackLongWaits(_ now: Instant, in key: BucketKey?) -> [Action] {
    let keys = pausedUntil == nil ? key.map { [$0] } ?? Array(waitingKeys) : Array(waitingKeys)
    var actions: [Action] = []
    for key in keys {
      guard var bucket = buckets[key], !bucket.waiting.isEmpty else { continue }
      bucket.refresh(now)
      guard pausedUntil != nil || !parked.isEmpty || bucket.mayHoldWaiters else { continue }
      let asks = bucket.waiting.sorted { ($0.priority, $0.id) < ($1.priority, $1.id) }
      var kept: [Ask] = []
      for ask in asks {
        let action = refusal(ask, &bucket, isArriving: false, place: kept.count, now)
        if let action {
          countWaiting(ask, -1)
          actions.append(action)
        } else {
          kept.append(ask)
        }
      }
      bucket.waiting = kept
      if bucket.waiting.isEmpty { waitingKeys.remove(key) }
      buckets[key] = bucket
    }
    return actions
  }

  // MARK: What holds

  func globalBlockedUntil(_ now: Instant) -> Instant? {
    holdsGlobalLimit ? global.blockedUntil(now) : nil
  }

  /// Until when a hidden limit of the request's fields holds it, as far as is known.
  func parkedUntil(_ ask: Ask, _ now: Instant) -> Instant? {
    guard !parked.isEmpty || hidden.holds else { return nil }
    var end: Instant?
    func consider(_ until: Instant?) {
      if let until, until > now { end = max(end ?? until, until) }
    }
    if ask.fields.contains(.other) { consider(parked[parkKey(of: ask, .other)]) }
    for key in hiddenKeys(of: ask) {
      consider(parked[key])
      consider(hidden.heldUntil(key, now))
    }
    return end
  }

  /// Whether hidden limits hold it, or may and another request is finding out.
  func isHeld(_ ask: Ask, _ now: Instant) -> Bool {
    parkedUntil(ask, now) != nil
      || hiddenKeys(of: ask).contains { hidden.waitsForAnswer($0, now) }
  }

  /// Forgets what says nothing any more, once a minute.
  mutating func prune(_ now: Instant) {
    if let last = lastPrune, last.duration(to: now) < .seconds(60) { return }
    lastPrune = now
    parked = parked.filter { $0.value > now }
    hidden.prune(now)
    buckets = buckets.filter { _, bucket in
      guard bucket.isIdle, let used = bucket.lastUsed else { return !bucket.isIdle }
      return used.duration(to: now) < .seconds(60) || bucket.opensAt.map { $0 > now } == true
        || bucket.resetAt.map { $0 > now } == true
    }
    if lastServed.count > 1_000 { lastServed = lastServed.filter { waitingByGuild[$0.key] != nil } }
  }
}
