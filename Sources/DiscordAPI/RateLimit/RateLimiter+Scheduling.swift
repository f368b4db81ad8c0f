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
        guard parkedUntil(ask, now) == nil else { continue }
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
    global.note(now)
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

  /// Hands back those whose turn has moved too far away.
  mutating func handBackLongWaits(_ now: Instant, in key: BucketKey) -> [Action] {
    let keys = pausedUntil == nil ? [key] : Array(waitingKeys)
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

  func parkedUntil(_ ask: Ask, _ now: Instant) -> Instant? {
    guard !parked.isEmpty else { return nil }
    var end: Instant?
    for group in [FieldGroups.name, .topic, .other] where ask.fields.contains(group) {
      let key = ParkKey(
        template: ask.route.template, major: ask.route.major, group: group.rawValue)
      if let until = parked[key], until > now { end = max(end ?? until, until) }
    }
    return end
  }

  /// Forgets what says nothing any more, once a minute.
  mutating func prune(_ now: Instant) {
    if let last = lastPrune, last.duration(to: now) < .seconds(60) { return }
    lastPrune = now
    parked = parked.filter { $0.value > now }
    buckets = buckets.filter { _, bucket in
      guard bucket.isIdle, let used = bucket.lastUsed else { return !bucket.isIdle }
      return used.duration(to: now) < .seconds(60) || bucket.opensAt.map { $0 > now } == true
        || bucket.resetAt.map { $0 > now } == true
    }
    if lastServed.count > 1_000 { lastServed = lastServed.filter { waitingByGuild[$0.key] != nil } }
  }
}
