package import JSONValue

/// What can be made to go wrong with a request.
package enum FaultKind: Sendable, Hashable {
  /// An error of Discord's own, and the request is not performed.
  case statusBeforeCommit(Int)
  /// An error of Discord's own although the request was performed.
  case statusAfterCommit(Int)
  /// The connection is reset and the request is not performed.
  case resetBeforeCommit
  /// The connection is reset although the request was performed: its answer is lost.
  case resetAfterCommit
  /// Performed; the connection ends in the middle of the answer's body.
  case resetMidBody
  /// Performed; the answer comes late, by milliseconds between these.
  case latency(minimum: Int64, maximum: Int64)
  /// Performed; half of the JSON, with a length that says it is all.
  case truncatedJSON
  /// Performed; an answer that says it is JSON and is not.
  case invalidJSON
  /// Performed; status 200 and a page of HTML.
  case html
  /// 429 with this scope, "sub-limit" for one that only `retry_after` shows.
  case rateLimited(scope: String, retryAfter: Double, hasHeader: Bool)
  /// A block by the network before Discord.
  case cloudflare(LimitConfiguration.Cloudflare)
  /// 403 with 40333, as for a `User-Agent` that is not Discord's form.
  case blockedUserAgent
  /// 401.
  case tokenRevoked
  /// 404 with 10004 although the bot is in the guild.
  case unknownGuild
  /// A read is answered as of this many milliseconds ago.
  case staleRead(Int64)
  /// Audit log entries show only after this many milliseconds.
  case auditLogDelay(Int64)
  /// A PUT of an overwrite this many milliseconds after the channel's creation has no effect;
  /// with `isShown`, reads show it all the same.
  case overwriteSwallowed(within: Int64, isShown: Bool)

  /// The values of `kind`.
  private enum Name: String, CaseIterable {
    case statusBeforeCommit = "status-before-commit"
    case statusAfterCommit = "status-after-commit"
    case resetBeforeCommit = "reset-before-commit"
    case resetAfterCommit = "reset-after-commit"
    case resetMidBody = "reset-mid-body"
    case latency
    case truncatedJSON = "truncated-json"
    case invalidJSON = "invalid-json"
    case html
    case rateLimited = "rate-limited"
    case cloudflare
    case blockedUserAgent = "blocked-user-agent"
    case tokenRevoked = "token-revoked"
    case unknownGuild = "unknown-guild"
    case staleRead = "stale-read"
    case auditLogDelay = "audit-log-delay"
    case overwriteSwallowed = "overwrite-swallowed"

    /// The members that mean something beside `kind`.
    var members: [String] {
      switch self {
      case .statusBeforeCommit, .statusAfterCommit: ["status"]
      case .latency: ["milliseconds", "maximum"]
      case .rateLimited: ["scope", "retryAfter", "header"]
      case .cloudflare: LimitConfiguration.Cloudflare.members
      case .staleRead, .auditLogDelay: ["milliseconds"]
      case .overwriteSwallowed: ["milliseconds", "shown"]
      case .resetBeforeCommit, .resetAfterCommit, .resetMidBody, .truncatedJSON, .invalidJSON,
        .html, .blockedUserAgent, .tokenRevoked, .unknownGuild:
        []
      }
    }
  }

  /// The scopes of `rate-limited`.
  private enum Scope: String, CaseIterable {
    case user
    case global
    case shared
    case hidden = "sub-limit"
  }

  /// Statuses that an error can have.
  static let errors: ClosedRange<Int64> = 400...599
  /// Longest time of a fault: a day.
  private static let day: Int64 = 86_400_000

  /// A kind from `{"kind", …}`.
  package init(json: JSONValue) throws(ControlError) {
    let name: Name = try ControlError.choice(json["kind"] ?? .null, "fault.kind")
    let fault = try ControlBody(json, at: "fault", members: ["kind"] + name.members)
    func milliseconds() throws(ControlError) -> Int64 {
      try fault.required(
        "milliseconds", try fault.whole("milliseconds", in: 0...Self.day))
    }
    switch name {
    case .statusBeforeCommit:
      self = .statusBeforeCommit(Int(try fault.whole("status", in: Self.errors) ?? 500))
    case .statusAfterCommit:
      self = .statusAfterCommit(Int(try fault.whole("status", in: Self.errors) ?? 500))
    case .resetBeforeCommit: self = .resetBeforeCommit
    case .resetAfterCommit: self = .resetAfterCommit
    case .resetMidBody: self = .resetMidBody
    case .latency:
      let minimum = try milliseconds()
      let maximum = try fault.whole("maximum", in: minimum...Self.day) ?? minimum
      self = .latency(minimum: minimum, maximum: maximum)
    case .truncatedJSON: self = .truncatedJSON
    case .invalidJSON: self = .invalidJSON
    case .html: self = .html
    case .rateLimited:
      let scope: Scope = try fault.choice("scope") ?? .user
      let wait = try fault.seconds("retryAfter", in: 0...604_800) ?? 1_000_000
      self = .rateLimited(
        scope: scope.rawValue, retryAfter: Double(wait) / 1_000_000,
        hasHeader: try fault.truth("header") ?? true)
    case .cloudflare: self = .cloudflare(try .init(members: fault))
    case .blockedUserAgent: self = .blockedUserAgent
    case .tokenRevoked: self = .tokenRevoked
    case .unknownGuild: self = .unknownGuild
    case .staleRead: self = .staleRead(try milliseconds())
    case .auditLogDelay: self = .auditLogDelay(try milliseconds())
    case .overwriteSwallowed:
      self = .overwriteSwallowed(
        within: try milliseconds(), isShown: try fault.truth("shown") ?? false)
    }
  }
}
