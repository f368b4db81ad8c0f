import DiscordAPI
import Synchronization

/// A clock that jumps: who sleeps wakes at once, at the time that was asked for.
final class VirtualClock: Sendable {
  private let instant = Mutex(ContinuousClock.now)
  private let asleep = Mutex<[Duration]>([])

  var now: ContinuousClock.Instant { instant.withLock { $0 } }
  /// How long each sleep was to be.
  var sleeps: [Duration] { asleep.withLock { $0 } }

  func advance(by duration: Duration) {
    instant.withLock { $0 = $0.advanced(by: duration) }
  }

  var time: DiscordTime {
    DiscordTime(
      now: { self.now },
      sleep: { until in
        guard !Task.isCancelled else { return }
        let before = self.instant.withLock { now in
          let before = now
          now = max(now, until)
          return before
        }
        self.asleep.withLock { $0.append(before.duration(to: until)) }
      })
  }
}

/// Collects what an observer hears.
final class Recorder<Element: Sendable>: Sendable {
  private let list = Mutex<[Element]>([])
  var all: [Element] { list.withLock { $0 } }
  func add(_ element: Element) { list.withLock { $0.append(element) } }
}

/// Holds callers until it is opened.
final class Gate: Sendable {
  private struct State {
    var isOpen = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  func pass() async {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        if !state.isOpen { state.waiting.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
  }

  func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  /// Returns when so many wait.
  func whenWaiting(_ count: Int) async {
    while state.withLock({ $0.waiting.count }) < count { await Task.yield() }
  }
}
