/// When the users of a ProviderConfig are counted: once for all that come together, and soon after the
/// last of them, so that nothing is left to write once they are ready.
package struct UsagePace: Equatable {
  /// Time without a change after which those that came together are taken to be complete. `kubectl
  /// apply` of a folder leaves less between two objects.
  package static let quiet = Duration.milliseconds(500)
  /// The count's age while changes never cease.
  package static let longest = Duration.seconds(2)

  /// When the first change came that is not counted yet.
  package let first: Duration

  /// Begins with the first change.
  package init(first: Duration) { self.first = first }

  /// How long to wait before counting.
  ///
  /// - Returns: zero or less, when it is time.
  package func rest(last: Duration, now: Duration) -> Duration {
    min(last + Self.quiet, first + Self.longest) - now
  }
}
