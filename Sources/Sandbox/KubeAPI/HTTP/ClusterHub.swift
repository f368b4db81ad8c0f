import Synchronization

/// Where requests, watches and background work meet: the cluster under one lock, and a signal to
/// whoever waits for a change.
final class ClusterHub: Sendable {
  private struct State {
    var cluster: KubeCluster
    var faults = KubeFaultPlan()
    var watchers: [UInt64: AsyncStream<Void>.Continuation] = [:]
    var nextWatcher: UInt64 = 0
    /// Watches that were opened before the last fault that dropped watches.
    var dropsBefore: UInt64 = 0
    var isShutDown = false
  }

  private let state: Mutex<State>
  private let work: AsyncStream<Void>
  private let workSignal: AsyncStream<Void>.Continuation
  let now: @Sendable () -> KubeTime

  init(cluster: KubeCluster, now: @escaping @Sendable () -> KubeTime) {
    state = Mutex(State(cluster: cluster))
    (work, workSignal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    self.now = now
    workSignal.yield()
  }

  func respond(to request: KubeRequest) -> KubeResponse {
    withCluster { $0.respond(to: request, now: now()) }
  }

  func withCluster<Result: Sendable>(_ body: (inout KubeCluster) -> Result) -> Result {
    let (result, hasWork) = state.withLock { state in
      let before = state.cluster.store.resourceVersion
      let result = body(&state.cluster)
      if state.cluster.store.resourceVersion != before { Self.signal(state) }
      return (result, state.cluster.hasBackgroundWork)
    }
    if hasWork { workSignal.yield() }
    return result
  }

  private static func signal(_ state: State) {
    for watcher in state.watchers.values { watcher.yield() }
  }

  /// Collects garbage and ends namespaces shortly after a write that may have left some.
  func runBackgroundWork() async {
    for await _ in work {
      // Like a controller, a moment later: a client sees its own write first.
      try? await Task.sleep(for: .milliseconds(20))
      if Task.isCancelled { return }
      withCluster { cluster in
        _ = cluster.runBackgroundWork(now: now())
      }
    }
  }

  /// Wakes the watches once a second for bookmarks and deadlines.
  func runClock() async {
    while !Task.isCancelled {
      try? await Task.sleep(for: .seconds(1))
      state.withLock { Self.signal($0) }
    }
  }

  // MARK: Watches

  /// Registers a watch; its stream gives an element when there may be something to send.
  func subscribe() -> (id: UInt64, signals: AsyncStream<Void>) {
    let (signals, continuation) = AsyncStream<Void>.makeStream(
      bufferingPolicy: .bufferingNewest(1))
    continuation.yield()
    let id = state.withLock { state in
      state.nextWatcher += 1
      state.watchers[state.nextWatcher] = continuation
      return state.nextWatcher
    }
    return (id, signals)
  }

  func unsubscribe(_ id: UInt64) {
    state.withLock { $0.watchers[id] = nil }
  }

  /// How many watches are open.
  var watchCount: Int { state.withLock { $0.watchers.count } }

  /// The next bytes of a watch, and whether its stream ends after them.
  func frames(for session: inout WatchSession, watcher: UInt64) -> (bytes: [UInt8], isOver: Bool) {
    var copy = session
    let now = now()
    let answer = state.withLock { state in
      if state.isShutDown { return (state.cluster.finish(&copy, now: now), true) }
      if watcher <= state.dropsBefore { return ([], true) }
      let bytes = state.cluster.frames(for: &copy, now: now)
      return (bytes, copy.isFinished)
    }
    session = copy
    return answer
  }

  /// Ends all watches, now and in the future.
  func shutDown() {
    state.withLock { state in
      state.isShutDown = true
      Self.signal(state)
    }
    workSignal.finish()
  }

  // MARK: Faults

  func inject(_ fault: KubeFault) {
    let now = now()
    withCluster { cluster in
      if fault.forgetsHistory { cluster.forgetHistory() }
    }
    state.withLock { state in
      state.faults.add(fault, now: now)
      if fault.dropsWatches {
        state.dropsBefore = state.nextWatcher
        Self.signal(state)
      }
    }
  }

  func clearFaults() { state.withLock { $0.faults = KubeFaultPlan() } }

  func fault(for request: KubeRequest) -> KubeFault? {
    let now = now()
    return state.withLock { $0.faults.take(request, now: now) }
  }

  /// Whether a fault that hangs still lasts.
  func isHanging(_ request: KubeRequest) -> Bool {
    let now = now()
    return state.withLock { !$0.isShutDown && $0.faults.hangs(request, now: now) }
  }
}

extension KubeCluster {
  /// Forgets all changes: every watch that is behind gets 410 Expired, as after a compaction.
  package mutating func forgetHistory() { store.forgetHistory() }
}
