import Engine
import HTTPTransport
import KubeWatch
import Synchronization

/// One process of the provider: from its start until it is killed.
final class Life: Sendable {
  private struct State {
    var isAlive = true
    var sleeps: Set<UInt64> = []
    var task: Task<Void, Never>?
  }

  let clock: VirtualClock
  let dice: Dice
  let log: FateLog
  /// Which of several providers this is, and its name among all lives of all of them.
  let replica: Int
  let identity: String
  /// How far its wall clock is off, in milliseconds.
  let wallError = Mutex<Int64>(0)
  private let plan: FatePlan
  private let origin: ContinuousClock.Instant
  private let state = Mutex(State())

  init(
    clock: VirtualClock, dice: Dice, log: FateLog, origin: ContinuousClock.Instant,
    replica: Int, identity: String, plan: @escaping FatePlan
  ) {
    self.clock = clock
    self.dice = dice
    self.log = log
    self.replica = replica
    self.identity = identity
    self.origin = origin
    self.plan = plan
  }

  var isAlive: Bool { state.withLock { $0.isAlive } }

  func fate(of request: Outgoing) -> Fate {
    let fate = plan(request)
    log.note(fate, of: request)
    return fate
  }

  /// Runs the process' main task; returns when it has unwound.
  func run(
    on executor: SimulationExecutor, _ main: @escaping @Sendable () async -> Void
  ) async {
    let task = Task(executorPreference: executor) { await main() }
    state.withLock { $0.task = task }
    if !isAlive { task.cancel() }
    await task.value
    end()
  }

  /// Kills the process: from now on nothing that it does has any effect. What is left of it in this
  /// process unwinds by itself.
  func end() {
    let (task, sleeps) = state.withLock { state in
      state.isAlive = false
      defer { state.sleeps = [] }
      return (state.task, state.sleeps)
    }
    task?.cancel()
    for id in sleeps.sorted() { clock.wake(id) }
  }

  /// Time as this process sees it.
  var time: TimeSource {
    TimeSource(
      origin: origin, uptime: { self.clock.now },
      wallMilliseconds: {
        self.clock.wallMicroseconds / 1_000 + self.wallError.withLock { $0 }
      },
      sleep: { try await self.sleep($0) })
  }

  private func sleep(_ duration: Duration) async throws {
    let id = clock.makeID()
    let isAlive = state.withLock { state in
      if state.isAlive { state.sleeps.insert(id) }
      return state.isAlive
    }
    guard isAlive else { throw CancellationError() }
    let waking = await clock.sleep(until: clock.now + duration, id: id)
    state.withLock { _ = $0.sleeps.remove(id) }
    if waking == .early { throw CancellationError() }
  }
}
