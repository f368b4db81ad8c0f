import JSONValue
import KubeWatch
import Testing

/// The rules of a Lease, one decision at a time.
@Suite struct LeaderElectionTests {
  private typealias Action = LeaderElection.Action
  private static let start = ContinuousClock.now

  /// A machine and the answers of an API server that has one Lease.
  private struct Candidate {
    var machine: LeaderElection
    var actions: [Action] = []

    init(_ name: String) {
      machine = LeaderElection(configuration: .init(identity: name))
    }

    @discardableResult
    mutating func tell(_ event: LeaderElection.Event, at seconds: Double) -> [Action] {
      actions = machine.handle(
        event, now: LeaderElectionTests.start + .milliseconds(Int(seconds * 1000)), random: 0)
      return actions
    }

    var acts: Bool { machine.actsUntil != nil }
  }

  private static func record(
    _ holder: String, version: String = "1", duration: Duration? = .seconds(15)
  ) -> LeaseRecord {
    LeaseRecord(
      uid: "u", resourceVersion: version, holder: holder, duration: duration, transitions: 3)
  }

  private static func claim(
    _ holder: String, transitions: Int64, acquires: Bool
  ) -> LeaseClaim {
    LeaseClaim(
      holder: holder, duration: .seconds(15), transitions: transitions, isAcquisition: acquires)
  }

  /// Leads by a Lease that was given back; the renewal of second 0 was taken at once.
  private static func leader() -> Candidate {
    var me = Candidate("me")
    me.tell(.started, at: 0)
    me.tell(.read(record("", duration: .seconds(1))), at: 0)
    me.tell(.written(record("me", version: "2")), at: 0)
    return me
  }

  @Test func aLeaseThatWasGivenBackIsTakenAtOnce() {
    var me = Candidate("me")
    #expect(me.tell(.started, at: 0) == [.read])
    #expect(
      me.tell(.read(Self.record("", duration: .seconds(1))), at: 0)
        == [.update(Self.claim("me", transitions: 4, acquires: true), resourceVersion: "1")])
    #expect(me.tell(.written(Self.record("me", version: "2")), at: 0) == [.lead])
    #expect(me.machine.actsUntil == Self.start + .seconds(10))
  }

  @Test func anEmptyHolderThatNobodyGaveBackIsWaitedFor() {
    var me = Candidate("me")
    me.tell(.started, at: 0)
    #expect(me.tell(.read(Self.record("")), at: 0) == [])
    #expect(me.tell(.timePassed, at: 2) == [.read])
  }

  @Test func anothersLeaseIsTakenOnlyAfterItsDurationWithoutAChange() {
    var me = Candidate("me")
    me.tell(.started, at: 0)
    #expect(me.tell(.read(Self.record("other")), at: 0) == [])
    for second in stride(from: 2.0, to: 14, by: 2) {
      #expect(me.tell(.timePassed, at: second) == [.read])
      // It renews once, in second 4: from there its time counts again.
      #expect(
        me.tell(.read(Self.record("other", version: second < 4 ? "1" : "5")), at: second) == [])
    }
    me.tell(.timePassed, at: 18.9)
    #expect(me.tell(.read(Self.record("other", version: "5")), at: 18.9) == [])
    #expect(me.machine.nextWakeUp == Self.start + .seconds(19))
    me.tell(.timePassed, at: 19)
    #expect(
      me.tell(.read(Self.record("other", version: "5")), at: 19)
        == [.update(Self.claim("me", transitions: 4, acquires: true), resourceVersion: "5")])
  }

  @Test func theHoldersOwnDurationCounts() {
    var me = Candidate("me")
    me.tell(.started, at: 0)
    me.tell(.read(Self.record("other", duration: .seconds(60))), at: 0)
    me.tell(.timePassed, at: 59)
    #expect(me.tell(.read(Self.record("other", duration: .seconds(60))), at: 59) == [])
    me.tell(.timePassed, at: 60)
    #expect(me.tell(.read(Self.record("other", duration: .seconds(60))), at: 60).count == 1)
  }

  @Test func aTermEndsCountedFromTheSendingOfTheRenewal() {
    var me = Self.leader()
    #expect(
      me.tell(.timePassed, at: 2)
        == [.update(Self.claim("me", transitions: 3, acquires: false), resourceVersion: "2")])
    // The answer takes four seconds.
    #expect(me.tell(.written(Self.record("me", version: "3")), at: 6).count == 1)
    #expect(me.machine.actsUntil == Self.start + .seconds(12))
  }

  @Test func aRenewalThatHangsEndsTheTermInTime() {
    var me = Self.leader()
    me.tell(.timePassed, at: 2)
    #expect(me.machine.nextWakeUp == Self.start + .seconds(10))
    #expect(me.tell(.timePassed, at: 10) == [.stop(.expired)])
    #expect(!me.acts)
    // What is known of the Lease is too old to write on: it is read first.
    #expect(me.tell(.failed, at: 11) == [])
    #expect(me.tell(.timePassed, at: 13) == [.read])
  }

  @Test func anAnswerAfterTheEndOfItsOwnTimeDoesNotLead() {
    var me = Candidate("me")
    me.tell(.started, at: 0)
    me.tell(.read(Self.record("", duration: .seconds(1))), at: 0)
    // The write of second 0 is answered in second 10: others may count from second 0 on.
    let actions = me.tell(.written(Self.record("me", version: "2")), at: 10)
    #expect(!me.acts)
    #expect(
      actions == [.update(Self.claim("me", transitions: 3, acquires: false), resourceVersion: "2")])
    #expect(me.tell(.written(Self.record("me", version: "3")), at: 10.1).contains(.lead))
  }

  @Test func aProcessThatSleptThroughItsTermStopsBeforeAnythingElse() {
    var me = Self.leader()
    let actions = me.tell(.timePassed, at: 1_000)
    #expect(actions.first == .stop(.expired))
    #expect(!me.acts)
  }

  @Test func aConflictIsLookedInto() {
    var me = Self.leader()
    me.tell(.timePassed, at: 2)
    #expect(me.tell(.conflicted, at: 2) == [.read])
    #expect(me.acts)
    let actions = me.tell(.read(Self.record("other", version: "9")), at: 2)
    #expect(actions == [.stop(.takenBy("other"))])
    // Somebody may have labelled the Lease only.
    var same = Self.leader()
    same.tell(.timePassed, at: 2)
    same.tell(.conflicted, at: 2)
    #expect(
      same.tell(.read(Self.record("me", version: "9")), at: 2)
        == [.update(Self.claim("me", transitions: 3, acquires: false), resourceVersion: "9")])
    #expect(same.acts)
  }

  @Test func conflictsInARowAreSlowedDown() {
    var me = Candidate("me")
    me.tell(.started, at: 0)
    for _ in 0..<2 {
      me.tell(.read(Self.record("", duration: .seconds(1))), at: 0)
      #expect(me.tell(.conflicted, at: 0) == [.read])
    }
    me.tell(.read(Self.record("", duration: .seconds(1))), at: 0)
    #expect(me.tell(.conflicted, at: 0) == [])
    #expect(me.tell(.timePassed, at: 2) == [.read])
  }

  @Test func whoMakesTheLeaseWaitsForAHolderThatNobodyHasSeen() {
    var me = Candidate("me")
    me.tell(.started, at: 0)
    #expect(
      me.tell(.read(nil), at: 0) == [.create(Self.claim("me", transitions: 0, acquires: true))])
    #expect(me.tell(.written(Self.record("me")), at: 0) == [])
    for second in stride(from: 2.0, to: 10, by: 2) {
      #expect(me.tell(.timePassed, at: second).count == 1)
      #expect(me.tell(.written(Self.record("me", version: "\(second)")), at: second) == [])
      #expect(!me.acts)
    }
    #expect(me.tell(.timePassed, at: 10).contains(.lead))
  }

  @Test func aLeaseThatVanishedIsNotFreeBeforeItsHoldersTimeIsOver() {
    var me = Candidate("me")
    me.tell(.started, at: 0)
    me.tell(.read(Self.record("other")), at: 0)
    me.tell(.timePassed, at: 2)
    #expect(me.tell(.read(nil), at: 2) == [])
    me.tell(.timePassed, at: 15)
    #expect(me.tell(.read(nil), at: 15).count == 1)
  }

  @Test func aLeaderWhoseLeaseVanishedMakesItAgainAndGoesOn() {
    var me = Self.leader()
    me.tell(.timePassed, at: 2)
    me.tell(.conflicted, at: 2)
    #expect(
      me.tell(.read(nil), at: 2) == [.create(Self.claim("me", transitions: 0, acquires: true))])
    #expect(me.acts)
    me.tell(.written(Self.record("me", version: "9")), at: 2)
    #expect(me.machine.actsUntil == Self.start + .seconds(12))
  }

  @Test func aTakeoverWhoseAnswerWasLostIsFoundAgain() {
    var me = Candidate("me")
    me.tell(.started, at: 0)
    me.tell(.read(Self.record("", duration: .seconds(1))), at: 0)
    me.tell(.failed, at: 5)
    #expect(me.tell(.timePassed, at: 7) == [.read])
    #expect(
      me.tell(.read(Self.record("me", version: "2")), at: 7)
        == [.update(Self.claim("me", transitions: 3, acquires: false), resourceVersion: "2")])
    #expect(me.tell(.written(Self.record("me", version: "3")), at: 7) == [.lead])
  }

  @Test func stoppingGivesTheLeaseBackAndEnds() {
    var me = Self.leader()
    let back = LeaseClaim(
      holder: "", duration: .seconds(1), transitions: 3, isAcquisition: false)
    #expect(
      me.tell(.stopRequested, at: 1)
        == [.stop(.released), .update(back, resourceVersion: "2")])
    #expect(!me.acts && !me.machine.isOver)
    #expect(me.tell(.written(Self.record("", version: "3")), at: 1) == [])
    #expect(me.machine.isOver)
    #expect(me.machine.nextWakeUp == nil)
  }

  @Test func stoppingDuringARenewalGivesBackWhatItWrote() {
    var me = Self.leader()
    me.tell(.timePassed, at: 2)
    #expect(me.tell(.stopRequested, at: 2) == [.stop(.released)])
    let back = LeaseClaim(
      holder: "", duration: .seconds(1), transitions: 3, isAcquisition: false)
    #expect(
      me.tell(.written(Self.record("me", version: "3")), at: 2)
        == [.update(back, resourceVersion: "3")])
    me.tell(.failed, at: 3)
    #expect(me.machine.isOver)
  }

  @Test func whoStandsByEndsAtOnce() {
    var me = Candidate("me")
    me.tell(.started, at: 0)
    me.tell(.read(Self.record("other")), at: 0)
    #expect(me.tell(.stopRequested, at: 1) == [])
    #expect(me.machine.isOver)
  }

  @Test func absurdDurationsDoNotLockAnybodyOut() throws {
    let json = """
      {"metadata":{"name":"l","uid":"u","resourceVersion":"7"},
       "spec":{"holderIdentity":"other","leaseDurationSeconds":9000000000,"leaseTransitions":2}}
      """
    let record = try #require(LeaseRecord(json: Array(json.utf8)))
    #expect(record.duration == nil)
    #expect(record.holder == "other" && record.transitions == 2 && record.resourceVersion == "7")
    #expect(LeaseRecord(json: Array("[]".utf8)) == nil)
    for (seconds, duration) in [
      (3_600, Duration.seconds(3_600)), (3_601, nil), (1, .seconds(1)), (0, nil),
    ] {
      let text = json.replacing("9000000000", with: "\(seconds)")
      #expect(LeaseRecord(json: Array(text.utf8))?.duration == duration)
    }
  }

  @Test func timesAreWrittenInMicroseconds() {
    let claim = Self.claim("me", transitions: 1, acquires: true)
    let spec = claim.spec(now: WallTime(seconds: 1_700_000_000, nanoseconds: 4_567_000))
    #expect(spec["renewTime"]?.stringValue == "2023-11-14T22:13:20.004567Z")
    #expect(spec["acquireTime"] == spec["renewTime"])
    #expect(spec["leaseDurationSeconds"]?.integerValue == 15)
  }
}
