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

  /// Takes in what an answer tells of when its request was at the server. A 429's says nothing of how
  /// long usual answers take.
  mutating func noteArrival(of flight: Flight, isUsual: Bool, _ now: Instant) {
    let time = flight.startedAt.duration(to: now)
    let template = flight.ask.route.template
    if isUsual {
      travel.note(time, at: now)
      travelByRoute[template, default: TravelTime()].note(time, at: now)
    }
    let known = [travelByRoute[template], travel].lazy.compactMap { $0 }
      .first { $0.count >= configuration.tellingAnswers }
    global.answered(
      flight.ask.id,
      late: known?.shortest.map { time - $0 } ?? configuration.latestArrival)
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
      // Which of several groups it was nobody says; a group alone is held by its own.
      let keys = hiddenKeys(of: flight.ask)
      for park in keys.isEmpty ? [parkKey(of: flight.ask, .other)] : keys {
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

  /// Tells the hidden limit how a change ended, and gives whether others have waited for that.
  mutating func noteHidden(_ flight: Flight, _ outcome: Outcome) -> Bool {
    let keys = hiddenKeys(of: flight.ask)
    guard !keys.isEmpty else { return false }
    let isRefused: Bool? =
      switch outcome {
      case .answered: false
      case .limited(let notice): notice.scope == .sublimit ? true : nil
      case .lost: nil
      }
    return hidden.end(flight.ask.id, of: keys, isRefused: isRefused)
  }

  /// The fields of a request that hidden limits of their own hold.
  func hiddenKeys(of ask: Ask) -> [HiddenKey] {
    guard !ask.fields.isDisjoint(with: [.name, .topic]) else { return [] }
    return [FieldGroups.name, .topic].filter { ask.fields.contains($0) }
      .map { parkKey(of: ask, $0) }
  }

  func parkKey(of ask: Ask, _ group: FieldGroups) -> HiddenKey {
    HiddenKey(template: ask.route.template, major: ask.route.major, group: group.rawValue)
  }

  /// What the 429 asks for; a second where it asks for nothing. 429s in a row mean that somebody
  /// counts differently: the margin doubles each time, to 5 s.
  private func wait(_ notice: RateLimitNotice, limitedInARow: Int) -> Duration {
    let doubled = configuration.margin * (1 << min(limitedInARow - 1, 10))
    let asked = notice.wait ?? max(notice.headers.resetAfter ?? .zero, .seconds(1))
    return asked + min(doubled, .seconds(5))
  }
}
