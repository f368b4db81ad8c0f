/// Stops asking for one resource type while asking fails, as a pure machine. Counts what another
/// try may cure (5xx, network, timeouts); a 4xx is an answer, and thus a success.
package struct CircuitBreaker: Sendable {
  package typealias Instant = ContinuousClock.Instant

  /// Numbers that may be chosen.
  package struct Configuration: Sendable {
    /// Failures in a row that open it.
    package var failures = 5
    /// How long it stays open the first time, before jitter.
    package var coolDown: Duration = .seconds(5)
    /// Each failed probe doubles the cool-down, to this.
    package var maximumCoolDown: Duration = .seconds(60)
    /// The cool-down varies by this part of itself, up and down.
    package var jitter = 0.2

    /// Five in a row, 5 s to a minute.
    package init() {}
  }

  /// What is seen from outside; the raw value is the metric's label.
  package enum Phase: String, Sendable, Hashable, CaseIterable {
    case closed
    case open
    case halfOpen = "half-open"
  }

  /// The right to make one request; goes back with how it ended.
  package enum Pass: Sendable, Hashable {
    case normal
    case probe
  }

  /// Whether a request may go.
  package enum Admission: Sendable, Hashable {
    case admitted(Pass)
    case refused(retryAfter: Duration)
  }

  /// How an admitted request ended.
  package enum Outcome: Sendable, Hashable {
    case success
    case failure
    /// It never went, or was cancelled: it says nothing.
    case abandoned
  }

  /// A change of phase, for log, metric and Event.
  package struct Transition: Sendable, Hashable {
    /// Before.
    package var from: Phase
    /// After.
    package var to: Phase

    /// A change.
    package init(from: Phase, to: Phase) {
      self.from = from
      self.to = to
    }
  }

  private enum State: Sendable {
    case closed(failures: Int)
    case open(until: Instant, openings: Int)
    case halfOpen(openings: Int, hasProbe: Bool)
  }

  private var state = State.closed(failures: 0)
  /// When this outage's first opening was; nil while closed.
  private var openedAt: Instant?
  /// The length of the last cool-down; nil while closed.
  package private(set) var coolDown: Duration?
  private let configuration: Configuration

  /// A closed breaker.
  package init(configuration: Configuration = Configuration()) {
    self.configuration = configuration
  }

  /// What is seen from outside.
  package var phase: Phase {
    switch state {
    case .closed: .closed
    case .open: .open
    case .halfOpen: .halfOpen
    }
  }

  /// Failures in a row while closed; 0 otherwise.
  package var failuresInARow: Int {
    if case .closed(let failures) = state { failures } else { 0 }
  }

  /// How long ago this outage opened it, failed probes included; nil while closed.
  package func openSince(at now: Instant) -> Duration? { openedAt.map { $0.duration(to: now) } }

  /// How long it stays open yet; nil when it is not open.
  package func openFor(at now: Instant) -> Duration? {
    guard case .open(let until, _) = state else { return nil }
    return max(now.duration(to: until), .zero)
  }

  /// The refusal that `admit` would give, without taking the probe; nil when a request may go.
  package func refusal(at now: Instant) -> Duration? {
    switch state {
    case .closed: nil
    case .open(let until, _): until > now ? now.duration(to: until) : nil
    case .halfOpen(_, let hasProbe): hasProbe ? .seconds(1) : nil
    }
  }

  /// Whether the next request would be the probe.
  package func needsProbe(at now: Instant) -> Bool {
    if case .closed = state { return false }
    return refusal(at: now) == nil
  }

  /// Lets the next request be the probe although the cool-down is not over, because a person has
  /// removed the cause. False when the breaker is not open.
  package mutating func endCoolDown() -> Bool {
    guard case .open(_, let openings) = state else { return false }
    state = .halfOpen(openings: openings, hasProbe: false)
    return true
  }

  /// A request wants to go.
  package mutating func admit(at now: Instant) -> (Admission, Transition?) {
    if let wait = refusal(at: now) { return (.refused(retryAfter: wait), nil) }
    switch state {
    case .closed: return (.admitted(.normal), nil)
    case .open(_, let openings):
      state = .halfOpen(openings: openings, hasProbe: true)
      return (.admitted(.probe), Transition(from: .open, to: .halfOpen))
    case .halfOpen(let openings, _):
      state = .halfOpen(openings: openings, hasProbe: true)
      return (.admitted(.probe), nil)
    }
  }

  /// A request that was admitted has ended. `random` is in 0 ..< 1.
  package mutating func ended(
    _ pass: Pass, _ outcome: Outcome, at now: Instant, random: Double
  ) -> Transition? {
    switch (state, pass, outcome) {
    case (.closed, _, .success):
      state = .closed(failures: 0)
      return nil
    case (.closed(let failures), _, .failure):
      guard failures + 1 >= configuration.failures else {
        state = .closed(failures: failures + 1)
        return nil
      }
      state = .open(until: end(openings: 1, now, random), openings: 1)
      return Transition(from: .closed, to: .open)
    case (.halfOpen, .probe, .success):
      state = .closed(failures: 0)
      (openedAt, coolDown) = (nil, nil)
      return Transition(from: .halfOpen, to: .closed)
    case (.halfOpen(let openings, _), .probe, .failure):
      state = .open(until: end(openings: openings + 1, now, random), openings: openings + 1)
      return Transition(from: .halfOpen, to: .open)
    case (.halfOpen(let openings, _), .probe, .abandoned):
      state = .halfOpen(openings: openings, hasProbe: false)
      return nil
    default:
      // A request from before the opening: the probe decides.
      return nil
    }
  }

  private mutating func end(openings: Int, _ now: Instant, _ random: Double) -> Instant {
    let doubled = configuration.coolDown * (1 << min(openings - 1, 10))
    let base = min(doubled, max(configuration.maximumCoolDown, configuration.coolDown))
    let length = base * (1 + configuration.jitter * (2 * random - 1))
    openedAt = openedAt ?? now
    coolDown = length
    return now.advanced(by: length)
  }
}
