import JSONValue
import Synchronization

/// The order of guilds' channels and roles, shared by all reconciles: drives `SiblingOrder`, and lets
/// one look at a time serve everybody who asks meanwhile.
package final class GuildOrder: Sendable {
  private struct State {
    var order = SiblingOrder()
    var looks: [SiblingOrder.Group: Task<Void, Never>] = [:]
  }

  private let state = Mutex(State())
  private let moved = Atomic<UInt64>(0)
  private let now: @Sendable () -> Duration

  /// Orders nothing yet. `now` is the uptime.
  package init(now: @escaping @Sendable () -> Duration) {
    self.now = now
  }

  /// Counts the requests that moved something: what was observed before one may not be so any more.
  var moves: UInt64 { moved.load(ordering: .relaxed) }

  func arrived(_ key: ResourceKey) { state.withLock { $0.order.arrived(key) } }

  func note(_ key: ResourceKey, _ place: SiblingOrder.Place) {
    let now = now()
    state.withLock { $0.order.note(key, place, at: now) }
  }

  /// See `SiblingOrder.placement(of:)`.
  func placement(of key: ResourceKey) -> JSONValue? {
    state.withLock { $0.order.placement(of: key) }
  }

  func forget(_ key: ResourceKey) {
    let now = now()
    state.withLock { $0.order.forget(key, at: now) }
  }

  /// Decides, and looks where that is due; who asks while somebody looks waits for that.
  ///
  /// - Parameter look: performs the moves that are needed and gives whether there were any.
  /// - Returns: `.settled`, `.wait` or `.failed`.
  func ask(
    _ key: ResourceKey, in group: SiblingOrder.Group, isPoll: Bool, notOlderThan oldest: Duration,
    look: @escaping @Sendable ([ResourceKey: SiblingOrder.Place]) async -> Look
  ) async -> SiblingOrder.Decision {
    while true {
      let now = now()
      let (decision, task) = state.withLock {
        state -> (SiblingOrder.Decision, Task<Void, Never>?) in
        let decision = state.order.decide(key, isPoll: isPoll, notOlderThan: oldest, at: now)
        guard case .look(let places, let version) = decision else { return (decision, nil) }
        if let task = state.looks[group] { return (decision, task) }
        let task = Task { [self] in
          end(group, version: version, asOf: oldest, await look(places))
        }
        state.looks[group] = task
        return (decision, task)
      }
      guard let task else { return decision }
      await task.value
    }
  }

  /// Gives up all looks that are under way, for everybody who waits for them.
  func cancelLooks() {
    for look in state.withLock({ Array($0.looks.values) }) { look.cancel() }
  }

  /// What came of a look, with what is to be remembered of each object.
  enum Look: Sendable {
    case inOrder([ResourceKey: JSONValue])
    case moved([ResourceKey: JSONValue])
    case failed(ReconcileProblem, keys: Set<ResourceKey>, for: Duration)
  }

  private func end(
    _ group: SiblingOrder.Group, version: UInt64, asOf oldest: Duration, _ result: Look
  ) {
    let now = now()
    if case .moved = result { moved.add(1, ordering: .relaxed) }
    state.withLock { state in
      state.looks[group] = nil
      switch result {
      case .inOrder(let placements):
        state.order.settled(group, version: version, asOf: oldest, placements: placements)
      case .moved(let placements):
        state.order.settled(group, version: version, asOf: now, placements: placements)
      case .failed(let problem, let keys, let wait):
        state.order.failed(group, problem, keys: keys, until: now + wait)
      }
    }
  }
}
