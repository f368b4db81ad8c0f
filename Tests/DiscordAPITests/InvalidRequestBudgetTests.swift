import DiscordAPI
import Testing

private let start = ContinuousClock.now

@Test func invalidRequestsCountForTenMinutes() {
  var budget = InvalidRequestBudget()
  for second in 0..<120 { budget.note(at: start.advanced(by: .seconds(second))) }
  #expect(budget.count(at: start.advanced(by: .seconds(120))) == 120)
  #expect(budget.level(at: start.advanced(by: .seconds(120))) == .careful)
  // The first minute has left, the second is still there.
  #expect(budget.count(at: start.advanced(by: .seconds(659))) == 60)
  #expect(budget.count(at: start.advanced(by: .seconds(800))) == 0)
  #expect(budget.level(at: start.advanced(by: .seconds(800))) == .normal)
}

@Test func pollsSlowDownAtOnePercentAndChangesDoNot() {
  var budget = InvalidRequestBudget()
  for _ in 0..<100 { budget.note(at: start) }
  #expect(budget.wait(for: .poll, isTokenCheck: false, at: start) == nil)
  #expect(budget.wait(for: .poll, isTokenCheck: false, at: start) == .seconds(2))
  #expect(budget.wait(for: .update, isTokenCheck: false, at: start) == nil)
  #expect(budget.wait(for: .createOrDelete, isTokenCheck: false, at: start) == nil)
}

@Test func atAQuarterOnlyATokenCheckAMinuteGoesOn() {
  var budget = InvalidRequestBudget()
  for _ in 0..<2_500 { budget.note(at: start) }
  #expect(budget.wait(for: .createOrDelete, isTokenCheck: false, at: start) == .seconds(60))
  #expect(budget.wait(for: .poll, isTokenCheck: true, at: start) == nil)
  #expect(budget.wait(for: .poll, isTokenCheck: true, at: start) == .seconds(60))
  let later = start.advanced(by: .seconds(60))
  #expect(budget.wait(for: .poll, isTokenCheck: true, at: later) == nil)
}
