/// Which limits the simulator imposes and what it says about them. The defaults are those of the
/// reference: facts where there are some, 5 requests in 5 seconds elsewhere.
package struct LimitConfiguration: Sendable {
  /// How a budget comes back.
  package enum Mode: String, Sendable, CaseIterable {
    /// No limits and no headers.
    case none
    /// All at once when the window ends, which begins with the first request.
    case fixed
    /// Bit by bit (GCRA): a burst of `limit`, then one every `window / limit`.
    case sliding
  }

  /// What requests of a route share a budget, apart from the token.
  package enum Major: String, Sendable, CaseIterable {
    /// Those with the same guild, channel or webhook in the path.
    case resource
    /// All of them.
    case none
  }

  /// What a route's answers say about its budget.
  package enum Headers: String, Sendable, CaseIterable {
    case on
    case off
    /// Always "plenty left", until the wall.
    case lying
  }

  /// The budget of one route.
  package struct Rule: Sendable {
    /// Requests in a window.
    package var limit: Int
    /// Length of a window, in microseconds.
    package var window: Int64
    /// See `Major`.
    package var major = Major.resource
    /// Routes with equal hashes name the same bucket and still count on their own, as Discord's
    /// do; nil makes one from the route.
    package var hash: String?
    /// Whether a 429 has the scope "shared" instead of "user".
    package var isShared = false
    /// Overrides the mode for this route.
    package var mode: Mode?
    /// Overrides the headers for this route.
    package var headers: Headers?

    /// A budget by its parts; `window` in seconds.
    package init(limit: Int, window: Double, major: Major = .resource, mode: Mode? = nil) {
      self.limit = limit
      self.window = Int64(window * 1_000_000)
      self.major = major
      self.mode = mode
    }
  }

  /// A block by the network before Discord: no JSON, no `Via`, no `X-RateLimit-*`.
  package struct Cloudflare: Sendable, Hashable {
    /// 429, or 500 and above.
    package var status = 429
    /// The `Retry-After` header in seconds; nil sends none.
    package var retryAfter: Int?

    /// Error 1015 without any header.
    package init() {}
  }

  /// See `Mode`.
  package var mode = Mode.fixed
  /// Requests of one token in a second, over all routes; 0 for no limit.
  package var global = 50
  /// Routes without a rule of their own.
  package var fallback = Rule(limit: 5, window: 5)
  /// Routes whose numbers are known.
  package var routes: [DiscordOperation: Rule] = [
    .updateChannel: Rule(limit: 5, window: 15),
    .createRole: Rule(limit: 250, window: 172_800),
    .getChannels: Rule(limit: 5, window: 5, major: .none),
    .addMemberRole: Rule(limit: 10, window: 10, mode: .fixed),
  ]
  /// Budgets that no header shows, by the field of PATCH channel that uses them up.
  package var subLimits: [String: Rule] = [
    "name": Rule(limit: 2, window: 600), "topic": Rule(limit: 2, window: 600),
  ]
  /// See `Headers`.
  package var headers = Headers.on
  /// Whether `X-RateLimit-Scope` also stands on answers that are no 429.
  package var showsScopeAlways = false
  /// Added to the clock that `Date` and `X-RateLimit-Reset` show, in microseconds.
  package var dateSkew: Int64 = 0
  /// Answers of 401, 403 and 429 (shared ones apart) in `invalidWindow` before the ban.
  package var invalidLimit = 10_000
  /// In microseconds.
  package var invalidWindow: Int64 = 600 * 1_000_000
  /// How long a ban lasts, in microseconds.
  package var banDuration: Int64 = 86_400 * 1_000_000
  /// When set, every request is blocked.
  package var cloudflare: Cloudflare?

  /// The defaults of the reference.
  package init() {}

  /// The defaults in another mode.
  package init(mode: Mode) { self.mode = mode }

  /// The budget of a route.
  func rule(for operation: DiscordOperation) -> Rule { routes[operation] ?? fallback }
}
