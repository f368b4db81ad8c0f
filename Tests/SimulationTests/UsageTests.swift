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
}
