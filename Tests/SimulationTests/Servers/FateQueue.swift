import Synchronization

/// Fates for the requests that a plan picks out, one after the other; then all is delivered.
final class FateQueue: Sendable {
  private let fates: Mutex<[Fate]>

  init(_ fates: [Fate]) { self.fates = Mutex(fates.reversed()) }

  func next() -> Fate { fates.withLock { $0.popLast() ?? .delivered } }
}
