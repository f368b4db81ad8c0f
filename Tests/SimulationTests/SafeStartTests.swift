import JSONValue
import Testing

/// Crossplane's `safe-start`: a cluster may have only some of the kinds.
@Suite(.serialized) struct SafeStartTests {
  @Test func theKindsThatAreThereWorkAndTheOthersStartOnceTheyCome() throws {
    var options = Simulation.Options()
    options.missingKinds = ["Role"]
    try Simulation.run(options) { simulation in
      let (roles, others) = (
        ConvergenceTests.community.filter { $0.kind == "Role" },
        // One channel refers to a role.
        ConvergenceTests.community.filter { $0.kind != "Role" && $0.name != "private" }
      )
      try simulation.create(others)
      let areReady = try await simulation.until(within: .seconds(60)) {
        try ["Guild", "Channel"].flatMap { kind in
          try simulation.request("GET", Manifest.collection(kind))["items"]?.arrayValue ?? []
        }.compactMap { Resource($0) }.allSatisfy(\.isReady)
      }
      #expect(areReady)
      // The ProviderConfig's users are counted all the same.
      await simulation.pass(.seconds(10))
      let config = try simulation.request(
        "GET", "/apis/discord.crossplane.io/v1alpha1/providerconfigs/default")
      #expect(
        config.value(at: "status", "users")?.integerValue == Int64(others.count))

      let definition = try #require(
        try Project.resourceDefinitions.get().first {
          $0.value(at: "spec", "names", "kind") == "Role"
        })
      try simulation.request(
        "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)
      try simulation.create(roles)
      #expect(try await simulation.settled(within: .seconds(120)))
      let audit = try Audit(simulation)
      #expect(audit.isClean && audit.objects == 5, "\(audit)")
    }
  }
}
