import JSONValue
import Testing

extension Integration {
  /// Creation is exact: whatever is lost or killed, each object is made once.
  @Suite struct CrashTests {
    static func channels(_ count: Int, _ world: World) -> [JSONValue] {
      let manifests = world.manifests
      let guild = manifests.guild("community", id: world.guild.id)
      return [guild]
        + (0..<count).map { number in
          // Names that Discord writes differently: adoption by plain name would miss them.
          manifests.channel(
            "team-\(number)", in: "community",
            ["name": .string("Team \(number)"), "type": 0, "topic": "one of many"])
        }
    }

    /// Each of them stands in Discord once, under the ID that its resource names.
    static func expectEachOnce(
      _ count: Int, _ world: World, _ ready: [String: ManagedResource]
    ) async throws {
      let made = try await world.guild.channels().filter {
        $0["name"]?.stringValue?.hasPrefix("team-") == true
      }
      #expect(made.count == count)
      #expect(Set(made.map { $0["name"]?.stringValue }).count == count)
      let named = Set((0..<count).compactMap { ready["team-\($0)"]?.externalName })
      #expect(named == Set(made.compactMap { $0["id"]?.stringValue }))
      #expect(try await world.control.score().duplicates == 0)
    }

    @Test(.timeLimit(.minutes(5)))
    func anAnswerLostAfterTheCreateMakesNoSecondObject() async throws {
      try await World.run { world in
        try await world.control.addFault(
          "reset-after-commit", method: "POST", route: "/guilds/{}/channels", count: 20)
        try await world.kubectl.apply(Self.channels(80, world))
        let ready = try await world.allReady(81, within: .seconds(120))
        try await Self.expectEachOnce(80, world, ready)
      }
    }

    @Test(.timeLimit(.minutes(5)))
    func aServerErrorAfterTheCreateMakesNoSecondRole() async throws {
      try await World.run { world in
        let manifests = world.manifests
        try await world.control.addFault(
          "status-after-commit", method: "POST", route: "/guilds/{}/roles", count: 5,
          fields: ["status": 502])
        let guild = manifests.guild("community", id: world.guild.id)
        try await world.kubectl.apply(
          [guild]
            + (0..<20).map { number in
              // All with one name, which Discord allows: no name can tell them apart.
              manifests.role(
                "squad-\(number)", in: "community", ["name": "Squad", "permissions": "0"])
            })
        let ready = try await world.allReady(21, within: .seconds(120))
        let made = try await world.guild.roles(named: "Squad")
        #expect(made.count == 20)
        let named = Set((0..<20).compactMap { ready["squad-\($0)"]?.externalName })
        #expect(named == Set(made.compactMap { $0["id"]?.stringValue }))
      }
    }

    @Test(.timeLimit(.minutes(6)), arguments: 1...3)
    func killedHalfWayThroughManyCreatesItFinishesThem(_ round: Int) async throws {
      try await World.run { world in
        let provider = try #require(world.provider)
        // Without a delay all would be done before a kill could hit any in flight.
        try await world.control.setLatency(milliseconds: 20)
        try await world.kubectl.apply(Self.channels(120, world))
        try await eventually("half of the channels are in Discord", every: .milliseconds(5)) {
          try world.host().requireRunning()
          return try await world.control.score().count("POST", "/guilds/{}/channels") >= 60
        }
        try await provider.crash()
        let atKill = try await world.guild.channels().count
        try await provider.startAgain()
        let ready = try await world.allReady(121, within: .seconds(180))
        print("round \(round): \(atKill) channels at the kill, all Ready after the restart")
        try await Self.expectEachOnce(120, world, ready)
        let pending = try await world.resources(ManagedResource.channels).filter { resource in
          guard let pending = resource.annotation("crossplane.io/external-create-pending") else {
            return false
          }
          return pending > (resource.annotation("crossplane.io/external-create-succeeded") ?? "")
        }
        #expect(pending.map(\.name) == [])
      }
    }
  }
}
