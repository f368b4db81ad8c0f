import Synchronization

/// Whether this process may act, for all who ask: workers, transports, health pages.
///
/// A term is told to have begun and ended by whoever decides; `mayAct` also looks at the clock, so
/// that a process which slept through the end of its term does nothing before it is told.
package final class Leadership: Sendable {
  private struct State {
    var term = 0
    /// Nil when this process does not lead.
    var actsUntil: ContinuousClock.Instant?
    var leads = false
    var isClosed = false
    var lastWaiter: UInt64 = 0
    var waiters: [UInt64: AsyncStream<Void>.Continuation] = [:]
  }

  private let state = Mutex(State())
  private let isElected: Bool

  /// - Parameter isElected: false for a process that is alone: it leads from the start for ever.
  package init(isElected: Bool) {
    self.isElected = isElected
    if !isElected {
      state.withLock {
        $0.term = 1
        $0.leads = true
      }
    }
  }

  /// Whether something may be done to the world at this moment.
  package func mayAct(at now: ContinuousClock.Instant) -> Bool {
    guard isElected else { return true }
    return state.withLock { state in state.actsUntil.map { $0 > now } ?? false }
  }

  /// Whether this process leads as far as it was told.
  package var isLeading: Bool { state.withLock { $0.leads } }

  /// A new term begins.
  package func begin(until end: ContinuousClock.Instant) {
    change {
      $0.term += 1
      $0.leads = true
      $0.actsUntil = end
    }
  }

  /// The term goes on.
  package func extend(until end: ContinuousClock.Instant) {
    state.withLock { if $0.leads { $0.actsUntil = end } }
  }

  /// The term is over.
  package func end() {
    change {
      $0.leads = false
      $0.actsUntil = nil
    }
  }

  /// No more terms are begun: the process is stopping. The present one goes on.
  package func close() {
    change { $0.isClosed = true }
  }

  /// Waits for a term later than `last`.
  ///
  /// - Returns: its number; nil when the process is stopping or the task is cancelled.
  package func term(after last: Int) async -> Int? {
    await wait { $0.isClosed || ($0.leads && $0.term > last) }
    return state.withLock { state in
      !state.isClosed && state.leads && state.term > last ? state.term : nil
    }
  }

  /// Waits until a term is over, or the task is cancelled.
  package func end(of term: Int) async {
    await wait { !$0.leads || $0.term != term }
  }

  private func wait(until condition: @Sendable (State) -> Bool) async {
    let (changes, continuation) = AsyncStream<Void>.makeStream(
      bufferingPolicy: .bufferingNewest(1))
    let id = state.withLock { state in
      state.lastWaiter += 1
      state.waiters[state.lastWaiter] = continuation
      return state.lastWaiter
    }
    defer { state.withLock { _ = $0.waiters.removeValue(forKey: id) } }
    if state.withLock({ condition($0) }) { return }
    for await _ in changes where state.withLock({ condition($0) }) { return }
  }

  private func change(_ body: (inout State) -> Void) {
    let waiters = state.withLock { state in
      body(&state)
      return Array(state.waiters.values)
    }
    for waiter in waiters { waiter.yield() }
  }
}
