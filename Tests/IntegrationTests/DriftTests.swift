import JSONValue
import Testing

extension Integration {
  /// What somebody changes in Discord by hand is put back at the next poll, field by field.
  @Suite struct DriftTests {
    /// One field that somebody changes behind our back.
    struct Drift: Sendable, CustomStringConvertible {
      let field: String
      let change: JSONValue
      let wanted: JSONValue

      var description: String { field }
    }

    static let channelDrifts: [Drift] = [
      Drift(field: "topic", change: "by hand", wanted: "general talk"),
      Drift(field: "nsfw", change: true, wanted: false),
      Drift(field: "name", change: "by-hand", wanted: "general"),
      Drift(field: "parent_id", change: .null, wanted: "lobby"),
      Drift(field: "rate_limit_per_user", change: 30, wanted: 5),
    ]
    static let roleDrifts: [Drift] = [
      Drift(field: "name", change: "By hand", wanted: "Member"),
      Drift(field: "color", change: 255, wanted: 3_447_003),
      Drift(field: "permissions", change: "2048", wanted: "1024"),
      Drift(field: "hoist", change: false, wanted: true),
      Drift(field: "mentionable", change: true, wanted: false),
    ]
    static let guildDrifts: [Drift] = [
      Drift(field: "name", change: "By hand", wanted: ""),
      Drift(field: "verification_level", change: 3, wanted: 1),
      Drift(field: "default_message_notifications", change: 0, wanted: 1),
      Drift(field: "explicit_content_filter", change: 0, wanted: 1),
    ]

    /// A community in which every compared field is set.
    static func makeCommunity(_ world: World) async throws -> [String: ManagedResource] {
      let manifests = world.manifests
      try await world.kubectl.apply([
        manifests.guild(
          "community", id: world.guild.id,
          [
            "verificationLevel": 1, "defaultMessageNotifications": 1,
            "explicitContentFilter": 1,
          ]),
        manifests.channel("lobby", in: "community", ["name": "Lobby", "type": 4]),
        manifests.role(
          "member", in: "community",
          [
            "name": "Member", "color": 3_447_003, "permissions": "1024", "hoist": true,
            "mentionable": false,
          ]),
        manifests.channel(
          "general", in: "community",
          [
            "name": "general", "type": 0, "topic": "general talk", "nsfw": false,
            "rateLimitPerUser": 5, "parentIdRef": ["name": "lobby"],
            "permissionOverwrites": [
              ["roleRef": ["name": "member"], "allow": "1024", "deny": "0"]
            ],
          ]),
      ])
      return try await world.allReady(4)
    }

    @Test(.timeLimit(.minutes(5)))
    func everyFieldIsRepaired() async throws {
      try await World.run { world in
        let ready = try await Self.makeCommunity(world)
        let channel = try #require(ready["general"]?.externalName)
        let lobby = try #require(ready["lobby"]?.externalName)
        let role = try #require(ready["member"]?.externalName)

        for drift in Self.channelDrifts {
          let wanted = drift.field == "parent_id" ? .string(lobby) : drift.wanted
          try await world.guild.patchChannel(channel, [drift.field: drift.change])
          let took = try await eventually("channel.\(drift) is repaired", within: .seconds(20)) {
            try await world.guild.channel(channel)?[drift.field] == wanted
          }
          print("drift of channel.\(drift) repaired after \(took)")
        }
        for drift in Self.roleDrifts {
          try await world.guild.patchRole(role, [drift.field: drift.change])
          let took = try await eventually("role.\(drift) is repaired", within: .seconds(20)) {
            try await world.guild.role(role)?[drift.field] == drift.wanted
          }
          print("drift of role.\(drift) repaired after \(took)")
        }
        for drift in Self.guildDrifts {
          let wanted = drift.field == "name" ? .string(world.guild.name) : drift.wanted
          try await world.guild.patchGuild([drift.field: drift.change])
          let took = try await eventually("guild.\(drift) is repaired", within: .seconds(20)) {
            try await world.guild.guild()[drift.field] == wanted
          }
          print("drift of guild.\(drift) repaired after \(took)")
        }
      }
    }

    @Test(.timeLimit(.minutes(3)))
    func overwritesAreRepairedAsASet() async throws {
      try await World.run { world in
        let ready = try await Self.makeCommunity(world)
        let channel = try #require(ready["general"]?.externalName)
        let role = try #require(ready["member"]?.externalName)
        try await world.guild.patchChannel(
          channel,
          [
            "permission_overwrites": [
              ["id": .string(role), "type": 0, "allow": "0", "deny": "1024"],
              ["id": .string(world.guild.id), "type": 0, "allow": "2048", "deny": "0"],
            ]
          ])
        try await eventually("the overwrites are the manifest's again", within: .seconds(20)) {
          let found = try await world.guild.channel(channel)?["permission_overwrites"]?.arrayValue
          guard let found, found.count == 1 else { return false }
          return found[0]["id"]?.stringValue == role && found[0]["allow"]?.stringValue == "1024"
            && found[0]["deny"]?.stringValue == "0"
        }
      }
    }

    @Test(.timeLimit(.minutes(3)))
    func whatIsDeletedInDiscordIsMadeAgainOnce() async throws {
      try await World.run { world in
        let ready = try await Self.makeCommunity(world)
        let channel = try #require(ready["general"]?.externalName)
        let role = try #require(ready["member"]?.externalName)
        let channelsMade = try await world.guild.creations(ofType: 10)
        let rolesMade = try await world.guild.creations(ofType: 30)
        try await world.control.resetScore()
        try await world.guild.deleteChannel(channel)
        try await world.guild.deleteRole(role)

        try await eventually("channel and role are there again", within: .seconds(30)) {
          let channels = try await world.guild.channels(named: "general")
          let roles = try await world.guild.roles(named: "Member")
          return channels.count == 1 && roles.count == 1
        }
        // The channel's overwrite follows the new role's ID.
        try await eventually("the overwrite names the new role", within: .seconds(30)) {
          let newRole = try await world.guild.roles(named: "Member").first?["id"]?.stringValue
          let found = try await world.guild.channels(named: "general").first?[
            "permission_overwrites"]?.arrayValue
          return newRole != nil && found?.map { $0["id"]?.stringValue } == [newRole]
        }
        try await world.allReady(4)
        try await world.polls(2)
        // By what Discord made, not by what it was asked: when the channel's turn comes before the
        // role's, its overwrite names a role that is gone, and Discord refuses that once.
        #expect(try await world.guild.creations(ofType: 10) == channelsMade + 1)
        #expect(try await world.guild.creations(ofType: 30) == rolesMade + 1)
        #expect(try await world.control.score().duplicates == 0)
      }
    }
  }
}
