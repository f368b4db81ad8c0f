import JSONValue
import Testing

extension Integration {
  /// A saved script is live only when it passes every stage, and says where it did not.
  @Suite struct RuleDeploymentTests {
    private static func rule(_ body: String) -> String {
      "local channel = require(\"shipped.channel\")\n\(body)\nreturn channel\n"
    }

    @Test(.timeLimit(.minutes(3)))
    func eachStageRefusesWhatIsItsBusinessAndTheLastGoodRulesGoOn() async throws {
      let rules = try RulesFolder(withCases: false)
      try await World.run(World.Options(poll: "1h", scripts: rules.path)) { world in
        let id = try await MainJobTests.readyChannel(world)
        try rules.save(
          Self.rule("function channel.desired() return undefined_name end"),
          as: "resources/channel.lua")
        try await waitForStage("check", in: world)
        #expect(try await world.http.send("GET", "/readyz?verbose").text.contains("undefined_name"))

        try rules.save(
          Self.rule("function channel.desired(ctx) return { name = ctx.now.day.x } end"),
          as: "resources/channel.lua")
        try await waitForStage("shadow", in: world)

        // Its own case says otherwise.
        try rules.save(RulesFolder.channelRule(word: "Crew: "), as: "resources/channel.lua")
        try rules.save(
          """
          return { rule = "resources.channel", cases = { {
            name = "a topic is as written", call = "create",
            spec = { guildId = "1", name = "a", topic = "b" },
            expect = { effects = { { method = "POST", path = "/guilds/1/channels",
              body = { name = "a", topic = "b" } } } },
          } } }
          """, as: "resources/channel_cases.lua")
        try await waitForStage("cases", in: world)
        #expect(world.log.contains("a topic is as written"))

        let event = try await eventually("an Event about the ProviderConfig") {
          try await world.kubectl.list("events", in: "default").first {
            $0.value(at: "involvedObject", "name")?.stringValue == world.manifests.providerConfig
              && $0["reason"]?.stringValue == "RulesRefused"
          }
        }
        #expect(event["message"]?.stringValue?.contains("at the stage") == true)
        let metrics = try await world.http.send("GET", "/metrics").text
        for stage in ["check", "cases", "shadow"] {
          #expect(
            metrics.contains(
              #"rules_deployments_total{stage="\#(stage)",result="refused"}"#), "\(stage)")
        }

        // The rules of the beginning still serve.
        try await world.kubectl.patchFields(
          ManagedResource.channels, "general", ["topic": "still served"])
        try await eventually("the last good rule serves a change") {
          try await world.guild.channel(id)?["topic"]?.stringValue == "still served"
        }
      }
    }

    @Test(.timeLimit(.minutes(3)), arguments: Server.allCases)
    func aLargeChangeIsPlannedAndWaitsForItsApproval(_ server: Server) async throws {
      let rules = try RulesFolder(withCases: false)
      let options = World.Options(
        poll: "1h", scripts: rules.path, extra: ["--reload-limit", "0"])
      try await World.run(on: server, options) { world in
        let id = try await MainJobTests.readyChannel(world)
        try rules.save(RulesFolder.channelRule(word: "Crew: "), as: "resources/channel.lua")
        let state = try await eventually("the rules wait") {
          let state = try await world.http.json("GET", "/debug/state")
          return state.value(at: "rules", "waiting", "hash") == nil ? nil : state
        }
        let hash = try #require(state.value(at: "rules", "waiting", "hash")?.stringValue)
        #expect(
          try await world.http.send("GET", "/readyz?verbose").text.contains("waits for approval"))
        #expect(
          try await world.http.send("GET", "/metrics").text.contains(
            "provider_discord_rules_waiting 1"))
        #expect(try await world.guild.channel(id)?["topic"]?.stringValue == "general talk")

        // What would change is shown to whoever asks, and nothing changes by that.
        let arguments = [
          "scripts", "plan", rules.path, "--kubeconfig", world.kubectl.kubeconfig, "--namespace",
          world.namespace, "-o", "json",
        ]
        let planned = try await CommandRun.run(
          Checkout.provider, arguments, timeout: .seconds(60))
        #expect(planned.exitCode == 2, "\(planned.errors)")
        let plan = try JSONValue(parsing: planned.output)
        #expect(plan["hash"]?.stringValue == hash)
        let entry = plan["entries"]?.arrayValue?.first { $0["name"]?.stringValue == "general" }
        #expect(entry?["change"]?.stringValue == "update")
        #expect(entry?["differences"]?[0]?["want"]?.stringValue == "Crew: general talk")
        #expect(entry?["requests"]?[0]?["path"]?.stringValue == "/channels/\(id)")
        #expect(try await world.guild.channel(id)?["topic"]?.stringValue == "general talk")
        #expect(!planned.output.contains(SimulatorControl.seededToken))
        try await movesArePlanned(in: world, arguments: arguments)

        try await world.kubectl.run([
          "annotate", "providerconfigs.discord.crossplane.io", world.manifests.providerConfig,
          "discord.crossplane.io/approve-rules=\(hash.prefix(12))",
        ])
        try await eventually("the approved rules are live") {
          try await world.guild.channel(id)?["topic"]?.stringValue == "Crew: general talk"
        }
      }
    }

    /// What `arrange` would move is part of a plan.
    private func movesArePlanned(in world: World, arguments: [String]) async throws {
      let other = try RulesFolder(withCases: false)
      try other.save(
        Self.rule(
          """
          function channel.arrange(ctx)
            local id = ctx.objects[1].id
            return { moves = array({ { id = id, position = 7, fields = { "position" } } }) }
          end
          """), as: "resources/channel.lua")
      try await world.kubectl.patchFields(ManagedResource.channels, "general", ["position": 0])
      var arguments = arguments
      arguments[2] = other.path
      let planned = try await CommandRun.run(Checkout.provider, arguments, timeout: .seconds(60))
      let plan = try JSONValue(parsing: planned.output)
      let entry = plan["entries"]?.arrayValue?.first { $0["name"]?.stringValue == "general" }
      #expect(entry?["differences"]?[0]?["field"]?.stringValue == "position", "\(planned.output)")
      #expect(entry?["differences"]?[0]?["want"]?.integerValue == 7)
      #expect(
        entry?["requests"]?[0]?["path"]?.stringValue == "/guilds/\(world.guild.id)/channels")
    }

    private func waitForStage(_ stage: String, in world: World) async throws {
      try await eventually("scripts are refused at the stage \(stage)") {
        try world.host().requireRunning()
        let state = try await world.http.json("GET", "/debug/state")
        return state.value(at: "rules", "failedStage")?.stringValue == stage
      }
    }
  }
}
