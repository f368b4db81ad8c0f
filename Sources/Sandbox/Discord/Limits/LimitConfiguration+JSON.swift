package import JSONValue

/// The form of `GET` and `PUT /control/limits`.
extension LimitConfiguration {
  /// All settings.
  package var json: JSONValue {
    var routes: [String: JSONValue] = [:]
    for (operation, rule) in self.routes { routes[operation.rawValue] = rule.json }
    return [
      "mode": .string(mode.rawValue), "global": .integer(Int64(global)),
      "default": fallback.json, "routes": .object(routes),
      "subLimits": .object(subLimits.mapValues(\.json)),
      "headers": .string(headers.rawValue), "scopeAlways": .bool(showsScopeAlways),
      "dateSkew": .double(Double(dateSkew) / 1_000_000),
      "invalid": [
        "limit": .integer(Int64(invalidLimit)),
        "window": .double(Double(invalidWindow) / 1_000_000),
        "ban": .double(Double(banDuration) / 1_000_000),
      ],
      "cloudflare": cloudflare.map { block -> JSONValue in
        [
          "status": .integer(Int64(block.status)),
          "retryAfter": block.retryAfter.map { .integer(Int64($0)) } ?? .null,
        ]
      } ?? .null,
    ]
  }

  /// Takes over the settings that the value has; others stay. Complains about what it does not
  /// understand, and then changes nothing.
  package mutating func apply(_ json: JSONValue) throws(ControlError) {
    let sent = try ControlBody(
      json,
      members: [
        "mode", "global", "default", "routes", "subLimits", "headers", "scopeAlways", "dateSkew",
        "invalid", "cloudflare",
      ])
    var result = self
    result.mode = try sent.choice("mode") ?? mode
    result.global = Int(try sent.whole("global", in: 0...1_000_000) ?? Int64(global))
    result.headers = try sent.choice("headers") ?? headers
    result.showsScopeAlways = try sent.truth("scopeAlways") ?? showsScopeAlways
    result.dateSkew = try sent.seconds("dateSkew", in: -1e9...1e9) ?? dateSkew
    if let rule = try sent.object("default", members: Rule.members) {
      result.fallback = try Rule(members: rule, base: fallback)
    }
    if let routes = try sent.object("routes", members: DiscordOperation.allCases.map(\.rawValue)) {
      for operation in DiscordOperation.allCases where routes.names.contains(operation.rawValue) {
        guard routes[operation.rawValue] != .null else {
          result.routes[operation] = nil
          continue
        }
        result.routes[operation] = try routes.object(operation.rawValue, members: Rule.members)
          .map { rule throws(ControlError) in
            try Rule(members: rule, base: result.rule(for: operation))
          }
      }
    }
    if let fields = try sent.object("subLimits", members: Self.patchedFields) {
      result.subLimits = [:]
      for field in fields.names.sorted() {
        guard let rule = try fields.object(field, members: Rule.members) else { continue }
        result.subLimits[field] = try Rule(members: rule, base: Rule(limit: 2, window: 600))
      }
    }
    if let invalid = try sent.object("invalid", members: ["limit", "window", "ban"]) {
      let limit = try invalid.whole("limit", in: 0...1_000_000_000)
      result.invalidLimit = limit.map { Int($0) } ?? invalidLimit
      result.invalidWindow = try invalid.seconds("window", in: Rule.windows) ?? invalidWindow
      result.banDuration =
        try invalid.seconds("ban", in: 0...Rule.windows.upperBound) ?? banDuration
    }
    switch sent["cloudflare"] {
    case nil: break
    case .null?, .bool(false)?: result.cloudflare = nil
    case .bool(true)?: result.cloudflare = Cloudflare()
    case .some:
      result.cloudflare = try sent.object("cloudflare", members: Cloudflare.members).map {
        block throws(ControlError) in try Cloudflare(members: block)
      }
    }
    self = result
  }

  /// Members of PATCH channel, any of which can have a hidden budget.
  private static let patchedFields = ChannelType.allCases.reduce(into: Set<String>()) {
    $0.formUnion($1.fields(creating: false))
  }
}

extension LimitConfiguration.Rule {
  fileprivate var json: JSONValue {
    var result: JSONValue = [
      "limit": .integer(Int64(limit)), "window": .double(Double(window) / 1_000_000),
      "major": .string(major.rawValue), "scope": .string(isShared ? "shared" : "user"),
    ]
    if let hash { result["hash"] = .string(hash) }
    if let mode { result["mode"] = .string(mode.rawValue) }
    if let headers { result["headers"] = .string(headers.rawValue) }
    return result
  }

  /// What a rule can say.
  static let members = ["limit", "window", "major", "scope", "hash", "mode", "headers"]
  /// Shortest and longest window, in seconds: a millisecond, a year.
  static let windows = 0.001...31_536_000

  fileprivate init(members sent: ControlBody, base: Self) throws(ControlError) {
    self = base
    limit = Int(try sent.whole("limit", in: 1...1_000_000) ?? Int64(limit))
    window = try sent.seconds("window", in: Self.windows) ?? window
    major = try sent.choice("major") ?? major
    let scope: BudgetScope? = try sent.choice("scope")
    isShared = scope.map { $0 == .shared } ?? isShared
    hash = try sent.text("hash") ?? hash
    mode = try sent.choice("mode") ?? mode
    headers = try sent.choice("headers") ?? headers
  }

  /// The scopes that the budget of a route can have.
  private enum BudgetScope: String, CaseIterable {
    case user
    case shared
  }
}

extension LimitConfiguration.Cloudflare {
  /// What a block can say.
  static let members = ["status", "retryAfter"]

  /// A block from `{"status", "retryAfter"}`; `retryAfter` may be null.
  init(members sent: ControlBody) throws(ControlError) {
    self.init()
    status = Int(try sent.whole("status", in: FaultKind.errors) ?? Int64(status))
    guard sent["retryAfter"] != .null else { return }
    retryAfter = try sent.whole("retryAfter", in: 0...31_536_000).map { Int($0) }
  }
}
