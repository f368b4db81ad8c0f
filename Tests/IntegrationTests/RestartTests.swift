import JSONValue
import Testing

extension Integration {
  /// How the provider ends and begins again.
  @Suite struct RestartTests {
    @Test(.timeLimit(.minutes(3)))
    func itStopsWithinFiveSecondsOfSIGTERM() async throws {
      try await World.run { world in
        _ = try await MainJobTests.readyChannel(world)
        let process = world.host()
        process.terminate()
        #expect(try await process.exitCode(within: .seconds(5)) == 0)
      }
    }

    @Test(.timeLimit(.minutes(3)))
    func itStopsWithinFiveSecondsWhileDiscordDoesNotAnswer() async throws {
      try await World.run { world in
        _ = try await MainJobTests.readyChannel(world)
        try await world.control.setLatency(milliseconds: 20_000)
        try await world.kubectl.patchFields(
          ManagedResource.channels, "general", ["topic": "never arrives in time"])
        try await world.control.resetScore()
        let process = world.host()
        process.terminate()
        #expect(try await process.exitCode(within: .seconds(5)) == 0)
      }
    }

    @Test(.timeLimit(.minutes(3)))
    func killedAndStartedAgainItMakesNoSecondChannel() async throws {
      try await World.run { world in
        let id = try await MainJobTests.readyChannel(world)
        let provider = try #require(world.provider)
        let before = try await world.guild.inventory()
        try await provider.crash()
        try await world.control.resetScore()
        try await provider.startAgain()
        try await world.polls(2)
        try await world.allReady(3)

        #expect(try await world.guild.inventory() == before)
        #expect(try await world.control.score().count("POST", "/guilds/{}/channels") == 0)
        #expect(try await world.control.score().count("POST", "/guilds/{}/roles") == 0)
        #expect(
          try await world.resource(ManagedResource.channels, "general").externalName == id)
      }
    }
  }
}
