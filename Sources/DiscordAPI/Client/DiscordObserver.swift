/// What the client tells to metrics, logs and Events. No argument ever holds the token. Called on
/// the request's own task: to be quick.
package struct DiscordObserver: Sendable {
  /// Each exchange with the server, retries included.
  package var requestFinished: @Sendable (FinishedRequest) -> Void = { _ in }
  /// Each 429: its scope, the route's template, and the wait it asks for.
  package var rateLimited: @Sendable (RateLimitNotice.Scope, _ route: String, Duration) -> Void =
    { _, _, _ in }
  /// A resource type's circuit breaker changed its phase.
  package var breakerChanged:
    @Sendable (_ resourceType: String, CircuitBreaker.Transition) -> Void =
      { _, _ in }
  /// An answer that Discord counts against the address, and how many there were in ten minutes.
  package var invalidRequest: @Sendable (_ status: Int, _ inTenMinutes: Int) -> Void = { _, _ in }
  /// How long a request waited inside for the limits; only waits above zero.
  package var limiterWaited: @Sendable (_ route: String, RequestPriority, Duration) -> Void =
    { _, _, _ in }
  /// A request begins to wait inside for the limits; `waitEnded` follows.
  package var waitBegan: @Sendable () -> Void = {}
  /// It waits no longer, for whatever reason.
  package var waitEnded: @Sendable () -> Void = {}
  /// A request was handed back to its queue by the limits.
  package var requeued: @Sendable (_ route: String, Duration, _ reason: String) -> Void =
    { _, _, _ in }
  /// The token was refused; no more requests until another client is made.
  package var tokenRefused: @Sendable () -> Void = {}
  /// A write has ended, for the security log.
  package var mutation: @Sendable (Mutation) -> Void = { _ in }

  /// An observer that hears nothing until closures are set.
  package init() {}
}

/// One exchange with the server.
package struct FinishedRequest: Sendable, Hashable {
  /// The status label of `provider_discord_api_operations_total`.
  package enum Status: String, Sendable, Hashable, CaseIterable {
    case success
    case clientError = "client_error"
    case rateLimited = "rate_limited"
    case serverError = "server_error"
    case networkError = "network_error"
  }

  /// `guild`, `channel`, `role`, …
  package var resourceType: String
  /// `observe`, `create`, …
  package var operation: String
  /// The route's template.
  package var route: String
  /// The status's class.
  package var status: Status
  /// The HTTP status; nil without an answer.
  package var code: Int?
  /// From sending to the end of the answer; waits for limits not included.
  package var duration: Duration
  /// 1 for the first try.
  package var attempt: Int
}

/// A write, for the security log: who, what, before, after.
package struct Mutation: Sendable, Hashable {
  /// On whose behalf, such as `channel default/general`.
  package var actor: String?
  /// `channel`, …
  package var resourceType: String
  /// `create`, …
  package var operation: String
  /// `PATCH`, …
  package var method: String
  /// The path, with its IDs; a webhook's token replaced.
  package var path: String
  /// What Discord's audit log is told.
  package var reason: String?
  /// The object as last read, JSON; nil when not known.
  package var before: [UInt8]?
  /// What was sent, JSON.
  package var requested: [UInt8]?
  /// The object as answered, JSON; nil without one.
  package var after: [UInt8]?
  /// The HTTP status; nil without an answer.
  package var status: Int?
  /// Why it failed; nil when it did not.
  package var failure: String?
}
