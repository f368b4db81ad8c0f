/// What one holder of a hidden limit is: a field of a route's object.
struct HiddenKey: Sendable, Hashable {
  var template: String
  var major: String
  var group: UInt8
}

/// The limits that no header shows: of a channel's name and of its topic, two changes in ten minutes
/// each (discord-api-docs issues 1900 and 2761).
///
/// They are not documented, so nobody is kept waiting on hearsay: the first change that they would hold
/// goes out alone and finds out. If Discord refuses it, the others of all channels wait for their time
/// and ask no more; if it lets it pass, there is no such limit.
struct HiddenLimit: Sendable {
  private enum Standing: Sendable {
    case unknown
    /// The request with this number finds out.
    case asking(UInt64)
    case holds
    case refuted
  }

  static let changes = 2
  static let window: Duration = .seconds(600)

  /// Added to the window: the server counts from when a request arrives.
  let margin: Duration
  private var standing = Standing.unknown
  /// When changes of the last ten minutes started, oldest first.
  private var starts: [HiddenKey: [ContinuousClock.Instant]] = [:]

  init(margin: Duration) {
    self.margin = margin
  }

  /// Whether the limit is known to hold.
  var holds: Bool { if case .holds = standing { true } else { false } }

  /// Until when a change must wait; nil when it need not, as far as is known.
  func heldUntil(_ key: HiddenKey, _ now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
    holds ? spentUntil(key, now) : nil
  }

  /// Whether a change must wait for another to find out.
  func waitsForAnswer(_ key: HiddenKey, _ now: ContinuousClock.Instant) -> Bool {
    if case .asking = standing { spentUntil(key, now) != nil } else { false }
  }

  /// A change starts.
  mutating func start(_ id: UInt64, of key: HiddenKey, _ now: ContinuousClock.Instant) {
    if case .unknown = standing, spentUntil(key, now) != nil { standing = .asking(id) }
    starts[key, default: []].append(now)
  }

  /// A change has ended: Discord let it pass, refused it for a hidden limit, or nobody knows (nil).
  /// Gives whether others have waited for that.
  mutating func end(_ id: UInt64, of keys: [HiddenKey], isRefused: Bool?) -> Bool {
    if isRefused == true { for key in keys { _ = starts[key]?.popLast() } }
    let wasAsking: Bool
    if case .asking(id) = standing { wasAsking = true } else { wasAsking = false }
    switch isRefused {
    case true: standing = .holds
    case false where wasAsking: standing = .refuted
    case nil where wasAsking: standing = .unknown
    default: break
    }
    return wasAsking
  }

  /// Forgets what is past.
  mutating func prune(_ now: ContinuousClock.Instant) {
    starts = starts.compactMapValues { times in
      let recent = times.filter { $0.advanced(by: Self.window + margin) > now }
      return recent.isEmpty ? nil : recent
    }
  }

  /// Until when so many changes are less than ten minutes old that no other is allowed.
  private func spentUntil(
    _ key: HiddenKey, _ now: ContinuousClock.Instant
  ) -> ContinuousClock.Instant? {
    guard let times = starts[key], times.count >= Self.changes else { return nil }
    let end = times[times.count - Self.changes].advanced(by: Self.window + margin)
    return end > now ? end : nil
  }
}
