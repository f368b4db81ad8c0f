import JSONValue
import Testing

extension Integration {
  @Suite struct TokenRotationTests {
    @Test(.timeLimit(.minutes(3)))
    func aRotatedTokenIsPickedUpWithoutARestart() async throws {
      try await World.run { world in
        let id = try await MainJobTests.readyChannel(world)
        let process = world.host().pid
        try await world.control.addToken("a-fresh-token")
        try await world.kubectl.apply([world.manifests.secret(token: "a-fresh-token")])
        try await world.control.removeToken(SimulatorControl.seededToken)

        try await world.kubectl.patchFields(
          ManagedResource.channels, "general", ["topic": "after the rotation"])
        try await eventually("a change with the new token") {
          try await world.guild.channel(id)?["topic"]?.stringValue == "after the rotation"
        }
        try await world.allReady(3)
        #expect(world.host().pid == process)
        #expect(!world.log.contains("a-fresh-token"))
      }
    }
  }
}
