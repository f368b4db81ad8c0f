import Synchronization

/// A clock that stands still until it is told to jump to the next moment that somebody waits for.
final class VirtualClock: Sendable {
  /// Why a sleep ended.
  enum Waking: Sendable {
    case timeCame
    /// Woken early, or its task was cancelled.
    case early
  }

  private struct State {
    var now: Duration = .zero
    var lastID: UInt64 = 0
    var sleepers: [UInt64: CheckedContinuation<Waking, Never>] = [:]
    var alarms = AlarmHeap()
    var wasLeft = false
  }

  /// The wall clock at the start: 2026-01-05T12:00:00Z, a Monday.
  static let startMilliseconds: Int64 = 1_767_614_400_000

  private let state = Mutex(State())

  /// Time since the simulation's start.
  var now: Duration { state.withLock { $0.now } }

  /// Microseconds since 1970 on the simulated wall clock.
  var wallMicroseconds: Int64 {
    let parts = now.components
    return Self.startMilliseconds * 1_000 + parts.seconds * 1_000_000
      + parts.attoseconds / 1_000_000_000_000
  }

  /// Whether anybody slept on a thread that is not the simulation's: then the run is not its own
  /// master, and cannot be repeated.
  var wasLeft: Bool { state.withLock { $0.wasLeft } }

  /// A name under which a sleep can be woken early.
  func makeID() -> UInt64 {
    state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
  }

  /// Sleeps until a moment; returns at once when it is past or the task is cancelled.
  func sleep(until moment: Duration, id: UInt64? = nil) async -> Waking {
    if !SimulationExecutor.isCurrent { state.withLock { $0.wasLeft = true } }
    let id = id ?? makeID()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let ended = state.withLock { state -> Waking? in
          if Task.isCancelled { return .early }
          if moment <= state.now { return .timeCame }
          state.sleepers[id] = continuation
          state.alarms.insert(AlarmHeap.Alarm(moment: moment, id: id))
          return nil
        }
        if let ended { continuation.resume(returning: ended) }
      }
    } onCancel: {
      wake(id)
    }
  }

  /// Ends a sleep early.
  func wake(_ id: UInt64) {
    let sleeper = state.withLock { $0.sleepers.removeValue(forKey: id) }
    sleeper?.resume(returning: .early)
  }

  /// Jumps to the next moment that somebody waits for, and wakes all who wait for it. False when
  /// nobody waits.
  func jump() -> Bool {
    let woken = state.withLock { state -> [CheckedContinuation<Waking, Never>] in
      var woken: [CheckedContinuation<Waking, Never>] = []
      while let first = state.alarms.first {
        guard let sleeper = state.sleepers[first.id] else {
          state.alarms.removeFirst()
          continue
        }
        guard woken.isEmpty || first.moment <= state.now else { break }
        state.now = max(state.now, first.moment)
        state.alarms.removeFirst()
        state.sleepers[first.id] = nil
        woken.append(sleeper)
      }
      return woken
    }
    for sleeper in woken { sleeper.resume(returning: .timeCame) }
    return !woken.isEmpty
  }
}

/// A binary heap of alarms, the earliest first; of equal ones the older first.
struct AlarmHeap: Sendable {
  struct Alarm: Sendable {
    var moment: Duration
    var id: UInt64

    fileprivate func isBefore(_ other: Alarm) -> Bool {
      moment == other.moment ? id < other.id : moment < other.moment
    }
  }

  private var alarms: [Alarm] = []

  var first: Alarm? { alarms.first }

  mutating func insert(_ alarm: Alarm) {
    alarms.append(alarm)
    var child = alarms.count - 1
    while child > 0, alarms[child].isBefore(alarms[(child - 1) / 2]) {
      alarms.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func removeFirst() {
    guard let last = alarms.popLast(), !alarms.isEmpty else { return }
    alarms[0] = last
    var parent = 0
    while true {
      let left = 2 * parent + 1
      var least = parent
      if left < alarms.count, alarms[left].isBefore(alarms[least]) { least = left }
      if left + 1 < alarms.count, alarms[left + 1].isBefore(alarms[least]) { least = left + 1 }
      if least == parent { return }
      alarms.swapAt(parent, least)
      parent = least
    }
  }
}
