import Engine
import Testing

@Suite struct WorkQueueTests {
  @Test func aKeyIsInTheQueueOnce() {
    var queue = WorkQueue<String>()
    for _ in 0..<5 { queue.add("a", priority: .change, at: .zero) }
    #expect(queue.next(now: .zero)?.key == "a")
    #expect(queue.next(now: .zero) == nil)
  }

  @Test func aRunningKeyIsNotHandedOutTwiceAndComesAfter() {
    var queue = WorkQueue<String>()
    queue.add("a", priority: .change, at: .zero)
    _ = queue.next(now: .zero)
    queue.add("a", priority: .change, at: .zero)
    #expect(queue.next(now: .seconds(1)) == nil)
    #expect(queue.running == 1)
    queue.succeed("a", again: nil)
    #expect(queue.next(now: .seconds(1))?.key == "a")
  }

  @Test func aUsersChangeComesBeforePolls() {
    var queue = WorkQueue<String>()
    queue.add("poll", priority: .poll, at: .zero)
    queue.add("waiter", priority: .dependency, at: .zero)
    queue.add("user", priority: .change, at: .zero)
    let order = (0..<3).compactMap { _ in queue.next(now: .zero)?.key }
    #expect(order == ["user", "waiter", "poll"])
  }

  @Test func keysOfOnePriorityComeInTheirOrder() {
    var queue = WorkQueue<Int>()
    for key in 0..<10 { queue.add(key, priority: .poll, at: .zero) }
    #expect((0..<10).compactMap { _ in queue.next(now: .zero)?.key } == Array(0..<10))
  }

  @Test func aChangeBringsADelayedKeyForward() {
    var queue = WorkQueue<String>()
    queue.add("a", priority: .poll, at: .seconds(60))
    #expect(queue.nextDue() == .seconds(60))
    queue.add("a", priority: .change, at: .seconds(1))
    #expect(queue.nextDue() == .seconds(1))
    #expect(queue.next(now: .milliseconds(500)) == nil)
    let next = queue.next(now: .seconds(1))
    #expect(next?.priority == .change)
    #expect(next?.due == .seconds(1))
  }

  @Test func aLaterPollDoesNotPutOffAnEarlierOne() {
    var queue = WorkQueue<String>()
    queue.add("a", priority: .change, at: .seconds(1))
    queue.add("a", priority: .poll, at: .seconds(60))
    #expect(queue.nextDue() == .seconds(1))
  }

  @Test func ofTwoAskingsTheEarlierTimeAndTheHigherPriorityWin() {
    for askings in [
      [(WorkPriority.poll, 1), (.change, 60)], [(.change, 60), (.poll, 1)],
    ] {
      var queue = WorkQueue<String>()
      for (priority, due) in askings { queue.add("a", priority: priority, at: .seconds(due)) }
      let next = queue.next(now: .seconds(1))
      #expect(next?.due == .seconds(1))
      #expect(next?.priority == .change)
    }
  }

  @Test func failuresDoubleTheWaitUpToABound() {
    var queue = WorkQueue<String>(backoff: .init(first: .seconds(1), maximum: .seconds(8)))
    var now = Duration.zero
    queue.add("a", priority: .change, at: now)
    var waits: [Duration] = []
    for _ in 0..<6 {
      #expect(queue.next(now: now)?.key == "a")
      let due = queue.fail("a", now: now, jitter: 0)
      waits.append(due - now)
      now = due
    }
    #expect(waits == [1, 2, 4, 8, 8, 8].map { .seconds($0) })
    _ = queue.next(now: now)
    queue.succeed("a", again: nil)
    #expect(queue.failures(of: "a") == 0)
  }

  @Test func aFailureWaitsAtLeastAsLongAsItIsTold() {
    var queue = WorkQueue<String>()
    queue.add("a", priority: .change, at: .zero)
    _ = queue.next(now: .zero)
    #expect(queue.fail("a", now: .zero, atLeast: .seconds(300), jitter: 0) == .seconds(300))
  }

  @Test func postponingIsNoFailure() {
    var queue = WorkQueue<String>()
    queue.add("a", priority: .change, at: .zero)
    _ = queue.next(now: .zero)
    queue.postpone("a", until: .seconds(3), priority: .dependency)
    #expect(queue.failures(of: "a") == 0)
    #expect(queue.next(now: .seconds(3))?.key == "a")
  }

  @Test func aForgottenKeyDoesNotComeBack() {
    var queue = WorkQueue<String>()
    queue.add("a", priority: .poll, at: .seconds(1))
    queue.forget("a")
    #expect(queue.next(now: .seconds(2)) == nil)
    #expect(queue.nextDue() == nil)
  }

  @Test func whatWasAskedOfARunningKeyIsForgottenWithIt() {
    var queue = WorkQueue<String>()
    queue.add("a", priority: .change, at: .zero)
    _ = queue.next(now: .zero)
    queue.add("a", priority: .change, at: .zero)
    queue.forget("a")
    queue.succeed("a", again: nil)
    #expect(queue.next(now: .seconds(60)) == nil)
  }

  @Test func theDepthCountsWhatIsDue() {
    var queue = WorkQueue<String>()
    queue.add("a", priority: .poll, at: .zero)
    queue.add("b", priority: .change, at: .zero)
    queue.add("c", priority: .change, at: .seconds(9))
    #expect(queue.depth(now: .zero) == [.poll: 1, .change: 1])
  }

  /// Whatever is added, delayed, failed or forgotten: no key runs twice at once, and every key that
  /// was asked for runs after the asking.
  @Test func randomHistoriesKeepThePromises() {
    var generator = SplitMix(state: 42)
    for _ in 0..<50 {
      var queue = WorkQueue<Int>()
      var now = Duration.zero
      var running: Set<Int> = []
      var asked: Set<Int> = []
      for _ in 0..<400 {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0:
          let key = Int.random(in: 0..<8, using: &generator)
          asked.insert(key)
          let delay = Duration.milliseconds(Int.random(in: 0..<50, using: &generator))
          queue.add(
            key, priority: WorkPriority.allCases.randomElement(using: &generator) ?? .poll,
            at: now + delay)
        case 1:
          guard let next = queue.next(now: now) else { continue }
          #expect(running.insert(next.key).inserted)
          asked.remove(next.key)
        case 2:
          guard let key = running.randomElement(using: &generator) else { continue }
          running.remove(key)
          queue.succeed(key, again: nil)
        default: now += .milliseconds(20)
        }
      }
      for key in running { queue.succeed(key, again: nil) }
      now += .seconds(1)
      while let next = queue.next(now: now) { asked.remove(next.key) }
      #expect(asked.isEmpty)
    }
  }

  @Test func inspectionTellsWhatWaitsWhatIsToComeAndWhatFailed() {
    var queue = WorkQueue<String>()
    queue.add("old", priority: .poll, at: .milliseconds(1_500))
    queue.add("new", priority: .change, at: .seconds(2))
    queue.add("later", priority: .poll, at: .seconds(60))
    queue.add("failed", priority: .change, at: .zero)
    #expect(queue.next(now: .zero)?.key == "failed")
    queue.fail("failed", now: .zero, jitter: 0)
    let now: Duration = .seconds(3)
    #expect(queue.oldest(2, now: now).map(\.key) == ["failed", "old"])
    #expect(
      queue.oldest(9, now: now).map(\.due) == [.seconds(1), .milliseconds(1_500), .seconds(2)])
    #expect(queue.scheduled(now: now) == 1)
    #expect(queue.retrying == 1)
    #expect(queue.next(now: now)?.key == "new")
    #expect(queue.oldest(9, now: now).count == 2)
  }
}

/// A seeded generator, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
