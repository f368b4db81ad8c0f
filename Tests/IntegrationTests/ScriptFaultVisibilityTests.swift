import JSONValue
import Testing

extension Integration {
  /// An error of a script is shown in full wherever its author looks: log, condition, Event.
  @Suite struct ScriptFaultVisibilityTests {
    private static let rule = """
      local channel = require("shipped.channel")
      local function shout(spec)
        return spec.topics.text:upper()
      end
      function channel.create(ctx)
        local text = shout(ctx.spec.forProvider)
        return { external_name = text }
      end
      return channel
      """

    /// Place, message, source line, what was nil, the stack in the script's own terms, the hash.
    private static let parts = [
      "resources/channel.lua:3: attempt to index a nil value (field 'topics')",
      "return spec.topics.text:upper()", "spec.topics is nil",
      "at resources/channel.lua:3: in function 'shout'",
      "at resources/channel.lua:6: in function 'create'", "resources.channel has the hash ",
    ]

    @Test(.timeLimit(.minutes(3)), arguments: Server.allCases)
    func logConditionAndEventTellTheWholeStory(_ server: Server) async throws {
      let rules = try RulesFolder()
      try rules.save(Self.rule, as: "resources/channel.lua")
      try await World.run(on: server, World.Options(scripts: rules.path)) { world in
        try await world.kubectl.apply([
          world.manifests.guild("community"),
          world.manifests.channel("general", in: "community", ["name": "general", "type": 0]),
        ])
        let channel = try await world.eventuallyNotSynced(
          ManagedResource.channels, "general", mentions: ["spec.topics is nil"])
        let condition = try #require(channel.condition("Synced")?.message)
        let event = try await world.eventuallyEvent(
          about: "general", reason: "CannotCreateExternalResource")
        let told = try #require(event["message"]?.stringValue)
        let logged = try await eventually("the log has the error") {
          LogLine.parse(world.log).compactMap { $0.json["error"]?.stringValue }
            .first { $0.contains("spec.topics is nil") }
        }
        for part in Self.parts {
          #expect(condition.contains(part), "condition: \(condition)")
          #expect(told.contains(part), "Event: \(told)")
          #expect(logged.contains(part), "log: \(logged)")
        }
        // Other kinds go on, and the metrics name the script and the kind of its failure.
        try await world.eventuallyResource(
          ManagedResource.guilds, "community", "is Ready"
        ) { $0.isReady }
        let metrics = try await world.http.send("GET", "/metrics").text
        #expect(
          metrics.contains(
            #"provider_discord_script_failures_total{module="resources.channel",kind="runtime"} "#))
        for name in ["runs_total", "instructions_total", "peak_bytes", "duration_seconds_bucket"] {
          #expect(metrics.contains("provider_discord_script_\(name){module=\"resources.channel\""))
        }
      }
    }
  }
}
