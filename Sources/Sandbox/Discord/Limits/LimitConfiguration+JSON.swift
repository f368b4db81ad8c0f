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
    var result = self
    for (key, value) in json.objectValue ?? [:] {
      switch key {
      case "mode": result.mode = try ControlError.choice(value, key)
      case "global": result.global = Int(try ControlError.number(value, key))
      case "default": result.fallback = try Rule(json: value, base: result.fallback)
      case "routes":
        for (name, rule) in value.objectValue ?? [:] {
          let operation: DiscordOperation = try ControlError.choice(.string(name), key)
          result.routes[operation] =
            rule.isNull ? nil : try Rule(json: rule, base: result.rule(for: operation))
        }
      case "subLimits":
        result.subLimits = [:]
        for (field, rule) in value.objectValue ?? [:] {
          result.subLimits[field] = try Rule(json: rule, base: Rule(limit: 2, window: 600))
        }
      case "headers": result.headers = try ControlError.choice(value, key)
      case "scopeAlways": result.showsScopeAlways = value.boolValue ?? false
      case "dateSkew": result.dateSkew = Int64(try ControlError.number(value, key) * 1_000_000)
      case "invalid":
        if let limit = value["limit"]?.integerValue { result.invalidLimit = Int(limit) }
        if let window = value["window"]?.doubleValue {
          result.invalidWindow = Int64(window * 1_000_000)
        }
        if let ban = value["ban"]?.doubleValue { result.banDuration = Int64(ban * 1_000_000) }
      case "cloudflare": result.cloudflare = Cloudflare(json: value)
      default: throw ControlError(message: "unknown setting \"\(key)\"")
      }
    }
    self = result
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

  fileprivate init(json: JSONValue, base: Self) throws(ControlError) {
    self = base
    for (key, value) in json.objectValue ?? [:] {
      switch key {
      case "limit": limit = max(1, Int(try ControlError.number(value, key)))
      case "window": window = Int64(try ControlError.number(value, key) * 1_000_000)
      case "major": major = try ControlError.choice(value, key)
      case "scope": isShared = value.stringValue == "shared"
      case "hash": hash = value.stringValue
      case "mode": mode = try ControlError.choice(value, key)
      case "headers": headers = try ControlError.choice(value, key)
      default: throw ControlError(message: "unknown setting \"\(key)\" of a limit")
      }
    }
  }
}

extension LimitConfiguration.Cloudflare {
  /// A block from `{"status", "retryAfter"}` or true; nil from null and false.
  init?(json: JSONValue) {
    guard !json.isNull, json != false else { return nil }
    self.init()
    if let status = json["status"]?.integerValue { self.status = Int(status) }
    retryAfter = json["retryAfter"]?.integerValue.map { Int($0) }
  }
}
