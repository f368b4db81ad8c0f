/// What may be chosen about a client.
package struct DiscordClientConfiguration: Sendable {
  /// Names the product to Discord; without it Cloudflare may block (error 40333).
  package var productURL = "https://github.com/crossplane-contrib/provider-discord"
  /// The product's version, in the User-Agent.
  package var version = "0.1.0"
  /// The rate limiter's numbers.
  package var limits = RateLimiter.Configuration()
  /// The circuit breakers' numbers.
  package var breaker = CircuitBreaker.Configuration()
  /// How often one request is sent at most, where it may be sent again (never a POST).
  package var tries = 3
  /// The pause before the second try, before jitter; it doubles.
  package var retryPause: Duration = .milliseconds(200)
  /// 429s of one request that are waited for before it goes back to its queue.
  package var limitedTries = 3
  /// The most that one exchange may take.
  package var timeout: Duration = .seconds(30)
  /// The most that connecting may take.
  package var connectTimeout: Duration = .seconds(5)

  /// The defaults.
  package init() {}

  /// `DiscordBot (url, version)`, the form that Discord demands.
  var userAgent: String { "DiscordBot (\(productURL), \(version))" }
}
