import Synchronization

/// What Discord (and Cloudflare before it) counts by network address rather than by token: shared
/// by all clients of a process that speak to the same host.
package final class DiscordAddress: Sendable {
  private struct State {
    var budget: InvalidRequestBudget
    var pausedUntil: ContinuousClock.Instant?
  }

  private let state: Mutex<State>

  /// An address without a past.
  package init(budget: InvalidRequestBudget.Configuration = .init()) {
    state = Mutex(State(budget: InvalidRequestBudget(configuration: budget)))
  }

  /// How long a request must stay away, and why; nil when it may go.
  func wait(
    for priority: RequestPriority, isTokenCheck: Bool, at now: ContinuousClock.Instant
  ) -> (Duration, String)? {
    state.withLock { state in
      if let end = state.pausedUntil {
        if end > now { return (now.duration(to: end), "Cloudflare limits this address") }
        state.pausedUntil = nil
      }
      guard let wait = state.budget.wait(for: priority, isTokenCheck: isTokenCheck, at: now) else {
        return nil
      }
      return (wait, "too many requests of this address were refused (401, 403, 429)")
    }
  }

  /// Whether nothing but a token check is allowed, and that is due.
  func isTokenCheckDue(at now: ContinuousClock.Instant) -> Bool {
    state.withLock { state in
      guard state.pausedUntil.map({ $0 <= now }) ?? true else { return false }
      return state.budget.isTokenCheckDue(at: now)
    }
  }

  /// Counts an invalid request and gives how many there were in ten minutes.
  package func noteInvalid(at now: ContinuousClock.Instant) -> Int {
    state.withLock {
      $0.budget.note(at: now)
      return $0.budget.count(at: now)
    }
  }

  /// Nothing goes to this host until then.
  func pause(until end: ContinuousClock.Instant) {
    state.withLock { $0.pausedUntil = max(end, $0.pausedUntil ?? end) }
  }

  /// Invalid requests in the last ten minutes, how careful they make us, and how long the address
  /// is paused yet.
  package func snapshot(
    at now: ContinuousClock.Instant
  ) -> (count: Int, level: InvalidRequestBudget.Level, pausedFor: Duration?) {
    state.withLock { state in
      let pause = state.pausedUntil.flatMap { $0 > now ? now.duration(to: $0) : nil }
      return (state.budget.count(at: now), state.budget.level(at: now), pause)
    }
  }
}
