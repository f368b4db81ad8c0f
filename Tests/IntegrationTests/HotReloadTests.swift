import JSONValue
import Testing

extension Integration {
  /// A saved rule is live while the provider runs; a broken one is refused and harms nobody.
  @Suite struct HotReloadTests {
    @Test(.timeLimit(.minutes(3)), arguments: Server.allCases)
    func aSavedRuleIsLiveAndABrokenOneIsRefused(_ server: Server) async throws {
      let rules = try RulesFolder(withCases: false)
      // Polls are an hour apart, so that only the reload can be the reason.
      try await World.run(on: server, World.Options(poll: "1h", scripts: rules.path)) { world in
        let id = try await MainJobTests.readyChannel(world)
        let good = try RulesFolder.channelRule(word: "Team: ")
        try rules.save(good, as: "resources/channel.lua")
        let live = try await eventually("the edited rule's topic is in Discord") {
          try await world.guild.channel(id)?["topic"]?.stringValue == "Team: general talk"
        }
        print("an edited rule was live in Discord after \(live) on \(server)")

        try rules.save("local channel = {}\nreturn channel +\n", as: "resources/channel.lua")
        try await eventually("the broken rule is refused with file and line") {
          world.log.contains("resources/channel.lua:")
            && LogLine.parse(world.log).contains {
              $0.level == "error" && $0.text.contains("resources/channel.lua:")
            }
        }

        // The last good rule goes on.
        try await world.kubectl.patchFields(
          ManagedResource.channels, "general", ["topic": "still served"])
        try await eventually("the last good rule serves a change") {
          try await world.guild.channel(id)?["topic"]?.stringValue == "Team: still served"
        }
        #expect(try await world.http.send("GET", "/readyz").status == 200)

        try rules.save(
          RulesFolder.channelRule(word: "Crew: "), as: "resources/channel.lua")
        try await eventually("the mended rule is live") {
          try await world.guild.channel(id)?["topic"]?.stringValue == "Crew: still served"
        }
      }
    }
  }
}
