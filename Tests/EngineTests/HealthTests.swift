import DiscordAPI
import KubeWatch
import Synchronization
import Testing

@testable import Engine

@Suite struct HealthTests {
  /// A clock that stands still.
  private final class Clock: Sendable {
    let now = Mutex(Duration.zero)

    var source: TimeSource {
      TimeSource(
        origin: .now, uptime: { self.now.withLock { $0 } }, wallMilliseconds: { 0 },
        sleep: { _ in })
    }

    func pass(_ duration: Duration) { now.withLock { $0 += duration } }
  }

  @Test func whoIsSilentForLongerThanItMayIsNamed() {
    var heartbeat = Heartbeat()
    heartbeat.expect("a", every: .seconds(10), from: .zero)
    heartbeat.expect("b", every: .seconds(100), from: .zero)
    #expect(heartbeat.silent(at: .seconds(10)).isEmpty)
    #expect(heartbeat.silent(at: .seconds(11)).map(\.name) == ["a"])
    heartbeat.beat("a", at: .seconds(11))
    #expect(heartbeat.silent(at: .seconds(20)).isEmpty)
    #expect(heartbeat.silent(at: .seconds(101)).map(\.name) == ["a", "b"])
    #expect(heartbeat.silent(at: .seconds(101)).last?.duration == .seconds(101))
  }

  @Test func aProcessWhoseTasksGetNoThreadIsNotAlive() {
    let clock = Clock()
    let liveness = Liveness(time: clock.source)
    #expect(liveness.results().allSatisfy { $0.failure == nil })
    clock.pass(.seconds(31))
    #expect(liveness.results().first { $0.name == "tasks" }?.failure != nil)
    liveness.beat(ended: 0, hasWork: false)
    #expect(liveness.results().allSatisfy { $0.failure == nil })
  }

  @Test func workersThatEndNothingWhileWorkWaitsAreStuck() {
    let clock = Clock()
    let liveness = Liveness(time: clock.source)
    func passBeating(_ seconds: Int, ended: (Int) -> UInt64, hasWork: Bool) {
      for second in stride(from: 0, to: seconds, by: 5) {
        clock.pass(.seconds(5))
        liveness.beat(ended: ended(second), hasWork: hasWork)
      }
    }
    // Nothing to do, for long.
    passBeating(1_000, ended: { _ in 7 }, hasWork: false)
    #expect(liveness.results().allSatisfy { $0.failure == nil })
    // Busy, and getting on.
    passBeating(1_000, ended: { UInt64(8 + $0 / 200) }, hasWork: true)
    #expect(liveness.results().allSatisfy { $0.failure == nil })
    passBeating(305, ended: { _ in 99 }, hasWork: true)
    passBeating(5, ended: { _ in 99 }, hasWork: true)
    #expect(liveness.results().filter { $0.failure != nil }.map(\.name) == ["workers"])
  }

  @Test func discordIsOutOfReachWhenNothingIsAnsweredForAWhile() {
    var reach = DiscordReach()
    #expect(reach.problem(at: .seconds(1_000)) == nil)
    reach.note(.networkError, "no route", at: .seconds(1_000))
    #expect(reach.problem(at: .seconds(1_029)) == nil)
    reach.note(.serverError, "502", at: .seconds(1_029))
    #expect(reach.problem(at: .seconds(1_030)) == "no answer for 30 s: 502")
    // A refusal is an answer.
    reach.note(.clientError, "403", at: .seconds(1_031))
    #expect(reach.problem(at: .seconds(2_000)) == nil)
    reach.note(.networkError, "no route", at: .seconds(2_000))
    #expect(reach.problem(at: .seconds(2_001)) == nil)
  }

  @Test func aMissingDefinitionIsToldAndHoldsNobodyUpUnlessAllAreMissing() {
    let type = ResourceType(
      group: "role.discord.crossplane.io", version: "v1alpha1", kind: "Role", plural: "roles")
    var status = Reflector.Status()
    #expect(CacheReadiness.check(type, status, isOptional: true).failure == "not listed yet")
    status.lastError = "403 Forbidden"
    #expect(
      CacheReadiness.check(type, status, isOptional: true).failure
        == "not listed yet: 403 Forbidden")
    status.isTypeMissing = true
    let waiting = CacheReadiness.check(type, status, isOptional: true)
    #expect(waiting.failure == nil)
    #expect(waiting.name.contains("roles.role.discord.crossplane.io is not installed"))
    #expect(CacheReadiness.check(type, status, isOptional: false).failure != nil)
    status.isTypeMissing = false
    status.hasSynced = true
    #expect(CacheReadiness.check(type, status, isOptional: false).failure == nil)
  }
}
