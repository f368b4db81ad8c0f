import Engine
import KubeWatch
import Testing

@Suite struct ReconcileHistoryTests {
  private let key = ResourceKey(kind: "Channel", object: ObjectKey(namespace: "a", name: "b"))

  @Test func aRunHasAStartThenADuration() {
    let history = ReconcileHistory()
    history.began(key, id: 7, at: .seconds(10))
    #expect(history[key]?.runningSince == .seconds(10))
    history.ended(key, isFailure: false, at: .seconds(12))
    let entry = history[key]
    #expect(entry?.id == 7)
    #expect(entry?.runningSince == nil)
    #expect(entry?.lastEnd == .seconds(12))
    #expect(entry?.lastDuration == .seconds(2))
  }

  @Test func failuresInARowKeepTheTimeOfTheFirst() {
    let history = ReconcileHistory()
    for second in [1, 3, 5] {
      history.began(key, id: UInt64(second), at: .seconds(second))
      history.ended(key, isFailure: true, at: .seconds(second + 1))
    }
    #expect(history[key]?.failures == 3)
    #expect(history[key]?.failingSince == .seconds(2))
    history.began(key, id: 9, at: .seconds(9))
    history.ended(key, isFailure: false, at: .seconds(9))
    #expect(history[key]?.failures == 0)
    #expect(history[key]?.failingSince == nil)
  }

  @Test func whatIsForgottenDoesNotComeBackWithItsEnd() {
    let history = ReconcileHistory()
    history.began(key, id: 1, at: .zero)
    history.forget(key)
    history.ended(key, isFailure: false, at: .seconds(1))
    #expect(history.all().isEmpty)
  }
}
