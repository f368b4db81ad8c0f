import JSONValue
import Testing

extension Integration {
  /// An unmodified kubectl's own verbs, on both servers alike.
  @Suite struct SandboxKubectlTests {
    @Test(.timeLimit(.minutes(3)), arguments: Server.allCases)
    func kubectlsVerbsWork(_ server: Server) async throws {
      try await World.run(on: server) { world in
        _ = try await MainJobTests.readyChannel(world)
        let kubectl = world.kubectl
        let channel = "channel.channel.discord.crossplane.io/general"

        let wide = try await kubectl.run(["get", "discord", "-o", "wide"])
        #expect(wide.contains("general") && wide.contains("True"))
        let yaml = try await kubectl.run(["get", channel, "-o", "yaml"])
        #expect(yaml.contains("topic: general talk"))
        let described = try await kubectl.run(["describe", channel])
        #expect(described.contains("CreatedExternalResource"))
        let events = try await kubectl.run(["get", "events"])
        #expect(events.contains("CreatedExternalResource"))
        try await kubectl.run(["label", channel, "team=core"])
        let selected = try await kubectl.run(["get", "channels", "-l", "team=core", "-o", "name"])
        #expect(selected.contains("general"))
        let explained = try await kubectl.run(
          [
            "explain", "channels.spec.forProvider.topic", "--api-version",
            "channel.discord.crossplane.io/v1alpha1",
          ])
        #expect(explained.lowercased().contains("topic"))
        try await kubectl.run(
          ["wait", "--for=condition=Ready", channel, "--timeout=30s"])
        let edited = try await CommandRun.run(
          "env",
          [
            "KUBE_EDITOR=sed -i s/general.talk/edited.by.hand/", "kubectl", "--kubeconfig",
            kubectl.kubeconfig, "--namespace", world.namespace, "edit", channel,
          ], timeout: .seconds(60))
        #expect(edited.exitCode == 0, "\(edited.errors)")
        try await eventually("the edited topic is in Discord") {
          try await world.guild.channels(named: "general").first?["topic"]?.stringValue
            == "edited.by.hand"
        }
        let watched = try await kubectl.attempt(
          ["get", "channels", "-w", "--request-timeout=2s"], timeout: .seconds(30))
        #expect(watched.output.contains("general"))
        try await kubectl.run(["delete", channel, "--timeout=60s"], timeout: .seconds(90))
      }
    }
  }
}
