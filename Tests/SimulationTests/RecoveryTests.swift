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

  /// Without the audit log, that nothing is seen does not prove that nothing was made.
  @Test func whatNobodyCanTellStops() throws {
    let audit = try Self.run([.resetBefore], permissions: .builder)
    #expect(audit.stopped == ["one"], "\(audit)")
  }

  /// Any of them could be it, and the other is somebody's.
  @Test func noneOfSeveralMatchesIsTaken() throws {
    let role = Manifest.role("one", in: "example", ["name": "One"])
    var options = Simulation.Options()
    options.permissions = .builder
    let left = FateQueue([.resetAfter])
    options.plan = { request in
      request.method == "POST" && request.server == .discord ? left.next() : .delivered
    }
    let resource = try Simulation.run(options) { simulation in
      try simulation.create([.guild("example"), role])
      let wasLost = await simulation.until(within: .seconds(60), every: .milliseconds(50)) {
        !simulation.log.faults.isEmpty
      }
      #expect(wasLost)
      let guild = DiscordWorld.sandboxGuildID
      _ = simulation.discord.asOwner("POST", "/guilds/\(guild)/roles", ["name": "One"])
      await simulation.pass(.seconds(300))
      return try #require(try simulation.resource(role))
    }
    #expect(resource.isStopped, "\(resource)")
    #expect(resource.message.contains("; these could be it: "), "\(resource)")
    #expect(resource.externalName == nil)
  }

  /// The store has the status as it was, because the watch is down; the cluster has what was written.
  @Test func aStatusWhoseAnswerWasLostIsNotTakenForWritten() throws {
    let isArmed = Outcome<Void>()
    let lost = FateQueue([.resetAfter])
    var options = Simulation.Options()
    options.plan = { request in
      if request.path.contains("/roles?watch=1") { return .refused }
      let isStatus = request.path.hasSuffix("/roles/one/status")
      return isStatus && isArmed.value != nil ? lost.next() : .delivered
    }
    let role = Manifest.role("one", in: "example", ["name": "One"])
    let (wasReady, faults, resource) = try Simulation.run(options) { simulation in
      try simulation.create([.guild("example"), role])
      let wasReady = try await simulation.settled(within: .seconds(30))
      let before = simulation.log.faults.count
      let id = try simulation.resource(role)?.externalName ?? ""
      let guild = DiscordWorld.sandboxGuildID
      _ = simulation.discord.asOwner("PATCH", "/guilds/\(guild)/roles/\(id)", ["name": "Other"])
      simulation.demoteBot(to: .builder.subtracting(.manageRoles))
      isArmed.set(())
      let wasLost = await simulation.until(within: .seconds(120), every: .milliseconds(50)) {
        simulation.log.faults.dropFirst(before).contains { $0.contains("/one/status") }
      }
      simulation.demoteBot(to: .administrator)
      await simulation.pass(.seconds(20))
      return (wasReady, wasLost, try simulation.resource(role))
    }
    #expect(wasReady && faults)
    #expect(resource?.isReady == true, "\(String(describing: resource))")
  }

  /// Without a word, an object would wait for ever and nobody would know for what.
  @Test func aSecretThatMayNotBeReadIsNamedAndHealsByItself() throws {
    let isAllowed = Outcome<Void>()
    var options = Simulation.Options()
    options.plan = { request in
      request.path.contains("/secrets") && isAllowed.value == nil ? .statusBefore(403) : .delivered
    }
    let guild = Manifest.guild("example")
    let (message, isHealed) = try Simulation.run(options) { simulation in
      try simulation.create([guild])
      _ = try await simulation.until(within: .seconds(30)) {
        try simulation.resource(guild)?.message.isEmpty == false
      }
      let message = try simulation.resource(guild)?.message ?? ""
      isAllowed.set(())
      return (message, try await simulation.settled(within: .seconds(120)))
    }
    #expect(message.contains("Secret crossplane-system/discord-credentials"), "\(message)")
    #expect(message.contains("may not be read"), "\(message)")
    #expect(isHealed)
  }

  /// A bot without a right asks seldom; who has given it the right need not wait for that.
  @Test func aMissingPermissionSaysWhenItIsTriedAgainAndHowNotToWait() throws {
    let role = Manifest.role("one", in: "example", ["name": "One"])
    let (message, attempts, later, isHealed) = try Simulation.run { simulation in
      try simulation.create([.guild("example")])
      _ = try await simulation.settled(within: .seconds(60))
      simulation.demoteBot(to: .builder.subtracting(.manageRoles))
      try simulation.create([role])
      await simulation.pass(.seconds(240))
      let message = try simulation.resource(role)?.message ?? ""
      let attempts = simulation.discord.mutations.count
      await simulation.pass(.seconds(180))
      let later = simulation.discord.mutations.count
      simulation.demoteBot(to: .administrator)
      try simulation.request(
        "PATCH", role.path,
        ["metadata": ["annotations": ["reconcile.crossplane.io/trigger": "now"]]])
      await simulation.pass(.seconds(15))
      return (message, attempts, later, try simulation.resource(role)?.isReady == true)
    }
    #expect(message.contains("Manage Roles permission"), "\(message)")
    let hint =
      "; it is tried again after 5 minutes, or at once after: kubectl annotate --overwrite "
      + "-n crossplane-system roles.role.discord.crossplane.io one "
      + "reconcile.crossplane.io/trigger=\"$(date)\""
    #expect(message.hasSuffix(hint), "\(message)")
    #expect(attempts == 1 && later == 2)
    #expect(isHealed)
  }
}
