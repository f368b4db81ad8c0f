import Synchronization

/// Drives a `WorkQueue`: works on keys as they become due, a number of them at once. One that only
/// waits for its turn at a rate limit does not count, so that the work of one guild whose limit is used
/// up does not keep the others waiting.
///
/// Each job has a task of its own, which takes its memory with it when it ends: a task that works on one
/// key after the other keeps what the longest of them needed, 30 KiB.
package final class WorkPool<Key: Hashable & Sendable>: Sendable {
  /// What is told about a key that is to be worked on.
  package struct Job: Sendable {
    package let key: Key
    package let priority: WorkPriority
    /// When the key was due; a poll's data must not be older than this.
    package let due: Duration
  }

  /// How the work on a key ended.
  package enum Ending: Sendable {
    /// Done; look again after this time, or only when something changes.
    case done(again: Duration?)
    /// Not done for a reason outside of the object; come back after this time.
    case postponed(Duration)
    /// Failed; come back after the backoff, and not before this time.
    case failed(atLeast: Duration)
    /// The object is gone.
    case gone

    var isFailure: Bool { if case .failed = self { true } else { false } }
  }

  private struct State {
    var queue: WorkQueue<Key>
    /// Waits for jobs to begin; an empty list ends it.
    var starter: CheckedContinuation<[Job], Never>?
    var wake: Duration?
    var isClosed = false
    var adds: UInt64 = 0
    var ended: UInt64 = 0
    var retries: UInt64 = 0
    /// The task that begins jobs was cancelled.
    var isSuspended = false
    /// How many may work at once, and how many of those that run wait for a rate limit.
    var workers = 0
    var waiting = 0

    var working: Int { queue.running - waiting }

    var hasRoom: Bool { working < workers && queue.running < workers * mostWaiting }
  }

  /// So many times the workers' number may run when the others wait: each holds a little memory.
  private static var mostWaiting: Int { 8 }

  private let state: Mutex<State>
  private let time: TimeSource
  private let jitter: @Sendable () -> Double

  /// Makes a pool around an empty queue.
  package init(
    time: TimeSource, backoff: WorkQueue<Key>.Backoff = .init(),
    jitter: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
  ) {
    self.time = time
    self.jitter = jitter
    state = Mutex(State(queue: WorkQueue(backoff: backoff)))
  }

  /// Asks for a key after a delay.
  package func add(_ key: Key, priority: WorkPriority, after delay: Duration = .zero) {
    update {
      $0.adds += 1
      $0.queue.add(key, priority: priority, at: time.uptime() + delay)
    }
  }

  /// Forgets a key.
  package func forget(_ key: Key) {
    update { $0.queue.forget(key) }
  }

  /// Work that was handed out begins to wait for its turn at a rate limit: another may begin.
  package func waitBegan() { update { $0.waiting += 1 } }

  /// It goes on.
  package func waitEnded() { update { $0.waiting -= 1 } }

  /// Keys that are due, by priority, and keys that are worked on, without those that wait for a limit.
  package func depths() -> (waiting: [WorkPriority: Int], running: Int) {
    state.withLock { ($0.queue.depth(now: time.uptime()), max(0, $0.working)) }
  }

  /// The queue as `/debug/state` shows it.
  package struct Inspection: Sendable {
    package let waiting: [WorkPriority: Int]
    package let running: Int
    /// Keys that are to come at a later time.
    package let scheduled: Int
    /// Keys that failed the last time.
    package let retrying: Int
    /// Keys that are due, those that wait longest first.
    package let oldest: [WorkQueue<Key>.Waiting]
    /// Since the start: keys that were asked for, work that ended, and work that failed.
    package let adds: UInt64
    package let ended: UInt64
    package let retries: UInt64
  }

  /// The queue now.
  ///
  /// - Parameter limit: how many waiting keys are named.
  package func inspect(limit: Int) -> Inspection {
    let now = time.uptime()
    return state.withLock { state in
      Inspection(
        waiting: state.queue.depth(now: now), running: state.queue.running,
        scheduled: state.queue.scheduled(now: now), retrying: state.queue.retrying,
        oldest: state.queue.oldest(limit, now: now), adds: state.adds, ended: state.ended,
        retries: state.retries)
    }
  }

  /// Works until the task is cancelled or the pool is closed. Work that has begun is finished. After a
  /// cancellation it may be run again: keys wait meanwhile.
  ///
  /// - Parameter workers: how many keys are worked on at once.
  package func run(
    workers: Int, _ work: @escaping @Sendable (Job) async -> Ending
  ) async {
    update {
      $0.workers = workers
      $0.isSuspended = false
    }
    await withTaskCancellationHandler {
      await withDiscardingTaskGroup { group in
        while case let jobs = await take(), !jobs.isEmpty {
          for job in jobs {
            group.addTask { self.finish(job.key, await work(job)) }
          }
        }
      }
    } onCancel: {
      stop { $0.isSuspended = true }
    }
  }

  /// Hands out no more work, for ever.
  package func close() {
    stop { $0.isClosed = true }
  }

  private func stop(_ change: (inout State) -> Void) {
    let starter = state.withLock { state in
      change(&state)
      return state.starter.take()
    }
    starter?.resume(returning: [])
  }

  /// The jobs that are to begin now, once there are any; none when there will be no more.
  private func take() async -> [Job] {
    await withCheckedContinuation { starter in
      update { $0.starter = starter }
    }
  }

  private func finish(_ key: Key, _ ending: Ending) {
    let now = time.uptime()
    update { state in
      state.ended += 1
      if ending.isFailure { state.retries += 1 }
      switch ending {
      case .done(let again): state.queue.succeed(key, again: again.map { now + $0 })
      case .postponed(let wait):
        state.queue.postpone(key, until: now + wait, priority: .dependency)
      case .failed(let atLeast):
        state.queue.fail(key, now: now, atLeast: atLeast, jitter: jitter())
      case .gone:
        state.queue.forget(key)
        state.queue.succeed(key, again: nil)
      }
    }
  }

  /// Changes the queue, then begins what is due and has room, and sets the next wake-up.
  private func update(_ change: (inout State) -> Void) {
    var resumption: (CheckedContinuation<[Job], Never>, [Job])?
    var sleep: Duration?
    state.withLock { state in
      change(&state)
      if state.isClosed || state.isSuspended {
        resumption = state.starter.take().map { ($0, []) }
        return
      }
      let now = time.uptime()
      if let wake = state.wake, wake <= now { state.wake = nil }
      if let starter = state.starter {
        var jobs: [Job] = []
        while state.hasRoom, let next = state.queue.next(now: now) {
          jobs.append(Job(key: next.key, priority: next.priority, due: next.due))
        }
        if !jobs.isEmpty {
          state.starter = nil
          resumption = (starter, jobs)
        }
      }
      if let due = state.queue.nextDue(), due > now, due < state.wake ?? .seconds(Int64.max) {
        state.wake = due
        sleep = due - now
      }
    }
    resumption?.0.resume(returning: resumption?.1 ?? [])
    if let sleep {
      // Unstructured: it ends by itself, and waking an emptied queue does nothing.
      Task {
        try? await time.sleep(sleep)
        update { _ in }
      }
    }
  }
}
