import Engine
import JSONValue
import Testing

/// A ProviderConfig is kept while somebody uses it, on the virtual clock.
@Suite(.serialized) struct UsageTests {
  private static let path = "/apis/discord.crossplane.io/v1alpha1/providerconfigs/default"

  private struct Usage: Equatable, Sendable {
    var isKept: Bool
    var users: Int64
  }

  private static func usage(_ simulation: Simulation) throws -> Usage {
    let config = try simulation.request("GET", path)
    let finalizers = config["metadata"]?["finalizers"]?.arrayValue ?? []
    return Usage(
      isKept: finalizers.contains("in-use.crossplane.io"),
      users: config["status"]?["users"]?.integerValue ?? 0)
  }

  /// Without its ProviderConfig nobody can delete in Discord what was made through it.
  @Test func aProviderConfigIsClaimedBeforeItIsUsed() throws {
    let (writes, users, isFree) = try Simulation.run { simulation in
      try simulation.create(ConvergenceTests.community)
      _ = try await simulation.settled(within: .seconds(30))
      let writes = simulation.kubernetes.writes
      await simulation.pass(.seconds(3))
      let users = try Self.usage(simulation)
      for manifest in ConvergenceTests.community { try simulation.delete(manifest) }
      let isFree = try await simulation.until(within: .seconds(120)) {
        try Self.usage(simulation) == Usage(isKept: false, users: 0)
      }
      return (writes, users, isFree)
    }
    let claims = writes.indices.filter { writes[$0] == "PATCH " + Self.path }
    #expect(claims.count == 1, "one write for all that came at once: \(writes)")
    #expect(claims.first == 0, "before any other: \(writes)")
    #expect(users == Usage(isKept: true, users: Int64(ConvergenceTests.community.count)))
    #expect(isFree)
  }

  /// An apply takes its time: nobody wants to read the count of its first half, nor pay for two.
  @Test func whatIsAppliedTogetherIsCountedOnceAndSoon() throws {
    let (users, counts, late) = try Simulation.run { simulation in
      let manifests = Self.apply
      for manifest in manifests {
        try simulation.create([manifest])
        await simulation.pass(.milliseconds(100))
      }
      await simulation.pass(UsagePace.quiet)
      let users = try Self.usage(simulation).users
      let counts = Self.counts(simulation)
      _ = try await simulation.settled(within: .seconds(30))
      simulation.kubernetes.forgetWrites()
      await simulation.pass(.seconds(60))
      return (users, counts, simulation.kubernetes.writes)
    }
    #expect(users == Int64(Self.apply.count))
    #expect(counts == 1)
    #expect(late.isEmpty, "when all are ready, nothing is left to write: \(late)")
  }

  @Test func aCountDoesNotWaitForChangesThatNeverCease() throws {
    let counts = try Simulation.run { simulation in
      var counts: [Int] = []
      for manifest in PollTests.manifests(guilds: 1, channels: 60, roles: 0) {
        try simulation.create([manifest])
        await simulation.pass(.milliseconds(200))
        counts.append(Self.counts(simulation))
      }
      return counts
    }
    // 12 s of changes.
    #expect(counts[11] >= 1, "after 2.4 s: \(counts)")
    #expect((4...7).contains(counts.last ?? 0), "\(counts)")
  }

  /// One of each, over more than a second.
  private static let apply = PollTests.manifests(guilds: 1, channels: 6, roles: 6)

  private static func counts(_ simulation: Simulation) -> Int {
    simulation.kubernetes.writes.count { $0 == "PATCH " + path + "/status" }
  }
}
