import JSONValue
import Testing

/// The provider is killed at every single effect that it has on the world.
@Suite(.serialized) struct CrashTests {
  /// How often a seed's run sends requests when nothing happens to it.
  private static func requests(seed: UInt64) throws -> Int {
    var options = Simulation.Options()
    options.seed = seed
    return try Simulation.run(options) { simulation in
      try simulation.create(ConvergenceTests.community)
      _ = try await simulation.settled(within: .seconds(60))
      return simulation.log.count
    }
  }

  @Test(arguments: [Fate.crashBefore, .crashAfter])
  func aCrashAtAnyRequestLeavesNoTrace(fate: Fate) throws {
    let seed: UInt64 = 7
    let count = try Self.requests(seed: seed)
    try #require(count > 30)
    for number in 1...count {
      var options = Simulation.Options()
      options.seed = seed
      options.plan = { $0.number == number ? fate : .delivered }
      let (audit, starts) = try Simulation.run(options) { simulation in
        try simulation.create(ConvergenceTests.community)
        // A crash among the last requests comes when all is Ready.
        await simulation.pass(.seconds(5))
        _ = try await simulation.settled(within: .seconds(300))
        return (try Audit(simulation), simulation.starts)
      }
      #expect(audit.isClean && audit.stopped.isEmpty, "\(fate) \(number), seed \(seed): \(audit)")
      #expect(audit.objects == 6)
      #expect(starts == 2, "\(fate) \(number), seed \(seed)")
    }
  }
}
