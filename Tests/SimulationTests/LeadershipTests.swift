import JSONValue
import Sandbox
import Synchronization
import Testing

/// Two providers and one Lease: whatever happens, only its holder acts, and nothing is made twice.
@Suite(.serialized) struct LeadershipTests {
  private static func options(_ seed: UInt64) -> Simulation.Options {
    var options = Simulation.Options()
    options.seed = seed
    options.replicas = 2
    return options
  }

  /// Waits for somebody to speak to Discord.
  private static func waitForLeader(_ simulation: Simulation) async throws -> Life? {
    _ = await simulation.until(within: .seconds(60)) {
      simulation.leader != nil && !simulation.witness.actors.isEmpty
    }
    return simulation.leader
  }

  @Test(arguments: 1...3 as ClosedRange<UInt64>)
  func oneWorksAndTheOtherStandsByWarm(seed: UInt64) throws {
    try Simulation.run(Self.options(seed)) { simulation in
      try simulation.create(ConvergenceTests.community)
      #expect(try await simulation.settled(within: .seconds(60)))
      await simulation.pass(.seconds(300))
      #expect(simulation.witness.foreign == [])
      #expect(simulation.witness.actors.count == 1)
      let audit = try Audit(simulation)
      #expect(audit.isClean && audit.stopped.isEmpty && audit.objects == 6, "\(audit)")
    }
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func theOtherGoesOnWhereAKilledLeaderWas(seed: UInt64) throws {
    var options = Self.options(seed)
    let kills = Mutex(0)
    // In the middle of the building, before or after a write took effect.
    let fatal = Int(seed)
    options.plan = { request in
      guard request.server == .discord, request.isWrite else { return .delivered }
      let number = kills.withLock { count in
        count += 1
        return count
      }
      return number == fatal ? (seed.isMultiple(of: 2) ? .crashAfter : .crashBefore) : .delivered
    }
    try Simulation.run(options) { simulation in
      try simulation.create(ConvergenceTests.community)
      #expect(try await simulation.settled(within: .seconds(300)))
      #expect(simulation.starts == 3)
      #expect(simulation.witness.actors.count == 2, "\(simulation.witness.actors)")
      #expect(simulation.witness.foreign == [])
      let audit = try Audit(simulation)
      #expect(audit.isClean && audit.stopped.isEmpty && audit.objects == 6, "\(audit)")
    }
  }

  /// The leader is cut off from the API server, not from Discord, while there is work to do.
  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func aLeaderThatCannotRenewStopsBeforeAnotherBegins(seed: UInt64) throws {
    var options = Self.options(seed)
    let cut = Mutex<Int?>(nil)
    let fate: Fate = seed.isMultiple(of: 2) ? .refused : .resetAfter
    options.plan = { request in
      request.server == .kubernetes && request.replica == cut.withLock { $0 } ? fate : .delivered
    }
    options.poll = .seconds(1)
    try Simulation.run(options) { simulation in
      try simulation.create([.guild("example")])
      let leader = try #require(try await Self.waitForLeader(simulation))
      try simulation.create(Array(ConvergenceTests.community.dropFirst()))
      await simulation.pass(.milliseconds(Int(seed) * 37))
      cut.withLock { $0 = leader.replica }
      await simulation.pass(.seconds(40))
      #expect(simulation.leader?.replica == 1 - leader.replica)
      cut.withLock { $0 = nil }
      #expect(try await simulation.settled(within: .seconds(300)))
      #expect(simulation.witness.foreign == [])
      #expect(simulation.witness.actors.count == 2)
      let audit = try Audit(simulation)
      #expect(audit.isClean && audit.stopped.isEmpty && audit.objects == 6, "\(audit)")
    }
  }

  /// Renewals take up to 14 s, longer than they may: terms come and go.
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func aSlowAPIServerCostsTermsAndNothingElse(seed: UInt64) throws {
    var options = Self.options(seed)
    options.kubeLatency = 200...5_500
    options.discordLatency = 100...2_000
    try Simulation.run(options) { simulation in
      try simulation.create(ConvergenceTests.community)
      _ = try await simulation.settled(within: .seconds(3_600))
      #expect(simulation.witness.foreign == [])
      let audit = try Audit(simulation)
      #expect(audit.duplicates.isEmpty && audit.orphans.isEmpty, "\(audit)")
    }
  }

  @Test(arguments: 1...3 as ClosedRange<UInt64>)
  func wallClocksThatJumpChangeNothing(seed: UInt64) throws {
    try Simulation.run(Self.options(seed)) { simulation in
      try simulation.create([.guild("example")])
      _ = try await Self.waitForLeader(simulation)
      for (index, error) in [3_600_000, -86_400_000, 0, 31_536_000_000].enumerated() {
        for life in simulation.living where life.replica == index % 2 {
          life.wallError.withLock { $0 = Int64(error) }
        }
        await simulation.pass(.seconds(45))
      }
      #expect(simulation.witness.actors.count == 1, "\(simulation.witness.actors)")
      #expect(simulation.witness.foreign == [])
    }
  }

  /// `kubectl delete lease`: whoever makes it anew waits for the one that nobody can see.
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func aDeletedLeaseLetsNoTwoAct(seed: UInt64) throws {
    var options = Self.options(seed)
    options.poll = .seconds(1)
    let cut = Mutex<Int?>(nil)
    options.plan = { request in
      request.server == .kubernetes && request.replica == cut.withLock { $0 }
        ? .refused : .delivered
    }
    try Simulation.run(options) { simulation in
      try simulation.create(ConvergenceTests.community)
      let leader = try #require(try await Self.waitForLeader(simulation))
      // The worst case: the leader does not get to know, and the other one has just started.
      cut.withLock { $0 = leader.replica }
      try simulation.request("DELETE", Simulation.leasePath)
      for life in simulation.living where life.replica != leader.replica { life.end() }
      await simulation.pass(.seconds(60))
      #expect(simulation.leader?.replica == 1 - leader.replica)
      cut.withLock { $0 = nil }
      #expect(try await simulation.settled(within: .seconds(300)))
      #expect(simulation.witness.overlaps == [])
      let audit = try Audit(simulation)
      #expect(audit.isClean && audit.stopped.isEmpty && audit.objects == 6, "\(audit)")
    }
  }
}
