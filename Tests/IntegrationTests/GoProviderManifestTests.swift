import JSONValue
import Testing

extension Integration {
  /// Manifests written for the Go provider: same groups, kinds and fields, applied unchanged.
  @Suite struct GoProviderManifestTests {
    @Test(.timeLimit(.minutes(3)), arguments: Server.allCases, [true, false])
    func theyApplyUnchanged(_ server: Server, _ refHasKind: Bool) async throws {
      try await World.run(on: server) { world in
        let reference =
          refHasKind
          ? "{kind: ProviderConfig, name: \(world.manifests.providerConfig)}"
          : "{name: \(world.manifests.providerConfig)}"
        let yaml = """
          apiVersion: guild.discord.crossplane.io/v1alpha1
          kind: Guild
          metadata: {name: example-guild}
          spec:
            forProvider:
              name: "\(world.guild.name)"
              verificationLevel: 1
              defaultMessageNotifications: 1
              explicitContentFilter: 1
              afkTimeout: 300
              systemChannelFlags: 0
            providerConfigRef: \(reference)
          ---
          apiVersion: channel.discord.crossplane.io/v1alpha1
          kind: Channel
          metadata: {name: example-text-channel}
          spec:
            forProvider:
              name: "crossplane-general"
              type: 0
              guildId: "\(world.guild.id)"
              topic: "General discussion"
              position: 1
              nsfw: false
              rateLimitPerUser: 5
            providerConfigRef: \(reference)
          ---
          apiVersion: channel.discord.crossplane.io/v1alpha1
          kind: Channel
          metadata: {name: example-voice-channel}
          spec:
            forProvider:
              name: "Crossplane Voice"
              type: 2
              guildId: "\(world.guild.id)"
              position: 2
              bitrate: 64000
              userLimit: 10
            providerConfigRef: \(reference)
          ---
          apiVersion: role.discord.crossplane.io/v1alpha1
          kind: Role
          metadata: {name: example-moderator-role}
          spec:
            forProvider:
              guildId: "\(world.guild.id)"
              name: "Moderator"
              color: 3447003
              hoist: true
              mentionable: false
              permissions: "8"
            providerConfigRef: \(reference)
          """
        try await world.kubectl.run(["apply", "-f", "-"], input: yaml)
        try await world.allReady(4)
        let voice = try await world.guild.channels(named: "Crossplane Voice")
        #expect(voice.map { $0["user_limit"]?.integerValue } == [10])
        let guild = try await world.guild.guild()
        #expect(guild["verification_level"]?.integerValue == 1)
        #expect(guild["explicit_content_filter"]?.integerValue == 1)

        // The Go provider patched such objects at every poll; ours has nothing to do.
        try await world.control.resetScore()
        try await world.polls(3)
        let score = try await world.control.score()
        #expect(score.count("PATCH", "/channels/{}") == 0)
        #expect(score.count("PATCH", "/guilds/{}/roles/{}") == 0)
        #expect(score.count("PATCH", "/guilds/{}") == 0)
      }
    }
  }
}
