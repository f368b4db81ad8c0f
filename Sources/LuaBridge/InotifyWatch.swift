import Dispatch
import Glibc
import Synchronization

/// The inotify descriptor behind a ``ScriptDirectoryWatcher``. All work is done on its queue.
final class InotifyWatch: Sendable {
  private static let longestBurst = DispatchTimeInterval.milliseconds(500)

  private struct State {
    var burstEnds: DispatchTime?
    var burstBegan = ContinuousClock.now
    var generation = 0
  }

  private let directory: String
  private let descriptor: Int32
  private let queue = DispatchQueue(label: "scripts.watch")
  private let silence: DispatchTimeInterval
  private let continuation: AsyncStream<ContinuousClock.Instant>.Continuation
  private let state = Mutex(State())
  // Dispatch sources are thread-safe, though not declared so.
  nonisolated(unsafe) private let source: (any DispatchSourceRead)?

  init(
    directory: String, silence: Duration,
    continuation: AsyncStream<ContinuousClock.Instant>.Continuation
  ) {
    self.directory = directory
    let (seconds, attoseconds) = silence.components
    self.silence = .milliseconds(
      Int(clamping: seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000))
    self.continuation = continuation
    let descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
    self.descriptor = descriptor
    guard descriptor >= 0 else {
      unsafe source = nil
      return
    }
    let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
    source.setCancelHandler { close(descriptor) }
    unsafe self.source = source
  }

  /// Begins to report; false when the directory cannot be watched.
  func start() -> Bool {
    guard let source = unsafe source else { return false }
    source.setEventHandler { [weak self] in self?.changesArrived() }
    source.activate()
    return addWatches()
  }

  func stop() {
    unsafe source?.cancel()
    continuation.finish()
  }

  /// Adding a folder that is watched already changes nothing.
  private func addWatches() -> Bool {
    let events = UInt32(
      IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB
        | IN_DELETE_SELF | IN_MOVE_SELF)
    let added = unsafe inotify_add_watch(descriptor, directory, events) >= 0
    for folder in ["lib", "resources", "runbooks"] {
      _ = unsafe inotify_add_watch(descriptor, "\(directory)/\(folder)", events)
    }
    return added
  }

  private func changesArrived() {
    drain()
    _ = addWatches()
    let now = DispatchTime.now()
    let (deadline, generation) = state.withLock { state in
      if state.burstEnds == nil { state.burstBegan = .now }
      let ends = state.burstEnds ?? now + Self.longestBurst
      state.burstEnds = ends
      state.generation += 1
      return (min(now + silence, ends), state.generation)
    }
    queue.asyncAfter(deadline: deadline) { [weak self] in self?.report(generation) }
  }

  private func report(_ generation: Int) {
    let began = state.withLock { state -> ContinuousClock.Instant? in
      guard let ends = state.burstEnds else { return nil }
      guard state.generation == generation || DispatchTime.now() >= ends else { return nil }
      state.burstEnds = nil
      return state.burstBegan
    }
    if let began { continuation.yield(began) }
  }

  /// What changed does not matter: the whole directory is read again.
  private func drain() {
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while unsafe buffer.withUnsafeMutableBytes({
      unsafe read(descriptor, $0.baseAddress, $0.count)
    }) > 0 {}
  }
}
