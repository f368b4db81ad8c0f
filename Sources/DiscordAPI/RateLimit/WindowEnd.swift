/// When a window ends: between two times, because nobody knows when on its way an answer was made.
struct WindowEnd: Sendable {
  /// As if the answer had been made when the request started.
  var earliest: ContinuousClock.Instant
  /// As if it had been made when it came.
  var latest: ContinuousClock.Instant

  /// What an answer's `Reset-After` says, which is rounded up to whole milliseconds.
  init(
    startedAt: ContinuousClock.Instant, answeredAt: ContinuousClock.Instant, after: Duration
  ) {
    earliest = startedAt.advanced(by: after - .milliseconds(1))
    latest = answeredAt.advanced(by: after)
  }

  /// Whether the other is certainly a later end.
  func isBefore(_ other: WindowEnd) -> Bool { latest < other.earliest }

  /// What both say, when they can mean one end.
  func intersection(_ other: WindowEnd) -> WindowEnd? {
    guard !isBefore(other), !other.isBefore(self) else { return nil }
    var both = self
    both.earliest = max(earliest, other.earliest)
    both.latest = min(latest, other.latest)
    return both
  }

  /// What at least one of them says.
  func union(_ other: WindowEnd) -> WindowEnd {
    var either = self
    either.earliest = min(earliest, other.earliest)
    either.latest = max(latest, other.latest)
    return either
  }
}
