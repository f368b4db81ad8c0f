/// Runs runbooks again until all is well, for a while.
package struct RunPatience: Sendable {
  private static let longestPause = Duration.seconds(10)

  private let until: Duration
  private var pause = Duration.seconds(1)

  /// - Parameter until: when it ends, as time since an arbitrary start.
  package init(until: Duration) {
    self.until = until
  }

  /// How long to wait before the next run: each time twice as long, and never beyond the end, at which
  /// there is a last one. Nil when there is to be none: all is well, the time is over, or a script is
  /// wrong, which waiting does not mend.
  package mutating func pause(after exit: RunbookExit, at now: Duration) -> Duration? {
    guard exit != .pass, exit != .badScript, now < until else { return nil }
    defer { pause = min(pause * 2, Self.longestPause) }
    return min(pause, until - now)
  }
}
