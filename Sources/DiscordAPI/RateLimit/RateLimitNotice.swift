/// A 429, classified.
package struct RateLimitNotice: Sendable, Hashable {
  /// What the 429 is about, as far as the answer alone tells.
  package enum Scope: String, Sendable, Hashable, CaseIterable {
    /// The token's requests altogether.
    case global
    /// This token's bucket.
    case user
    /// The resource's bucket, whoever asks; does not count as an invalid request.
    case shared
    /// A limit that the headers do not show, of certain fields of a route: name and topic of a
    /// channel, two changes in ten minutes (discord-api-docs issues 1900 and 2761). Its 429 shows
    /// `Remaining` above 0, and the true wait only in the body.
    case sublimit
    /// Cloudflare before Discord: no JSON, no `Via`. Concerns the address.
    case cloudflare
  }

  /// What it is about.
  package var scope: Scope
  /// The larger of the body's `retry_after` and `Retry-After`; nil when the answer has neither.
  package var wait: Duration?
  /// The bucket's headers that came with it.
  package var headers: RateLimitHeaders

  /// A notice.
  package init(scope: Scope, wait: Duration?, headers: RateLimitHeaders = RateLimitHeaders()) {
    self.scope = scope
    self.wait = wait
    self.headers = headers
  }

  /// The notice in a 429's headers and body, where `body` is what its JSON object said.
  package init(field: (String) -> String?, body: Body?) {
    let headers = RateLimitHeaders(field)
    let wait = Self.wait(body?.retryAfter, RateLimitHeaders.seconds(field("Retry-After")))
    let scope: Scope
    if body == nil, field("Via") == nil {
      scope = .cloudflare
    } else if body?.isGlobal == true || field("X-RateLimit-Global")?.lowercased() == "true"
      || field("X-RateLimit-Scope") == "global"
    {
      scope = .global
    } else if field("X-RateLimit-Scope") == "shared" {
      scope = .shared
    } else if let remaining = headers.remaining, remaining > 0 {
      scope = .sublimit
    } else {
      scope = .user
    }
    self.init(scope: scope, wait: wait, headers: headers)
  }

  /// The longer of both; the body's where the header only rounds it up to a whole second.
  private static func wait(_ body: Duration?, _ header: Duration?) -> Duration? {
    guard let body, let header else { return body ?? header }
    return header - body < .seconds(1) ? body : header
  }

  /// The members of a 429's JSON that count.
  package struct Body: Sendable, Hashable {
    /// `retry_after`.
    package var retryAfter: Duration?
    /// `global`.
    package var isGlobal: Bool

    /// A body.
    package init(retryAfter: Duration?, isGlobal: Bool) {
      self.retryAfter = retryAfter
      self.isGlobal = isGlobal
    }
  }
}

/// The fields of a request that limits of their own may hold.
package struct FieldGroups: OptionSet, Sendable, Hashable {
  /// One bit a group.
  package let rawValue: UInt8

  /// A set of groups.
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// A channel's `name`.
  package static let name = FieldGroups(rawValue: 1)
  /// A channel's `topic`.
  package static let topic = FieldGroups(rawValue: 2)
  /// Everything else, and every request of other routes.
  package static let other = FieldGroups(rawValue: 4)
}
