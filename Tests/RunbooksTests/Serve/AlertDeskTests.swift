import Runbooks
import Testing

/// The desk alone: times are numbers that the test makes up.
@Suite struct AlertDeskTests {
  private static func alert(
    _ name: String = "Down", _ fingerprint: String = "f1", _ status: Alert.Status = .firing,
    startsAt: String = "2026-01-01T00:00:00Z"
  ) -> Alert {
    Alert(
      status: status, labels: ["alertname": name], startsAt: startsAt, fingerprint: fingerprint)
  }

  private static let alerts = ["Down": "provider-down", "Errors": "high-error-rate"]

  private static func desk(_ limits: AlertDesk.Limits = .init()) -> AlertDesk {
    AlertDesk(alerts: alerts, now: .zero, limits: limits)
  }

  private static func answer(
    accepted: Int = 0, duplicates: Int = 0, unknown: [String] = [], refused: Int = 0
  ) -> AlertDesk.Answer {
    var answer = AlertDesk.Answer()
    answer.accepted = accepted
    answer.duplicates = duplicates
    answer.unknown = unknown
    answer.refused = refused
    return answer
  }

  @Test func anAlertStartsItsRunbookOnce() {
    var desk = Self.desk()
    #expect(desk.receive([Self.alert()], now: .zero) == Self.answer(accepted: 1))
    let jobs = desk.start(now: .zero)
    #expect(jobs.map(\.runbook) == ["provider-down"])
    #expect(jobs.first?.trigger == .alert)
    #expect(jobs.first?.alerts == [Self.alert()])
    // Alertmanager repeats itself for as long as the alert fires.
    #expect(desk.receive([Self.alert()], now: .seconds(4 * 3600)).duplicates == 1)
    #expect(desk.receive([Self.alert()], now: .seconds(29 * 3600)).duplicates == 1)
    desk.finished(jobs[0])
    #expect(desk.start(now: .seconds(29 * 3600)).isEmpty)
    // The same labels, but another beginning: another alert.
    let again = Self.alert(startsAt: "2026-01-02T00:00:00Z")
    #expect(desk.receive([again], now: .seconds(29 * 3600)).accepted == 1)
  }

  @Test func itsEndIsVerified() {
    var desk = Self.desk()
    _ = desk.receive([Self.alert()], now: .zero)
    let first = desk.start(now: .zero)
    #expect(desk.receive([Self.alert("Down", "f1", .resolved)], now: .seconds(60)).accepted == 1)
    // Not beside the run that still goes on.
    #expect(desk.start(now: .seconds(60)).isEmpty)
    desk.finished(first[0])
    #expect(desk.start(now: .seconds(61)).map(\.trigger) == [.resolved])
  }

  @Test func oneRunAnswersAllThatWaitedForIt() {
    var desk = Self.desk()
    _ = desk.receive([Self.alert("Down", "f1")], now: .zero)
    let running = desk.start(now: .zero)
    let answer = desk.receive(
      [Self.alert("Down", "f2"), Self.alert("Down", "f3")], now: .seconds(1))
    #expect(answer.accepted == 2)
    #expect(desk.queueLength == 1)
    desk.finished(running[0])
    let next = desk.start(now: .seconds(2))
    #expect(next.map { $0.alerts.map(\.fingerprint) } == [["f2", "f3"]])
  }

  @Test func differentRunbooksRunBesideEachOtherUpToTheLimit() {
    var limits = AlertDesk.Limits()
    limits.running = 1
    var desk = Self.desk(limits)
    _ = desk.receive([Self.alert("Down"), Self.alert("Errors")], now: .zero)
    let first = desk.start(now: .zero)
    #expect(first.map(\.runbook) == ["provider-down"])
    #expect(desk.start(now: .zero).isEmpty)
    desk.finished(first[0])
    #expect(desk.start(now: .zero).map(\.runbook) == ["high-error-rate"])
  }

  @Test func aFullQueueRefusesAndIsAskedAgain() {
    var limits = AlertDesk.Limits()
    limits.queue = 1
    var desk = Self.desk(limits)
    _ = desk.receive([Self.alert("Down")], now: .zero)
    #expect(desk.receive([Self.alert("Errors")], now: .zero).refused == 1)
    _ = desk.start(now: .zero)
    // It was not remembered as seen.
    #expect(desk.receive([Self.alert("Errors")], now: .zero).accepted == 1)
  }

  @Test func alertsOfOthersAreNamed() {
    var desk = Self.desk()
    let answer = desk.receive([Self.alert("KubeNodeNotReady")], now: .zero)
    #expect(answer == Self.answer(unknown: ["KubeNodeNotReady"]))
    #expect(desk.start(now: .zero).isEmpty)
  }

  @Test func whatIsRememberedHasAnEnd() {
    var limits = AlertDesk.Limits()
    limits.remembered = 4
    var desk = Self.desk(limits)
    for number in 0..<20 {
      _ = desk.receive([Self.alert("Down", "f\(number)")], now: .seconds(number))
    }
    #expect(desk.receive([Self.alert("Down", "f19")], now: .seconds(20)).duplicates == 1)
    #expect(desk.receive([Self.alert("Down", "f0")], now: .seconds(20)).duplicates == 0)
    // And each after its time.
    var other = Self.desk()
    _ = other.receive([Self.alert()], now: .zero)
    #expect(other.receive([Self.alert()], now: .seconds(27 * 3600)).accepted == 1)
  }

  @Test func theScheduleRunsEachAndMakesUpForNothing() {
    var desk = AlertDesk(
      alerts: Self.alerts, scheduled: ["provider-down", "high-memory"], interval: .seconds(60),
      now: .zero)
    let first = desk.start(now: .zero)
    #expect(first.map(\.runbook) == ["provider-down", "high-memory"])
    #expect(first.map(\.trigger) == [.schedule, .schedule])
    #expect(desk.nextDue == .seconds(60))
    desk.finished(first[0])
    // The second still runs when it is due again; five beats were missed.
    #expect(desk.start(now: .seconds(305)).map(\.runbook) == ["provider-down"])
    #expect(desk.nextDue == .seconds(360))
    #expect(desk.queueLength == 0)
  }

  @Test func afterTheStopNothingBegins() {
    var desk = AlertDesk(
      alerts: Self.alerts, scheduled: ["high-memory"], interval: .seconds(60), now: .zero)
    _ = desk.receive([Self.alert()], now: .zero)
    desk.stop()
    #expect(desk.start(now: .seconds(100)).isEmpty)
    #expect(desk.receive([Self.alert("Errors")], now: .zero).refused == 1)
    #expect(desk.nextDue == nil)
  }
}
