/// One bucket, for `/debug/state` and metrics.
package struct BucketSnapshot: Sendable, Hashable {
  /// `#hash`, or the route's template until a hash is known.
  package var identity: String
  /// The major parameter.
  package var major: String
  /// Requests a window; nil while unknown.
  package var limit: Int?
  /// Requests that may still start; nil while unknown or where answers show no limit.
  package var remaining: Int?
  /// Time until the window ends.
  package var resetIn: Duration?
  /// Time until a 429's wait ends.
  package var blockedFor: Duration?
  /// Requests started and not answered.
  package var inFlight: Int
  /// Requests that wait inside.
  package var waiting: Int
}

extension RateLimiter {
  /// All buckets, by name.
  package func snapshots(at now: Instant) -> [BucketSnapshot] {
    func left(_ end: Instant?) -> Duration? {
      end.flatMap { $0 > now ? now.duration(to: $0) : nil }
    }
    return buckets.map { key, bucket in
      BucketSnapshot(
        identity: key.identity, major: key.major, limit: bucket.limit,
        remaining: bucket.knowledge == .confirmed ? bucket.remaining : nil,
        resetIn: left(bucket.resetAt), blockedFor: left(bucket.blockedUntil),
        inFlight: bucket.inFlight, waiting: bucket.waiting.count)
    }.sorted { ($0.identity, $0.major) < ($1.identity, $1.major) }
  }

  /// Requests started within the global window, and time until a global 429's wait ends.
  package func globalUse(at now: Instant) -> (used: Int, limit: Int, pausedFor: Duration?) {
    let paused = pausedUntil.flatMap { $0 > now ? now.duration(to: $0) : nil }
    return (global.used(now), configuration.globalLimit, paused)
  }

  /// Requests that wait inside.
  package var waitingCount: Int {
    waitingKeys.reduce(0) { $0 + (buckets[$1]?.waiting.count ?? 0) }
  }
}
