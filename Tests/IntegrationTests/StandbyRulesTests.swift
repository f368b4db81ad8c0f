import Foundation
import JSONValue
import Testing

extension Integration {
  /// Scripts that are saved while a replica stands by: it can't try them on what is in Discord, so it
  /// does that when it takes over.
  @Suite struct StandbyRulesTests {
    @Test(.timeLimit(.minutes(3)))
    func whatIsSavedDuringStandbyIsLiveWhenTheStandbyTakesOver() async throws {
      let lease = "t-" + UUID().uuidString.prefix(8).lowercased()
      let flags = [
        "--leader-election", "--leader-election-namespace", "default", "--leader-election-name",
        lease,
      ]
      // Polls are an hour apart, so that only new rules are a reason to look at an object again.
      try await World.run(World.Options(poll: "1h", extra: flags)) { world in
        let plane = try await ControlPlane.shared()
        let first = try #require(world.provider)
        let id = try await MainJobTests.readyChannel(world)
        func topic() async throws -> String? {
          try await world.guild.channel(id)?["topic"]?.stringValue
        }
        // Each pod has a mount of its own, and the kubelets exchange them at times of their own.
        let rules = try RulesFolder(withCases: false)
        let second = try ProviderProcess(
          kubeconfig: plane.providerKubeconfig, namespace: world.namespace,
          folder: try RunFolder.make(lease), poll: "1h", scripts: rules.path, extra: flags)
        defer { second.process.killNow() }
        try await second.waitUntilReady()
        #expect(try await Self.leads(first))
        #expect(try await !Self.leads(second))

        try rules.save(RulesFolder.channelRule(word: "Team: "), as: "resources/channel.lua")
        try await world.kubectl.patchFields(
          ManagedResource.channels, "general", ["topic": "while standing by"])
        try await eventually("the leader serves a change by the rules that it has") {
          try await topic() == "while standing by"
        }
        #expect(try await Self.generation(second) == 1)

        first.process.terminate()
        #expect(try await first.process.exitCode(within: .seconds(10)) == 0)
        try await eventually("the rule that was saved is live with the new leader") {
          try second.process.requireRunning()
          return try await topic() == "Team: while standing by"
        }
        #expect(try await Self.leads(second))
        #expect(try await Self.generation(second) == 2)
      }
    }

    private static func leads(_ provider: ProviderProcess) async throws -> Bool {
      try await state(provider).value(at: "leader", "isLeader") == true
    }

    private static func generation(_ provider: ProviderProcess) async throws -> Int64? {
      try await state(provider).value(at: "rules", "generation")?.integerValue
    }

    private static func state(_ provider: ProviderProcess) async throws -> JSONValue {
      try JSONValue(parsing: try await provider.http.send("GET", "/debug/state").text)
    }
  }
}
