package import JSONValue

/// When something goes wrong: which requests match, and which of those are hit.
package struct FaultRule: Sendable {
  /// Given by the plan.
  package let id: Int
  /// The rule as it was sent, for listings.
  let source: JSONValue
  var method: String?
  var route: String?
  var guild: Snowflake?
  var token: String?
  /// Hit the nth match (from 1) and those after it, `count` in all.
  var nth: Int?
  /// Hit so many and no more; 1 when there is `nth`, else without end.
  var count: Int?
  /// Hit a match with this chance, 0 to 1.
  var probability: Double?
  /// After this time no more.
  var until: SimulatedTime?
  let kind: FaultKind
  /// How many requests matched and were hit.
  var matched = 0
  var hits = 0

  /// A rule from `{"method", "route", "guild", "token", "nth", "count", "probability", "seconds",
  /// "fault": {"kind", …}}`.
  init(id: Int, json: JSONValue, now: SimulatedTime) throws(ControlError) {
    self.id = id
    source = json
    let rule = try ControlBody(
      json,
      members: [
        "method", "route", "guild", "token", "nth", "count", "probability", "seconds", "fault",
      ])
    kind = try FaultKind(json: try rule.required("fault", rule["fault"]))
    method = try Self.method(rule)
    route = try rule.text("route")
    if let route, !Self.isKnown(route, method: method) {
      throw rule.complaint(
        "route",
        "must be a template that GET /control/routes lists, such as /guilds/{}/channels, with the "
          + "method if there is one")
    }
    guild = try rule.snowflake("guild")
    token = try rule.text("token")
    nth = try rule.whole("nth", in: 1...Self.most).map { Int($0) }
    count = try rule.whole("count", in: 1...Self.most).map { Int($0) } ?? (nth == nil ? nil : 1)
    probability = try rule.chance("probability")
    until = try rule.seconds("seconds", in: 0...Self.longest).map {
      now.advanced(by: .microseconds($0))
    }
  }

  /// Highest `nth` and `count`.
  private static let most: Int64 = 1_000_000_000
  /// Highest `seconds`: a year.
  private static let longest = 31_536_000.0

  private static func method(_ rule: ControlBody) throws(ControlError) -> String? {
    guard let sent = try rule.text("method")?.uppercased() else { return nil }
    let methods = Set(DiscordOperation.allCases.map(\.method))
    guard methods.contains(sent) else {
      throw rule.complaint(
        "method", "must be one of \(methods.sorted().joined(separator: ", "))")
    }
    return sent
  }

  private static func isKnown(_ route: String, method: String?) -> Bool {
    DiscordOperation.allCases.contains {
      ($0.template == route || $0.rawValue == route) && (method == nil || $0.method == method)
    }
  }

  func matches(_ target: FaultPlan.Target, now: SimulatedTime) -> Bool {
    if let method, method != target.method { return false }
    if let route {
      guard let operation = target.operation,
        operation.template == route || operation.rawValue == route
      else { return false }
    }
    if let guild, guild != target.guild { return false }
    if let token, token != target.token { return false }
    if let until, now >= until { return false }
    return true
  }

  /// The rule and its counters.
  var json: JSONValue {
    var result = source
    result["id"] = .integer(Int64(id))
    result["matched"] = .integer(Int64(matched))
    result["hits"] = .integer(Int64(hits))
    return result
  }
}

/// All rules, and the chance that decides for those with a probability: seeded, so that a run can
/// be repeated.
package struct FaultPlan: Sendable {
  /// What rules look at.
  struct Target: Sendable {
    var method: String
    var operation: DiscordOperation?
    var guild: Snowflake?
    var token: String?
  }

  /// In the order in which they were made.
  private(set) var rules: [FaultRule] = []
  private var nextID = 1
  private var random: SplitMix

  /// A plan without rules.
  package init(seed: UInt64) { random = SplitMix(state: seed) }

  /// Whether any rule needs old states of guilds; for how long, in milliseconds.
  var longestStaleRead: Int64 {
    rules.map { if case .staleRead(let age) = $0.kind { age } else { 0 } }.max() ?? 0
  }

  /// Adds a rule and gives its identifier.
  package mutating func add(_ json: JSONValue, now: SimulatedTime) throws(ControlError) -> Int {
    let rule = try FaultRule(id: nextID, json: json, now: now)
    nextID += 1
    rules.append(rule)
    return rule.id
  }

  /// Takes one rule away, or all.
  package mutating func remove(_ id: Int?) -> Bool {
    let before = rules.count
    rules.removeAll { id == nil || $0.id == id }
    return id == nil || rules.count < before
  }

  /// Counts a request and gives the faults that hit it.
  mutating func hits(_ target: Target, now: SimulatedTime) -> [FaultKind] {
    guard !rules.isEmpty else { return [] }
    var result: [FaultKind] = []
    for index in rules.indices where rules[index].matches(target, now: now) {
      rules[index].matched += 1
      let rule = rules[index]
      if let nth = rule.nth, rule.matched < nth { continue }
      if let count = rule.count, rule.hits >= count { continue }
      if let probability = rule.probability, random.unit() >= probability { continue }
      rules[index].hits += 1
      result.append(rule.kind)
    }
    return result
  }

  /// A whole number between two, both included.
  mutating func number(from minimum: Int64, to maximum: Int64) -> Int64 {
    guard maximum > minimum else { return minimum }
    return minimum + Int64(random.unit() * Double(maximum - minimum + 1))
  }

  /// All rules with their counters.
  package var json: JSONValue { .array(rules.map(\.json)) }
}

/// Steele and others' SplitMix64: small, and the same everywhere.
struct SplitMix: Sendable {
  var state: UInt64

  /// The next number from 0 up to but not including 1.
  mutating func unit() -> Double {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    bits ^= bits >> 31
    return Double(bits >> 11) / 9_007_199_254_740_992
  }
}
