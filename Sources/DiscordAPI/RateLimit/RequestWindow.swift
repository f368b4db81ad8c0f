/// The last starts within a sliding window: never more than `limit` requests reach the server in any
/// `length`.
///
/// The server counts when requests arrive, and those are as far apart as their starts only where all
/// travel alike: one that was slow and one that is fast come closer together. How late a request was at
/// most tells its answer, so each keeps its place for that much longer, and until it is answered for as
/// long as it may be late at all.
struct RequestWindow: Sendable {
  private struct Place: Sendable {
    /// The request whose answer is to come; nil once it has.
    var id: UInt64?
    /// When another request may have the place.
    var free: ContinuousClock.Instant
  }

  let limit: Int
  let length: Duration
  /// The most that a request is taken to be late.
  let latest: Duration
  private var places: [Place] = []

  init(limit: Int, length: Duration, latest: Duration) {
    self.limit = max(1, limit)
    self.length = length
    self.latest = latest
  }

  /// A request starts.
  mutating func start(_ id: UInt64, _ now: ContinuousClock.Instant) {
    let place = Place(id: id, free: now.advanced(by: length + latest))
    if places.count < limit {
      places.append(place)
    } else if let next = places.indices.min(by: { places[$0].free < places[$1].free }) {
      places[next] = place
    }
  }

  /// Its answer has come: by so much at most was it later at the server than the fastest.
  mutating func answered(_ id: UInt64, late: Duration) {
    guard let index = places.firstIndex(where: { $0.id == id }) else { return }
    let saved = latest - min(max(late, .zero), latest)
    places[index] = Place(id: nil, free: places[index].free.advanced(by: .zero - saved))
  }

  /// When the next request may start; nil when at once.
  func blockedUntil(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
    guard places.count == limit, let free = places.lazy.map(\.free).min() else { return nil }
    return free > now ? free : nil
  }

  /// How many of the last starts are still inside the window.
  func used(_ now: ContinuousClock.Instant) -> Int {
    places.count { $0.free > now }
  }
}
