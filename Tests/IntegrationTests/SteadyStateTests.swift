import JSONValue
import Testing

extension Integration {
  /// When nothing changes, nothing is written and little is read.
  @Suite struct SteadyStateTests {
    @Test(.timeLimit(.minutes(4)))
    func pollsWriteNothingAndReadTheGuildOnce() async throws {
      try await World.run(World.Options(poll: "2s")) { world in
        let plane = try await ControlPlane.shared()
        let manifests = world.manifests
        var objects = [
          manifests.guild("community", id: world.guild.id)
        ]
        for number in 0..<20 {
          objects.append(
            manifests.channel(
              "channel-\(number)", in: "community",
              // A name, a topic and overwrites that Discord gives back in another shape.
              ["name": .string("Channel \(number)"), "type": 0, "topic": ""]))
          objects.append(
            manifests.role(
              "role-\(number)", in: "community",
              ["name": .string("Role \(number)"), "color": 255, "permissions": "1024"]))
        }
        try await world.kubectl.apply(objects)
        try await world.allReady(41)
        try await world.polls(2)

        let position = plane.audit.position
        try await world.control.resetScore()
        try await world.polls(5)
        let score = try await world.control.score()
        #expect(score.requests <= 3 * (score.polls + 1), "\(score.json.serializedText())")
        #expect(score.count("PATCH", "/channels/{}") == 0)
        #expect(score.count("PATCH", "/guilds/{}/roles/{}") == 0)
        let writes = try plane.audit.providerWrites(in: world.namespace, from: position)
        #expect(writes.map { "\($0.verb) \($0.resource)/\($0.name)" } == [])
        #expect(LogLine.parse(world.log).filter { $0.level == "error" }.map(\.text) == [])
      }
    }
  }
}
