package import JSONValue

/// What a client cost and did wrong: the numbers that clients are compared by.
package struct DiscordScore: Sendable {
  /// Every request, also those refused.
  package private(set) var requests = 0
  private var byRoute: [String: Int] = [:]
  private var byStatus: [String: Int] = [:]
  private var rateLimited: [LimitScope: Int] = [:]
  /// Answers of 429 that an earlier answer had announced with `Remaining: 0`.
  private var announced = 0
  private var invalid = 0
  private var highestPerSecond = 0
  private var ignoredKeys: [String: Int] = [:]
  private var recent = SlidingCount()

  /// A score of nothing.
  package init() {}

  /// Counts an arrival.
  mutating func arrived(_ route: String, now: SimulatedTime) {
    requests += 1
    byRoute[route, default: 0] += 1
    recent.add(now.microseconds)
    let count = recent.count(within: 1_000_000, now: now.microseconds)
    highestPerSecond = max(highestPerSecond, count)
  }

  /// Counts an answer; status 0 stands for a reset.
  mutating func answered(_ status: Int) {
    byStatus[status == 0 ? "reset" : String(status), default: 0] += 1
  }

  mutating func countLimit(_ scope: LimitScope, wasAnnounced: Bool) {
    rateLimited[scope, default: 0] += 1
    if wasAnnounced { announced += 1 }
  }

  mutating func countInvalid() { invalid += 1 }

  mutating func countIgnored(_ keys: [String], route: String) {
    for key in keys { ignoredKeys["\(route) \(key)", default: 0] += 1 }
  }

  /// The form of `GET /control/score`; `duplicates` come from the world.
  package func json(duplicates: [JSONValue]) -> JSONValue {
    func counts(_ numbers: [String: Int]) -> JSONValue {
      .object(numbers.mapValues { .integer(Int64($0)) })
    }
    func limited(_ scope: LimitScope) -> JSONValue { .integer(Int64(rateLimited[scope] ?? 0)) }
    return [
      "requests": .integer(Int64(requests)), "byRoute": counts(byRoute),
      "byStatus": counts(byStatus),
      "rateLimited": [
        "user": limited(.user), "global": limited(.global), "shared": limited(.shared),
      ],
      "announced": .integer(Int64(announced)), "invalid": .integer(Int64(invalid)),
      "highestPerSecond": .integer(Int64(highestPerSecond)),
      "ignoredKeys": counts(ignoredKeys), "duplicates": .array(duplicates),
    ]
  }
}

/// The last requests, for people and tests that look at what a client really sent.
package struct RequestLog: Sendable {
  /// One request.
  struct Entry: Sendable {
    var sequence: Int
    var time: SimulatedTime
    var method: String
    var path: String
    var route: String
    /// 0 for a reset.
    var status: Int
    var userAgent: String?
    var reason: String?
  }

  /// Most entries that are kept.
  static let capacity = 10_000

  private var entries: [Entry] = []
  private var next = 1

  /// An empty log.
  package init() {}

  mutating func add(_ request: SimulatedRequest, route: String, status: Int, now: SimulatedTime) {
    let reason = request.auditLogReason.map { PercentEncoding.decode($0) ?? $0 }
    entries.append(
      Entry(
        sequence: next, time: now, method: request.method, path: request.target, route: route,
        status: status, userAgent: request.userAgent, reason: reason))
    next += 1
    if entries.count > Self.capacity + Self.capacity / 10 {
      entries.removeFirst(entries.count - Self.capacity)
    }
  }

  /// Entries with a higher sequence number than this.
  package func json(since sequence: Int) -> JSONValue {
    .array(
      entries.drop { $0.sequence <= sequence }.map { entry in
        [
          "seq": .integer(Int64(entry.sequence)), "time": .string(entry.time.rfc3339),
          "method": .string(entry.method), "path": .string(entry.path),
          "route": .string(entry.route), "status": .integer(Int64(entry.status)),
          "user_agent": entry.userAgent.map { .string($0) } ?? .null,
          "reason": entry.reason.map { .string($0) } ?? .null,
        ]
      })
  }
}
