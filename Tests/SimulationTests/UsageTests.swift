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

  /// A use that ends within seconds is recorded too: in between, deleting the ProviderConfig would
  /// leave an object that nobody can delete in Discord any more.
  @Test func theFirstUseIsRecordedAtOnce() throws {
    let (first, all, none) = try Simulation.run { simulation in
      try simulation.create(ConvergenceTests.community)
      let isKept = try await simulation.until(within: .seconds(1), every: .milliseconds(10)) {
        try Self.usage(simulation).isKept
      }
      _ = try await simulation.settled(within: .seconds(30))
      await simulation.pass(.seconds(3))
      let all = try Self.usage(simulation)
      for manifest in ConvergenceTests.community { try simulation.delete(manifest) }
      let isFree = try await simulation.until(within: .seconds(120)) {
        try Self.usage(simulation) == Usage(isKept: false, users: 0)
      }
      return (isKept, all, isFree)
    }
    #expect(first)
    #expect(all == Usage(isKept: true, users: Int64(ConvergenceTests.community.count)))
    #expect(none)
  }
}
