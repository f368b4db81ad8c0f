/// Counts the answers for which Discord bans an address: 401, 403 and 429 (but shared ones), 10,000
/// in ten minutes. Slows down long before.
package struct InvalidRequestBudget: Sendable {
  package typealias Instant = ContinuousClock.Instant

  /// Numbers that may be chosen.
  package struct Configuration: Sendable {
    /// From here on polls are spaced: 1 % of Discord's limit.
    package var carefulFrom = 100
    /// From here on only a token check a minute goes on: 25 % of Discord's limit.
    package var stoppedFrom = 2_500
    /// The time between two polls while careful.
    package var pollSpacing: Duration = .seconds(2)
    /// The time between two token checks while stopped.
    package var checkSpacing: Duration = .seconds(60)

    /// As issue 4 sets them.
    package init() {}
  }

  /// How careful to be.
  package enum Level: String, Sendable, Hashable, CaseIterable {
    case normal
    case careful
    case stopped
  }

  /// Ten minutes in slots of ten seconds: (number of the slot, count).
  private var slots: [(number: Int, count: Int)] = []
  private var origin: Instant?
  private var nextPoll: Instant?
  private var nextCheck: Instant?
  private let configuration: Configuration

  /// An unused budget.
  package init(configuration: Configuration = Configuration()) {
    self.configuration = configuration
  }

  /// An answer that counts has come.
  package mutating func note(at now: Instant) {
    let start = origin ?? now
    origin = start
    let number = Self.slot(from: start, now)
    slots.removeAll { $0.number <= number - 60 }
    if let last = slots.indices.last, slots[last].number == number {
      slots[last].count += 1
    } else {
      slots.append((number, 1))
    }
  }

  /// How many came in the last ten minutes.
  package func count(at now: Instant) -> Int {
    guard let origin else { return 0 }
    let number = Self.slot(from: origin, now)
    return slots.reduce(0) { $1.number > number - 60 ? $0 + $1.count : $0 }
  }

  /// How careful to be now.
  package func level(at now: Instant) -> Level {
    let count = count(at: now)
    return count >= configuration.stoppedFrom
      ? .stopped : count >= configuration.carefulFrom ? .careful : .normal
  }

  /// How long a request must stay away; nil when it may go. `isTokenCheck` for `GET /users/@me`.
  package mutating func wait(
    for priority: RequestPriority, isTokenCheck: Bool, at now: Instant
  ) -> Duration? {
    guard !slots.isEmpty else { return nil }
    switch level(at: now) {
    case .normal: return nil
    case .careful:
      guard priority == .poll else { return nil }
      if let next = nextPoll, next > now { return now.duration(to: next) }
      nextPoll = now.advanced(by: configuration.pollSpacing)
      return nil
    case .stopped:
      if let next = nextCheck, next > now { return now.duration(to: next) }
      guard isTokenCheck else { return configuration.checkSpacing }
      nextCheck = now.advanced(by: configuration.checkSpacing)
      return nil
    }
  }

  /// Whether the one request of the minute, a token check, is due.
  package func isTokenCheckDue(at now: Instant) -> Bool {
    guard !slots.isEmpty, level(at: now) == .stopped else { return false }
    return nextCheck.map { $0 <= now } ?? true
  }

  private static func slot(from origin: Instant, _ now: Instant) -> Int {
    Int(origin.duration(to: now).components.seconds / 10)
  }
}
