/// What the client knows, for `/debug/state`, metrics and `/readyz?verbose`. Holds no token.
package struct DiscordClientState: Sendable, Hashable {
  /// A resource type's circuit breaker.
  package struct Breaker: Sendable, Hashable {
    /// `guild`, …
    package var resourceType: String
    /// Closed, open or half-open.
    package var phase: CircuitBreaker.Phase
    /// Failures in a row while closed.
    package var failuresInARow: Int
    /// How long it stays open yet.
    package var openFor: Duration?
    /// How long ago this outage opened it; nil while closed.
    package var openSince: Duration?
    /// The length of the last cool-down; nil while closed.
    package var coolDown: Duration?
  }

  /// The API's base URL.
  package var baseURL: String
  /// Discord refused the token.
  package var isTokenRefused: Bool
  /// The token's buckets.
  package var buckets: [BucketSnapshot]
  /// The breakers in use, by resource type.
  package var breakers: [Breaker]
  /// Requests started within the global window.
  package var globalUsed: Int
  /// How many the global window allows.
  package var globalLimit: Int
  /// Time until a global 429's wait ends.
  package var globalPausedFor: Duration?
  /// Requests that wait inside for limits.
  package var waiting: Int
  /// 401, 403 and 429 in the last ten minutes, of all clients of this address.
  package var invalidRequests: Int
  /// How careful they make us.
  package var invalidRequestLevel: InvalidRequestBudget.Level
  /// Time until Cloudflare's pause of the address ends.
  package var addressPausedFor: Duration?
}
