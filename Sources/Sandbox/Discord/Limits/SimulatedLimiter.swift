import JSONValue

/// What a 429 is about; the raw value is the header `X-RateLimit-Scope`.
package enum LimitScope: String, Sendable {
  case user
  case global
  case shared
}

/// Keeps every budget and decides on every request. Without clock: the time comes with the call.
struct SimulatedLimiter: Sendable {
  /// The decision on one request.
  enum Decision: Sendable {
    case allowed(headers: [SimulatedHeader])
    case refused(LimitScope, retryAfter: Int64, headers: [SimulatedHeader], wasAnnounced: Bool)
  }

  private struct Key: Hashable {
    var token: String
    var operation: DiscordOperation
    var major: String
    var field: String
  }

  var configuration = LimitConfiguration()
  private var buckets: [Key: LimitBucket] = [:]
  private var globalWindows: [String: LimitBucket] = [:]
  private var globalCounts: [String: SlidingCount] = [:]
  private var invalid = SlidingCount()
  private var bannedUntil: Int64 = 0

  /// Whether the address is banned for too many invalid requests; seconds left.
  func ban(now: SimulatedTime) -> Int? {
    guard now.microseconds < bannedUntil else { return nil }
    return Int((bannedUntil - now.microseconds) / 1_000_000) + 1
  }

  /// Counts an answer of 401, 403 or 429.
  mutating func countInvalid(now: SimulatedTime) {
    let count = invalid.count(
      within: configuration.invalidWindow, now: now.microseconds)
    invalid.add(now.microseconds)
    if count + 1 > configuration.invalidLimit {
      bannedUntil = now.microseconds + configuration.banDuration
    }
  }

  /// Forgets all budgets, counts and bans.
  mutating func reset() {
    let kept = configuration
    self = SimulatedLimiter()
    configuration = kept
  }

  mutating func admit(
    token: String, _ operation: DiscordOperation, major: String?, body: JSONValue?,
    now: SimulatedTime
  ) -> Decision {
    guard configuration.mode != .none else { return .allowed(headers: []) }
    if let wait = takeGlobal(token, now) {
      return .refused(.global, retryAfter: wait, headers: [], wasAnnounced: false)
    }
    let rule = configuration.rule(for: operation)
    let mode = rule.mode ?? configuration.mode
    let key = Key(
      token: token, operation: operation,
      major: rule.major == .resource ? major ?? "" : "", field: "")
    var bucket = buckets[key] ?? LimitBucket()
    let taken = bucket.take(
      limit: rule.limit, window: rule.window, mode: mode, now: now.microseconds)
    let wasAnnounced = now.microseconds < bucket.announcedUntil
    if taken.isAllowed, taken.remaining == 0, rule.headers ?? configuration.headers == .on {
      bucket.announcedUntil =
        now.microseconds
        + (mode == .sliding ? rule.window / Int64(max(rule.limit, 1)) : taken.resetAfter)
    }
    buckets[key] = bucket
    let headers = headers(rule, operation, key.major, taken, now)
    guard taken.isAllowed else {
      return .refused(
        rule.isShared ? .shared : .user, retryAfter: taken.retryAfter, headers: headers,
        wasAnnounced: wasAnnounced)
    }
    if operation == .updateChannel, let wait = takeSubLimits(key, body, mode, now) {
      return .refused(.user, retryAfter: wait, headers: headers, wasAnnounced: false)
    }
    return .allowed(headers: headers)
  }

  /// Fixed: 50 in a second that begins with the first. Sliding: 50 in any second.
  private mutating func takeGlobal(_ token: String, _ now: SimulatedTime) -> Int64? {
    let limit = configuration.global
    guard limit > 0 else { return nil }
    if configuration.mode == .fixed {
      let taken = globalWindows[token, default: LimitBucket()].take(
        limit: limit, window: 1_000_000, mode: .fixed, now: now.microseconds)
      return taken.isAllowed ? nil : taken.retryAfter
    }
    var count = globalCounts[token] ?? SlidingCount()
    defer { globalCounts[token] = count }
    guard count.count(within: 1_000_000, now: now.microseconds) < limit else {
      return (count.oldest ?? now.microseconds) + 1_000_000 - now.microseconds
    }
    count.add(now.microseconds)
    return nil
  }

  /// The wait for the first hidden budget that is used up. A key counts whether or not its value
  /// changes anything (unknown with Discord; the stricter reading).
  private mutating func takeSubLimits(
    _ key: Key, _ body: JSONValue?, _ mode: LimitConfiguration.Mode, _ now: SimulatedTime
  ) -> Int64? {
    for field in configuration.subLimits.keys.sorted() where body?[field] != nil {
      guard let rule = configuration.subLimits[field] else { continue }
      var own = key
      own.field = field
      let taken = buckets[own, default: LimitBucket()].take(
        limit: rule.limit, window: rule.window, mode: rule.mode ?? mode, now: now.microseconds)
      if !taken.isAllowed { return taken.retryAfter }
    }
    return nil
  }

  private func headers(
    _ rule: LimitConfiguration.Rule, _ operation: DiscordOperation, _ major: String,
    _ taken: LimitBucket.Taken, _ now: SimulatedTime
  ) -> [SimulatedHeader] {
    let kind = rule.headers ?? configuration.headers
    guard kind != .off else { return [] }
    let isLying = kind == .lying && taken.isAllowed
    let remaining = isLying ? max(rule.limit - 1, 1) : taken.remaining
    let reset = now.microseconds + configuration.dateSkew + taken.resetAfter
    var result = [
      SimulatedHeader("X-RateLimit-Limit", String(rule.limit)),
      SimulatedHeader("X-RateLimit-Remaining", String(remaining)),
      SimulatedHeader("X-RateLimit-Reset", Self.seconds(reset)),
      SimulatedHeader("X-RateLimit-Reset-After", Self.seconds(taken.resetAfter)),
      SimulatedHeader("X-RateLimit-Bucket", rule.hash ?? Self.hash(of: operation)),
    ]
    if configuration.showsScopeAlways {
      result.append(SimulatedHeader("X-RateLimit-Scope", rule.isShared ? "shared" : "user"))
    }
    return result
  }

  /// The name of a route's bucket.
  static func hash(of operation: DiscordOperation) -> String { hashes[operation] ?? "" }

  private static let hashes = Dictionary(
    uniqueKeysWithValues: DiscordOperation.allCases.map {
      let text = $0.rawValue.utf8
      let hash =
        ImageData.hex(ImageData.fnv(text, basis: 0xcbf2_9ce4_8422_2325))
        + ImageData.hex(ImageData.fnv(text, basis: 0x51ed))
      return ($0, hash)
    })

  /// Seconds with three decimals, rounded up: who waits as long as told is never too early.
  static func seconds(_ microseconds: Int64) -> String {
    let milliseconds = (max(0, microseconds) + 999) / 1_000
    let fraction = String(milliseconds % 1_000)
    let zeros = String(repeating: "0", count: 3 - fraction.utf8.count)
    return "\(milliseconds / 1_000).\(zeros)\(fraction)"
  }
}
