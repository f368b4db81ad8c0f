import JSONValue
import Sandbox
import Testing

/// Sequences of faults that once left something behind; each was found by a seed of FaultTests.
@Suite struct RecoveryTests {
  /// Runs a guild with one role; the fates are those of the POSTs that create it, in order.
  private static func run(
    _ fates: [Fate], permissions: PermissionBits = .administrator, auditLogDelay: Duration = .zero
  ) throws -> Audit {
    var options = Simulation.Options()
    options.permissions = permissions
    options.auditLogDelay = auditLogDelay
    let left = FateQueue(fates)
    options.plan = { request in
      request.method == "POST" && request.server == .discord ? left.next() : .delivered
    }
    return try Simulation.run(options) { simulation in
      try simulation.create([.guild("example"), .role("one", in: "example", ["name": "One"])])
      await simulation.pass(.seconds(10))
      _ = try await simulation.settled(within: .seconds(300))
      await simulation.pass(.seconds(90))
      return try Audit(simulation)
    }
  }

  /// The attempt that follows one which made nothing is an attempt of its own.
  @Test(arguments: [Fate.crashBefore, .resetBefore, .refused])
  func anAnswerLostAfterAnAttemptThatMadeNothingIsLookedFor(first: Fate) throws {
    let audit = try Self.run([first, .resetAfter], auditLogDelay: .seconds(30))
    #expect(audit.isClean && audit.stopped.isEmpty, "\(audit)")
  }
}
