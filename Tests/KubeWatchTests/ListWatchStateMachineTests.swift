import Testing

@testable import KubeWatch

struct ListWatchStateMachineTests {
  private var machine = ListWatchStateMachine()
  private var now = ContinuousClock.now

  private mutating func handle(
    _ event: ListWatchStateMachine.Event, after: Duration = .zero, random: Double = 0
  ) -> ListWatchStateMachine.Action {
    now = now.advanced(by: after)
    return machine.handle(event, now: now, random: random)
  }

  private mutating func startWatching() {
    _ = handle(.started)
    _ = handle(.pageArrived(resourceVersion: "7", continueToken: nil))
  }

  @Test mutating func aListGoesPageByPageAndThenIsWatchedFromItsVersion() {
    #expect(handle(.started) == .list(continueToken: nil, limit: 500))
    #expect(
      handle(.pageArrived(resourceVersion: "7", continueToken: "more"))
        == .list(continueToken: "more", limit: 500))
    #expect(
      handle(.pageArrived(resourceVersion: "7", continueToken: nil), random: 0.5)
        == .watch(resourceVersion: "7", timeout: .seconds(450)))
  }

  @Test mutating func anEndedWatchResumesWhereItWas() {
    startWatching()
    machine.noteProgress(resourceVersion: "9")
    #expect(
      handle(.watchEnded(gotEvents: true))
        == .watch(resourceVersion: "9", timeout: .seconds(300)))
    #expect(
      handle(.watchEnded(gotEvents: false), after: .seconds(300))
        == .watch(resourceVersion: "9", timeout: .seconds(300)))
  }

  @Test mutating func aWatchThatEndsAtOnceIsNotAskedForInALoop() {
    startWatching()
    #expect(
      handle(.watchEnded(gotEvents: false), after: .milliseconds(5))
        == .wait(.milliseconds(800)))
    #expect(handle(.waitEnded) == .watch(resourceVersion: "7", timeout: .seconds(300)))
  }

  @Test mutating func anExpiredVersionIsListedAgain() {
    startWatching()
    #expect(handle(.watchFailed(.expired)) == .wait(.milliseconds(800)))
    #expect(handle(.waitEnded) == .list(continueToken: nil, limit: 500))
  }

  @Test mutating func anUnavailableServerIsAskedToResume() {
    startWatching()
    #expect(handle(.watchFailed(.unavailable(retryAfter: nil))) == .wait(.milliseconds(800)))
    #expect(handle(.waitEnded) == .watch(resourceVersion: "7", timeout: .seconds(300)))
  }

  @Test mutating func aRefusedWatchIsListedAgain() {
    startWatching()
    _ = handle(.watchFailed(.refused(retryAfter: nil)))
    #expect(handle(.waitEnded) == .list(continueToken: nil, limit: 500))
  }

  @Test mutating func anExpiredContinueTokenIsFollowedByAListInOnePiece() {
    _ = handle(.started)
    _ = handle(.pageArrived(resourceVersion: "7", continueToken: "more"))
    #expect(handle(.listFailed(.expired)) == .wait(.milliseconds(800)))
    #expect(handle(.waitEnded) == .list(continueToken: nil, limit: nil))
  }

  @Test mutating func waitsGrowToALimitWithJitterAndStartAgainAfterTwoQuietMinutes() {
    _ = handle(.started)
    var waits: [Duration] = []
    for _ in 0..<8 {
      if case .wait(let wait) = handle(.listFailed(.unavailable(retryAfter: nil))) {
        waits.append(wait)
      }
      _ = handle(.waitEnded)
    }
    #expect(
      waits.map { $0 / .milliseconds(1) } == [
        800, 1600, 3200, 6400, 12800, 25600, 30000, 30000,
      ])
    #expect(
      handle(.listFailed(.unavailable(retryAfter: nil)), after: .seconds(10), random: 0.5)
        == .wait(.seconds(45)))
    #expect(
      handle(.listFailed(.unavailable(retryAfter: nil)), after: .seconds(121))
        == .wait(.milliseconds(800)))
  }

  @Test mutating func theServersRetryAfterIsTheLeastWait() {
    _ = handle(.started)
    #expect(
      handle(.listFailed(.unavailable(retryAfter: .seconds(5)))) == .wait(.seconds(5)))
  }
}
