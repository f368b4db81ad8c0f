extension ProviderConfigs {
  /// Time before another try at a count that could not be written.
  private static let secondTry = Duration.seconds(2)

  /// Counts the users after they changed, until the task is cancelled.
  ///
  /// The first user has claimed its ProviderConfig already, so counting can wait for more of them.
  func follow(_ changes: UsageChanges, time: TimeSource) async throws {
    var counted = 0
    for await _ in changes.signals {
      // A signal may stand for changes that came during the last wait.
      while changes.number != counted {
        let pace = UsagePace(first: time.uptime())
        while case let rest = pace.rest(last: changes.last, now: time.uptime()), rest > .zero {
          try await time.sleep(rest)
        }
        let number = changes.number
        if await count() {
          counted = number
        } else {
          try await time.sleep(Self.secondTry)
        }
      }
    }
  }
}
