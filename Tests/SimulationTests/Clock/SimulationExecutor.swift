import Foundation
import Synchronization

/// Runs everything that belongs to one simulation on the one thread that drives it, one job after
/// the other, in an order that a seed decides.
///
/// Swift's cooperative pool runs jobs on as many threads as there are cores, and nothing tells when
/// all of them have come to rest. The runtime lets a process take over the global queue
/// (`swift_task_enqueueGlobal_hook`): a job that is enqueued from a simulation's thread goes to
/// that simulation, every other job takes its usual way. Since all that a simulation does starts
/// on its thread and its servers are values in memory, nothing ever leaves it: an empty queue means
/// that the whole provider waits for time alone.
///
/// Neither the hook nor a task executor alone is enough: `Task { }` does not inherit an executor, and
/// `Task.yield` asks the task's executor and not the hook. So the simulation's own tasks prefer this
/// executor, their children inherit it, and the hook catches the rest.
final class SimulationExecutor: TaskExecutor {
  private struct State {
    var jobs: [UnownedJob] = []
    var random: SeededRandom
    var isShuffled: Bool
  }

  private let state: Mutex<State>

  /// - Parameter isShuffled: run jobs in any order, so that many interleavings are tried; otherwise
  ///   in the order in which they came.
  init(seed: UInt64, isShuffled: Bool) {
    state = Mutex(State(random: SeededRandom(seed: seed), isShuffled: isShuffled))
  }

  func enqueue(_ job: consuming ExecutorJob) { add(UnownedJob(job)) }

  fileprivate func add(_ job: UnownedJob) { state.withLock { $0.jobs.append(job) } }

  /// Whether this thread is a simulation's.
  static var isCurrent: Bool {
    let thread = pthread_self()
    return GlobalQueue.executors.withLock { $0[thread] != nil }
  }

  /// Runs `body` with this thread's jobs caught, and puts everything back after it.
  func capturing<Value>(_ body: () throws -> Value) rethrows -> Value {
    GlobalQueue.catchJobs()
    let thread = pthread_self()
    let before = GlobalQueue.executors.withLock { $0.updateValue(self, forKey: thread) }
    defer { GlobalQueue.executors.withLock { $0[thread] = before } }
    return try body()
  }

  /// Runs jobs until none is left. False when they do not come to an end: somebody goes round in
  /// circles without ever waiting for time.
  func runUntilIdle() -> Bool {
    for _ in 0..<300_000 {
      guard let job = take() else { return true }
      unsafe job.runSynchronously(on: asUnownedTaskExecutor())
    }
    return false
  }

  private func take() -> UnownedJob? {
    state.withLock { state in
      guard let last = state.jobs.indices.last else { return nil }
      guard state.isShuffled else { return state.jobs.removeFirst() }
      let place = Int(state.random.next() % UInt64(last + 1))
      state.jobs.swapAt(place, last)
      return state.jobs.removeLast()
    }
  }
}

/// The runtime's hook on its global queue.
private enum GlobalQueue {
  typealias Original = @convention(thin) (UnownedJob) -> Void
  typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

  /// Whose jobs the threads' are.
  static let executors = Mutex<[pthread_t: SimulationExecutor]>([:])

  static func catchJobs() { installed }

  private static let installed: Void = {
    guard
      let symbol = unsafe dlsym(unsafe dlopen(nil, RTLD_LAZY), "swift_task_enqueueGlobal_hook")
    else { fatalError("this Swift runtime has no hook for its global queue") }
    unsafe symbol.assumingMemoryBound(to: Hook?.self).pointee = { job, original in
      let thread = pthread_self()
      if let executor = executors.withLock({ $0[thread] }) {
        executor.add(job)
      } else {
        original(job)
      }
    }
  }()
}
