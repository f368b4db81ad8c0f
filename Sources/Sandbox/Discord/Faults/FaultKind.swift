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

  /// A kind from `{"kind", …}`.
  package init(json: JSONValue) throws(ControlError) {
    let milliseconds = json["milliseconds"]?.integerValue ?? 0
    let status = Int(json["status"]?.integerValue ?? 500)
    switch json["kind"]?.stringValue {
    case "status-before-commit": self = .statusBeforeCommit(status)
    case "status-after-commit": self = .statusAfterCommit(status)
    case "reset-before-commit": self = .resetBeforeCommit
    case "reset-after-commit": self = .resetAfterCommit
    case "reset-mid-body": self = .resetMidBody
    case "latency":
      let maximum = json["maximum"]?.integerValue ?? milliseconds
      self = .latency(minimum: milliseconds, maximum: max(milliseconds, maximum))
    case "truncated-json": self = .truncatedJSON
    case "invalid-json": self = .invalidJSON
    case "html": self = .html
    case "rate-limited":
      let scope = json["scope"]?.stringValue ?? "user"
      guard ["user", "global", "shared", "sub-limit"].contains(scope) else {
        throw ControlError(
          message: "\"scope\" must be \"user\", \"global\", \"shared\" or \"sub-limit\"")
      }
      self = .rateLimited(
        scope: scope, retryAfter: json["retryAfter"]?.doubleValue ?? 1,
        hasHeader: json["header"]?.boolValue ?? true)
    case "cloudflare":
      self = .cloudflare(LimitConfiguration.Cloudflare(json: json) ?? .init())
    case "blocked-user-agent": self = .blockedUserAgent
    case "token-revoked": self = .tokenRevoked
    case "unknown-guild": self = .unknownGuild
    case "stale-read": self = .staleRead(milliseconds)
    case "audit-log-delay": self = .auditLogDelay(milliseconds)
    case "overwrite-swallowed":
      self = .overwriteSwallowed(
        within: milliseconds, isShown: json["shown"]?.boolValue ?? false)
    default:
      throw ControlError(
        message: "\"fault.kind\" must be one of " + Self.names.joined(separator: ", "))
    }
  }

  /// Every value of `kind`.
  static let names = [
    "status-before-commit", "status-after-commit", "reset-before-commit", "reset-after-commit",
    "reset-mid-body", "latency", "truncated-json", "invalid-json", "html", "rate-limited",
    "cloudflare", "blocked-user-agent", "token-revoked", "unknown-guild", "stale-read",
    "audit-log-delay", "overwrite-swallowed",
  ]
}
