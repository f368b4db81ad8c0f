extension RateLimiter {
  /// Until a route's hash is known all its majors share one bucket, so that one request finds out.
  func bucketKey(of route: Route) -> BucketKey {
    guard let identity = identities[route.template] else {
      return BucketKey(identity: route.template, major: "*")
    }
    return BucketKey(identity: identity, major: route.major)
  }

  func makeBucket(_ key: BucketKey) -> RateLimitBucket {
    var bucket = RateLimitBucket()
    if headerless.contains(key.identity) { bucket.knowledge = .headerless }
    let facts = facts[key.identity]
    if let window = facts?.window {
      bucket.window = window
      bucket.knowsWindow = true
    }
    bucket.countsOwn = facts?.countsOwn ?? false
    bucket.refill.isRefuted = facts?.hasNoSlots ?? false
    return bucket
  }

  /// Takes in what an answer of Discord's own says, or that it says nothing.
  mutating func learn(_ headers: RateLimitHeaders, from flight: Flight, _ now: Instant) {
    let route = flight.ask.route
    guard !headers.isEmpty else { return learnSilence(flight, now) }
    holdsGlobalLimit = true
    let key = identify(route, headers)
    var bucket = buckets[key] ?? makeBucket(key)
    bucket.refresh(now)
    bucket.limitedInARow = 0
    let alone =
      key == flight.key
      ? flight.othersAtStart == 0 && flight.startNumber == bucket.starts
      : bucket.inFlight == 0
    bucket.learn(
      RateLimitBucket.Answer(
        route: route.template, headers: headers, alone: alone, startedAt: flight.startedAt),
      margin: resetMargin, now)
    bucket.lastUsed = now
    buckets[key] = bucket
    facts[key.identity, default: BucketFacts()].window = bucket.knowsWindow ? bucket.window : nil
  }

  /// See `Configuration.margin`.
  private var resetMargin: Duration {
    max(configuration.leastMargin, configuration.margin - (travel.shortest ?? .zero))
  }

  /// Names the route's bucket after the answer's hash and moves what waits under the old name.
  private mutating func identify(_ route: Route, _ headers: RateLimitHeaders) -> BucketKey {
    let identity = headers.bucket.map { "#" + $0 } ?? route.template
    headerless.remove(route.template)
    if identities[route.template] != identity {
      let old = identities[route.template]
      identities[route.template] = identity
      move(waitingFor: route.template, from: old ?? route.template)
    } else if buckets[bucketKey(of: route)]?.knowledge == .headerless {
      for key in buckets.keys where key.identity == route.template {
        buckets[key]?.knowledge = .unconfirmed
      }
    }
    return bucketKey(of: route)
  }

  private mutating func move(waitingFor template: String, from identity: String) {
    for key in waitingKeys where key.identity == identity {
      guard let waiting = buckets[key]?.waiting else { continue }
      let moving = waiting.filter { $0.route.template == template }
      guard !moving.isEmpty else { continue }
      buckets[key]?.waiting.removeAll { $0.route.template == template }
      if buckets[key]?.waiting.isEmpty == true { waitingKeys.remove(key) }
      for ask in moving {
        let target = bucketKey(of: ask.route)
        var bucket = buckets[target] ?? makeBucket(target)
        bucket.waiting.append(ask)
        buckets[target] = bucket
        waitingKeys.insert(target)
      }
    }
  }

  /// An answer without any header: the route has no limit that one could know. Where headers are
  /// known, one silent answer is an accident and three in a row a change.
  private mutating func learnSilence(_ flight: Flight, _ now: Instant) {
    let template = flight.ask.route.template
    guard identities[template] != nil else {
      identities[template] = template
      headerless.insert(template)
      return move(waitingFor: template, from: template)
    }
    guard !headerless.contains(template) else {
      buckets[flight.key]?.limitedInARow = 0
      return
    }
    let key = bucketKey(of: flight.ask.route)
    guard var bucket = buckets[key] else { return }
    bucket.silentInARow += 1
    if bucket.silentInARow >= 3 {
      bucket.knowledge = .headerless
      bucket.resetAt = nil
      bucket.silentInARow = 0
      if key.identity == template { headerless.insert(template) }
    } else if bucket.knowledge == .unconfirmed || bucket.remaining == 0, bucket.resetAt == nil {
      // The slot was used, and nobody said when it comes back.
      bucket.resetAt = now.advanced(by: bucket.window)
    }
    buckets[key] = bucket
  }

  /// Holds what a 429 says must be held: the token, the bucket, or one route's fields.
  mutating func obey(_ notice: RateLimitNotice, from flight: Flight, _ now: Instant) {
    let route = flight.ask.route
    if notice.scope == .global {
      holdsGlobalLimit = true
      let end = now.advanced(by: (notice.wait ?? .seconds(1)) + configuration.margin)
      pausedUntil = max(end, pausedUntil ?? end)
      return
    }
    let key = notice.headers.isEmpty ? bucketKey(of: route) : identify(route, notice.headers)
    var bucket = buckets[key] ?? makeBucket(key)
    if let limit = notice.headers.limit { bucket.limit = limit }
    bucket.limitedInARow += 1
    bucket.lastUsed = now
    let end = now.advanced(by: wait(notice, limitedInARow: bucket.limitedInARow))
    if notice.scope == .sublimit {
      for group in [FieldGroups.name, .topic, .other] where flight.ask.fields.contains(group) {
        // Which of several groups it was nobody says; a group alone is held by its own.
        let park = ParkKey(template: route.template, major: route.major, group: group.rawValue)
        if group == .other, flight.ask.fields != .other { continue }
        parked[park] = max(end, parked[park] ?? end)
      }
    } else {
      bucket.blockedUntil = max(end, bucket.blockedUntil ?? end)
      if notice.scope == .user {
        bucket.remaining = 0
        bucket.resetAt = max(end, bucket.resetAt ?? end)
        bucket.end = nil
        bucket.countsOwn = true
        bucket.refill.refute()
        facts[key.identity, default: BucketFacts()].countsOwn = true
        facts[key.identity]?.hasNoSlots = bucket.refill.isRefuted
        if bucket.knowledge == .headerless { bucket.resetAt = nil }
      }
    }
    buckets[key] = bucket
  }

  /// What the 429 asks for; a second where it asks for nothing. 429s in a row mean that somebody
  /// counts differently: the margin doubles each time, to 5 s.
  private func wait(_ notice: RateLimitNotice, limitedInARow: Int) -> Duration {
    let doubled = configuration.margin * (1 << min(limitedInARow - 1, 10))
    let asked = notice.wait ?? max(notice.headers.resetAfter ?? .zero, .seconds(1))
    return asked + min(doubled, .seconds(5))
  }
}
