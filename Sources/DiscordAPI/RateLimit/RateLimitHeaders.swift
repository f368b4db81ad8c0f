/// What an answer says about its bucket. Headers that are missing, broken or absurd are nil, so
/// that a server that lies about a number costs time at most, never a stop for ever.
package struct RateLimitHeaders: Sendable, Hashable {
  /// `X-RateLimit-Bucket`: the hash that names the limit, without the major parameter.
  package var bucket: String?
  /// `X-RateLimit-Limit`: requests a window; at least 1.
  package var limit: Int?
  /// `X-RateLimit-Remaining`: requests left in this window.
  package var remaining: Int?
  /// `X-RateLimit-Reset-After`, or `X-RateLimit-Reset` measured against the answer's own `Date`, so
  /// that this machine's clock never counts. At most two days (the longest known window is that of
  /// role creation, 48 h: discord-api-docs issue 1480).
  package var resetAfter: Duration?

  /// No header at all.
  package init() {}

  /// The headers that `field` gives by name.
  package init(_ field: (String) -> String?) {
    bucket = field("X-RateLimit-Bucket").flatMap { $0.isEmpty || $0.utf8.count > 128 ? nil : $0 }
    limit = field("X-RateLimit-Limit").flatMap { Int($0) }.map { max(1, $0) }
    remaining = field("X-RateLimit-Remaining").flatMap { Int($0) }.map { max(0, $0) }
    resetAfter = Self.seconds(field("X-RateLimit-Reset-After"))
    if resetAfter == nil, let reset = field("X-RateLimit-Reset").flatMap({ Double($0) }),
      let date = field("Date").flatMap({ HTTPDate.secondsSinceEpoch($0) })
    {
      resetAfter = Self.bounded(reset - Double(date))
    }
  }

  /// Whether the answer says anything about a limit.
  package var isEmpty: Bool {
    bucket == nil && limit == nil && remaining == nil && resetAfter == nil
  }

  /// A number of seconds as headers write it, bounded to 0 … 2 days; nil when it is no number.
  static func seconds(_ text: String?) -> Duration? {
    text.flatMap { Double($0) }.flatMap { bounded($0) }
  }

  /// Seconds as whole milliseconds, rounded up, within 0 … 2 days; nil for what is not a number.
  static func bounded(_ seconds: Double) -> Duration? {
    guard !seconds.isNaN else { return nil }
    return .milliseconds(Int((min(max(seconds, 0), 172_800) * 1_000).rounded(.up)))
  }
}

/// The one date form that HTTP servers send (RFC 9110, IMF-fixdate).
enum HTTPDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`; nil for any other form.
  static func secondsSinceEpoch(_ text: String) -> Int? {
    let parts = text.split(separator: " ")
    guard parts.count == 6, parts[5] == "GMT", let day = Int(parts[1]),
      let month = months.firstIndex(of: String(parts[2])), let year = Int(parts[3]),
      year >= 1970, year < 10_000
    else { return nil }
    let clock = parts[4].split(separator: ":").compactMap { Int($0) }
    guard clock.count == 3 else { return nil }
    // Days from the civil date, years counted from March so that the leap day comes last.
    let shifted = (month + 10) % 12
    let marchYear = month < 2 ? year - 1 : year
    let dayOfYear = (153 * shifted + 2) / 5 + day - 1
    let days =
      marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear - 719_468
    return days * 86_400 + clock[0] * 3_600 + clock[1] * 60 + clock[2]
  }
}
