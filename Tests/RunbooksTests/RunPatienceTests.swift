import Testing

@testable import Runbooks

@Suite struct RunPatienceTests {
  @Test func theRunsBecomeRarerAndTheLastIsAtTheEnd() {
    var patience = RunPatience(until: .seconds(30))
    var now = Duration.zero
    var pauses: [Duration] = []
    while let pause = patience.pause(after: .fail, at: now) {
      pauses.append(pause)
      now += pause
    }
    #expect(
      pauses == [.seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(10), .seconds(5)])
    #expect(now == .seconds(30))
  }

  @Test(arguments: [RunbookExit.pass, .badScript])
  func whatNoWaitingChangesIsNotWaitedFor(exit: RunbookExit) {
    var patience = RunPatience(until: .seconds(30))
    #expect(patience.pause(after: exit, at: .zero) == nil)
  }

  @Test(arguments: [RunbookExit.fail, .warn, .unknown, .escalateNow])
  func whateverIsNotWellIsWaitedFor(exit: RunbookExit) {
    var patience = RunPatience(until: .seconds(30))
    #expect(patience.pause(after: exit, at: .zero) == .seconds(1))
    #expect(patience.pause(after: exit, at: .seconds(30)) == nil)
  }
}
