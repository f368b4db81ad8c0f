import Engine
import Testing

@Suite struct PollScheduleTests {
  let schedule = PollSchedule(interval: .seconds(60))

  @Test func objectsOfOneGuildMeet() {
    let moments = (0..<50).map { number -> Int64 in
      let now = Duration.milliseconds(1_000_000 + number * 500)
      return (now + schedule.wait(group: "guild", now: now)).inMilliseconds % 60_000
    }
    #expect(Set(moments).count == 1)
  }

  @Test func guildsAreSpread() {
    let moments = (0..<200).map {
      schedule.wait(group: "guild-\($0)", now: .seconds(1_000)).inMilliseconds / 6_000
    }
    #expect(Set(moments).count >= 9)
  }

  @Test func theWaitIsNeverShortAndNeverMuchLongerThanTheInterval() {
    for number in 0..<500 {
      let wait = schedule.wait(group: "g", now: .milliseconds(number * 137))
      #expect(wait >= .seconds(6) && wait <= .seconds(66))
    }
  }

  @Test func anObjectsOwnIntervalCounts() {
    let wait = schedule.wait(group: "g", interval: .seconds(5), now: .seconds(100))
    #expect(wait <= .milliseconds(5_500))
  }
}
