import Synchronization

/// Whether the process does what a process has to do; asked by `/healthz`. That it answers at all
/// shows that the server's event loop runs.
package final class Liveness: Sendable {
  /// Tasks get a thread, and timers fire.
  static let tasks = "tasks"
  /// Work gets done while there is some.
  static let workers = "workers"

  private struct State {
    var heartbeat = Heartbeat()
    var ended: UInt64 = 0
  }

  private let state = Mutex(State())
  private let time: TimeSource

  /// Begins to count now.
  package init(time: TimeSource) {
    self.time = time
    let now = time.uptime()
    state.withLock { state in
      state.heartbeat.expect(Self.tasks, every: .seconds(30), from: now)
      // Longer than any request, retry and budget of a script that a reconcile may take.
      state.heartbeat.expect(Self.workers, every: .seconds(300), from: now)
    }
  }

  /// A sign of life, to be given every few seconds by a task.
  ///
  /// - Parameters:
  ///   - ended: how many reconciles have ended so far.
  ///   - hasWork: whether a key is due that nobody has taken, and that this process has to work on.
  package func beat(ended: UInt64, hasWork: Bool) {
    let now = time.uptime()
    state.withLock { state in
      state.heartbeat.beat(Self.tasks, at: now)
      if ended != state.ended || !hasWork { state.heartbeat.beat(Self.workers, at: now) }
      state.ended = ended
    }
  }

  /// What `/healthz` tells.
  package func results() -> [Readiness.Check] {
    let now = time.uptime()
    let (names, silent) = state.withLock { ($0.heartbeat.names, $0.heartbeat.silent(at: now)) }
    return names.map { name in
      let silence = silent.first { $0.name == name }
      return Readiness.Check(
        name: name,
        failure: silence.map { "no sign of life for \($0.duration.components.seconds) s" })
    }
  }
}
