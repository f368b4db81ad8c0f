import Foundation
import JSONValue
import Testing

extension Integration {
  /// Two providers on a real API server, of which one works.
  @Suite struct LeaderElectionTests {
    /// A lease of the test's own in a namespace that all have.
    private static func flags(_ lease: String) -> [String] {
      [
        "--leader-election", "--leader-election-namespace", "default", "--leader-election-name",
        lease,
      ]
    }

    private static func leads(_ provider: ProviderProcess, _ lease: String) async throws -> Bool {
      let metrics = try await provider.http.send("GET", "/metrics").text
      let name = "leader_election_master_status{name=\"\(lease)\"}"
      #expect(metrics.contains("\n\(name) "), "no \(name)")
      return metrics.contains("\n\(name) 1\n")
    }

    @Test(.timeLimit(.minutes(5)))
    func theStandbyGoesOnWhenTheLeaderIsKilledOrStops() async throws {
      let lease = "t-" + UUID().uuidString.prefix(8).lowercased()
      try await World.run(World.Options(extra: Self.flags(lease))) { world in
        let plane = try await ControlPlane.shared()
        let first = try #require(world.provider)
        _ = try await MainJobTests.readyChannel(world)
        let second = try ProviderProcess(
          kubeconfig: plane.providerKubeconfig, namespace: world.namespace,
          folder: try RunFolder.make(lease), poll: "2s", scripts: world.scripts,
          extra: Self.flags(lease))
        defer { second.process.killNow() }
        // Standing by is being ready.
        try await second.waitUntilReady()
        #expect(try await Self.leads(first, lease))
        #expect(try await !Self.leads(second, lease))
        let standby = try await second.http.send("GET", "/debug/state").text
        let state = try JSONValue(parsing: standby)
        #expect(state.value(at: "leader", "isLeader") == false)
        #expect(state.value(at: "leader", "enabled") == true)
        #expect(state.value(at: "objects", "total")?.integerValue == 3, "its caches are not warm")
        #expect(state["discord"]?.arrayValue?.allSatisfy { $0["buckets"] == [] } != false)

        try await world.control.resetScore()
        try await first.crash()
        try await world.kubectl.apply([
          world.manifests.channel("after", in: "community", ["name": "after", "type": 0])
        ])
        try await world.allReadyOf(second.process, 4)
        #expect(try await Self.leads(second, lease))
        #expect(try await world.guild.channels(named: "after").count == 1)
        #expect(try await world.control.score().duplicates == 0)

        // A stop gives the Lease back: the other one need not wait until it runs out.
        try await first.startAgain()
        #expect(try await !Self.leads(first, lease))
        second.process.terminate()
        #expect(try await second.process.exitCode(within: .seconds(5)) == 0)
        let given = try await world.kubectl.run([
          "get", "lease", lease, "--namespace", "default", "--output",
          "jsonpath={.spec.leaseDurationSeconds}",
        ])
        #expect(["1", "15"].contains(given))
        #expect(second.log.contains("leader election: gave the lease back"))
        try await eventually("the first leads again", within: .seconds(14)) {
          try await Self.leads(first, lease)
        }
        let events = try await world.kubectl.run([
          "get", "events", "--namespace", "default", "--field-selector",
          "involvedObject.kind=Lease,involvedObject.name=\(lease)",
        ])
        #expect(events.contains("LeaderElection") && events.contains("became the leader"))
      }
    }
  }
}

extension World {
  /// As `allReady`, where the provider of this world is dead and another one works.
  fileprivate func allReadyOf(_ process: SpawnedProcess, _ count: Int) async throws {
    try await eventually("\(count) resources are Ready", every: .milliseconds(200)) {
      try process.requireRunning()
      let resources = try await resources()
      return resources.count == count && resources.allSatisfy(\.isReady)
    }
  }
}
