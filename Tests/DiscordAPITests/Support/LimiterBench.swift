import DiscordAPI

/// A limiter with a time of its own.
struct LimiterBench {
  var limiter: RateLimiter
  var now = ContinuousClock.now
  var lastID: UInt64 = 0

  init(_ configure: (inout RateLimiter.Configuration) -> Void = { _ in }) {
    var configuration = RateLimiter.Configuration()
    configure(&configuration)
    limiter = RateLimiter(configuration: configuration)
  }

  mutating func ask(
    _ method: String, _ path: String, guild: String = "1", priority: RequestPriority = .poll,
    fields: FieldGroups = .other
  ) -> (id: UInt64, actions: [RateLimiter.Action]) {
    lastID += 1
    let ask = RateLimiter.Ask(
      id: lastID, route: Route(method: method, path: path), guild: guild, priority: priority,
      fields: fields)
    return (lastID, limiter.asked(ask, at: now))
  }

  mutating func answer(_ id: UInt64, _ headers: RateLimitHeaders) -> [RateLimiter.Action] {
    limiter.finished(id, .answered(headers), at: now)
  }

  mutating func limit(
    _ id: UInt64, _ scope: RateLimitNotice.Scope, _ wait: Duration,
    _ headers: RateLimitHeaders = RateLimitHeaders()
  ) -> [RateLimiter.Action] {
    limiter.finished(
      id, .limited(RateLimitNotice(scope: scope, wait: wait, headers: headers)), at: now)
  }

  mutating func pass(_ duration: Duration) -> [RateLimiter.Action] {
    now = now.advanced(by: duration)
    return limiter.timePassed(at: now)
  }
}

/// Headers by bucket, limit, requests left, and seconds until the reset.
func headers(
  _ bucket: String? = "h", _ limit: Int, _ remaining: Int, _ after: Double
) -> RateLimitHeaders {
  var headers = RateLimitHeaders()
  headers.bucket = bucket
  headers.limit = limit
  headers.remaining = remaining
  headers.resetAfter = .milliseconds(Int(after * 1_000))
  return headers
}

/// The wait with which a request was handed back.
func isRequeued(_ actions: [RateLimiter.Action], _ id: UInt64) -> Duration? {
  for case .requeue(id, let after, _) in actions { return after }
  return nil
}
