import JSONValue
import Testing

extension Integration {
  /// The main job, the same on both API servers, so that ours cannot drift from the real one.
  @Suite struct MainJobTests {
    /// A guild, a category, channels of four types and two roles, with no ID typed by hand.
    static func community(_ world: World) -> [JSONValue] {
      let manifests = world.manifests
      return [
        manifests.channel(
          "welcome", in: "community",
          [
            "name": "welcome", "type": 0, "topic": "Say hello",
            "parentIdRef": ["name": "lobby"],
            "permissionOverwrites": [
              ["roleRef": ["name": "moderator"], "allow": "8192", "deny": "0"]
            ],
          ]),
        manifests.channel("lounge", in: "community", ["name": "The Lounge", "type": 2]),
        manifests.channel(
          "ideas", in: "community", ["name": "ideas", "type": 15, "topic": "One idea a post"]),
        manifests.channel("lobby", in: "community", ["name": "Lobby", "type": 4]),
        manifests.role(
          "moderator", in: "community",
          ["name": "Moderator", "color": 3_447_003, "permissions": "8192", "hoist": true]),
        manifests.role("member", in: "community", ["name": "Member", "permissions": "1024"]),
        manifests.guild("community"),
      ]
    }

    @Test(.timeLimit(.minutes(5)), arguments: Server.allCases)
    func oneApplyMakesACommunityAndOneDeleteRemovesIt(_ server: Server) async throws {
      try await World.run(on: server) { world in
        let before = try await world.guild.inventory()
        try await world.control.resetScore()

        // Dependants come first in the list: order is the provider's business.
        try await world.kubectl.apply(Self.community(world))
        let ready = try await world.allReady(7)

        #expect(ready["community"]?.externalName == world.guild.id)
        let category = try #require(ready["lobby"]?.externalName)
        let moderator = try #require(ready["moderator"]?.externalName)
        let welcomeID = try #require(ready["welcome"]?.externalName)
        let welcome = try #require(try await world.guild.channel(welcomeID))
        #expect(welcome["name"]?.stringValue == "welcome")
        #expect(welcome["topic"]?.stringValue == "Say hello")
        #expect(welcome["parent_id"]?.stringValue == category)
        let overwrites = welcome["permission_overwrites"]?.arrayValue ?? []
        #expect(overwrites.map { $0["id"]?.stringValue } == [moderator])
        #expect(overwrites.first?["allow"]?.stringValue == "8192")
        let lounge = try await world.guild.channels(named: "The Lounge")
        #expect(lounge.map { $0["type"]?.integerValue } == [2])
        let role = try #require(try await world.guild.role(moderator))
        #expect(role["color"]?.integerValue == 3_447_003)
        #expect(role["hoist"]?.boolValue == true)
        #expect(role["permissions"]?.stringValue == "8192")
        #expect(
          ready["welcome"]?.json.value(at: "status", "atProvider", "id")?.stringValue == welcomeID)
        let created = try await world.guild.inventory().subtracting(before)
        #expect(created.count == 6)
        #expect(try await world.control.score().duplicates == 0)
        try await world.eventuallyEvent(about: "welcome", reason: "CreatedExternalResource")

        let table = try await world.kubectl.run(["get", "discord"])
        for column in ["READY", "SYNCED", "EXTERNAL-NAME", "AGE"] {
          #expect(table.contains(column), "the table has no column \(column): \(table)")
        }

        try await world.kubectl.patchFields(
          ManagedResource.channels, "welcome", ["topic": "Read the rules"])
        try await eventually("the new topic is in Discord") {
          try await world.guild.channel(welcomeID)?["topic"]?.stringValue == "Read the rules"
        }

        // All at once, in no order: references hold back what others still need.
        try await world.kubectl.run(
          ["delete", ManagedResource.all, "--all", "--timeout=90s"], timeout: .seconds(120))
        #expect(try await world.resources().isEmpty)
        #expect(try await world.guild.inventory() == before)
      }
    }

    @Test(.timeLimit(.minutes(3)), arguments: Server.allCases)
    func aPausedResourceIsLeftAlone(_ server: Server) async throws {
      try await World.run(on: server) { world in
        let id = try await Self.readyChannel(world)
        let annotation = "crossplane.io/paused"
        try await world.kubectl.annotate(ManagedResource.channels, "general", "\(annotation)=true")
        try await world.eventuallyResource(
          ManagedResource.channels, "general", "ReconcilePaused"
        ) { $0.condition("Synced")?.reason == "ReconcilePaused" }

        try await world.guild.patchChannel(id, ["topic": "changed by hand"])
        try await world.kubectl.patchFields(
          ManagedResource.channels, "general", ["topic": "changed in the manifest"])
        try await world.polls(3)
        #expect(
          try await world.guild.channel(id)?["topic"]?.stringValue == "changed by hand")

        try await world.kubectl.annotate(ManagedResource.channels, "general", "\(annotation)-")
        try await eventually("the manifest's topic is in Discord") {
          try await world.guild.channel(id)?["topic"]?.stringValue == "changed in the manifest"
        }
        try await world.allReady(3)
      }
    }

    @Test(
      .timeLimit(.minutes(3)),
      arguments: Server.allCases,
      ["crossplane.io/reconcile-requested-at", "reconcile.crossplane.io/trigger"])
    func anAnnotationAsksForAReconcileNow(_ server: Server, _ annotation: String) async throws {
      // Polls are an hour apart, so that only the annotation can be the reason.
      try await World.run(on: server, World.Options(poll: "1h")) { world in
        let id = try await Self.readyChannel(world)
        try await world.guild.patchChannel(id, ["topic": "changed by hand"])
        try await world.kubectl.annotate(
          ManagedResource.channels, "general", "\(annotation)=2026-01-02T03:04:05Z")
        try await eventually("the topic is repaired") {
          try await world.guild.channel(id)?["topic"]?.stringValue == "general talk"
        }
        if annotation == "crossplane.io/reconcile-requested-at" {
          try await world.eventuallyResource(
            ManagedResource.channels, "general", "the request is acknowledged"
          ) {
            $0.json.value(at: "status", "lastHandledReconcileAt")?.stringValue
              == "2026-01-02T03:04:05Z"
          }
        }
      }
    }

    /// A guild, one text channel `general` and one role `member`, all Ready.
    /// - Returns: the channel's ID.
    static func readyChannel(_ world: World) async throws -> String {
      let manifests = world.manifests
      try await world.kubectl.apply([
        manifests.guild("community", id: world.guild.id),
        manifests.channel(
          "general", in: "community", ["name": "general", "type": 0, "topic": "general talk"]),
        manifests.role("member", in: "community", ["name": "Member", "permissions": "1024"]),
      ])
      let ready = try await world.allReady(3)
      return try #require(ready["general"]?.externalName)
    }
  }
}
