import DiscordAPI
import Testing

private let start = ContinuousClock.now

private let halfAMinute: CircuitBreaker.Configuration = {
  var configuration = CircuitBreaker.Configuration()
  configuration.coolDown = .seconds(30)
  configuration.maximumCoolDown = .seconds(120)
  return configuration
}()

private func failing(_ breaker: inout CircuitBreaker, times: Int) -> CircuitBreaker.Transition? {
  var last: CircuitBreaker.Transition?
  for _ in 0..<times {
    last = breaker.ended(.normal, .failure, at: start, random: 0.5)
  }
  return last
}

@Test func breakerOpensOnFailuresInARowOnly() {
  var breaker = CircuitBreaker(configuration: halfAMinute)
  #expect(failing(&breaker, times: 4) == nil)
  _ = breaker.ended(.normal, .success, at: start, random: 0.5)
  #expect(failing(&breaker, times: 4) == nil)
  #expect(breaker.phase == .closed)
  #expect(failing(&breaker, times: 1) == .init(from: .closed, to: .open))
  #expect(breaker.refusal(at: start) == .seconds(30))
}

@Test func aPersonCanEndTheCoolDownButNotTheProbe() {
  var breaker = CircuitBreaker(configuration: halfAMinute)
  let isEndedWhileClosed = breaker.endCoolDown()
  #expect(!isEndedWhileClosed)
  _ = failing(&breaker, times: 5)
  let isEnded = breaker.endCoolDown()
  #expect(isEnded)
  #expect(breaker.phase == .halfOpen)
  let first = breaker.admit(at: start).0
  let second = breaker.admit(at: start).0
  #expect(first == .admitted(.probe))
  #expect(second == .refused(retryAfter: .seconds(1)))
  // A probe that fails doubles the cool-down as any other.
  _ = breaker.ended(.probe, .failure, at: start, random: 0.5)
  #expect(breaker.refusal(at: start) == .seconds(60))
}

@Test func breakerLetsOneProbeThroughAndClosesOnItsSuccess() {
  var breaker = CircuitBreaker(configuration: halfAMinute)
  _ = failing(&breaker, times: 5)
  #expect(breaker.ended(.normal, .success, at: start, random: 0.5) == nil)
  #expect(breaker.phase == .open)
  let later = start.advanced(by: .seconds(30))
  #expect(breaker.admit(at: later).0 == .admitted(.probe))
  #expect(breaker.phase == .halfOpen)
  #expect(breaker.admit(at: later).0 == .refused(retryAfter: .seconds(1)))
  // What was under way before the opening decides nothing.
  #expect(breaker.ended(.normal, .success, at: later, random: 0.5) == nil)
  #expect(breaker.phase == .halfOpen)
  #expect(
    breaker.ended(.probe, .success, at: later, random: 0.5)
      == .init(from: .halfOpen, to: .closed))
}

@Test func failedProbeDoublesTheCoolDownUpToItsMaximum() {
  var breaker = CircuitBreaker(configuration: halfAMinute)
  _ = failing(&breaker, times: 5)
  var now = start
  var waits: [Duration] = []
  for _ in 0..<4 {
    now = now.advanced(by: breaker.openFor(at: now) ?? .zero)
    _ = breaker.admit(at: now)
    _ = breaker.ended(.probe, .failure, at: now, random: 0.5)
    waits.append(breaker.openFor(at: now) ?? .zero)
  }
  #expect(waits == [.seconds(60), .seconds(120), .seconds(120), .seconds(120)])
}

@Test func coolDownVariesWithChance() {
  var low = CircuitBreaker(configuration: halfAMinute)
  var high = CircuitBreaker(configuration: halfAMinute)
  for _ in 0..<5 {
    _ = low.ended(.normal, .failure, at: start, random: 0)
    _ = high.ended(.normal, .failure, at: start, random: 0.999_999)
  }
  let (short, long) = (low.openFor(at: start) ?? .zero, high.openFor(at: start) ?? .zero)
  #expect(short >= .seconds(23.9) && short < .seconds(24.1))
  #expect(long > .seconds(35.9) && long <= .seconds(36))
}

@Test func abandonedProbeLeavesRoomForAnother() {
  var breaker = CircuitBreaker(configuration: halfAMinute)
  _ = failing(&breaker, times: 5)
  let later = start.advanced(by: .seconds(30))
  _ = breaker.admit(at: later)
  _ = breaker.ended(.probe, .abandoned, at: later, random: 0.5)
  #expect(breaker.admit(at: later).0 == .admitted(.probe))
}

@Test func breakerTellsSinceWhenItIsOpenThroughFailedProbes() {
  var breaker = CircuitBreaker(configuration: halfAMinute)
  #expect(breaker.openSince(at: start) == nil)
  #expect(breaker.coolDown == nil)
  _ = failing(&breaker, times: 5)
  #expect(breaker.coolDown == .seconds(30))
  let probe = start.advanced(by: .seconds(30))
  _ = breaker.admit(at: probe)
  _ = breaker.ended(.probe, .failure, at: probe, random: 0.5)
  #expect(breaker.openSince(at: start.advanced(by: .seconds(40))) == .seconds(40))
  #expect(breaker.coolDown == .seconds(60))
  let second = probe.advanced(by: .seconds(60))
  _ = breaker.admit(at: second)
  _ = breaker.ended(.probe, .success, at: second, random: 0.5)
  #expect(breaker.openSince(at: second) == nil)
  #expect(breaker.coolDown == nil)
}
