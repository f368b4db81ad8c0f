import JSONValue
import Testing

extension Integration {
  /// Each mistake is told where the user looks, and heals by itself once mended.
  @Suite struct WrongInputTests {
    /// One field with a value that its schema does not allow; nil for a field that is left out.
    struct Wrong: Sendable {
      let kind: String
      let field: String
      let value: JSONValue?
    }

    static let wrongs = [
      Wrong(kind: "Channel", field: "type", value: 99),
      Wrong(kind: "Channel", field: "name", value: ""),
      Wrong(kind: "Channel", field: "rateLimitPerUser", value: 30_000),
      Wrong(kind: "Role", field: "name", value: .string(String(repeating: "x", count: 101))),
      Wrong(kind: "Channel", field: "guildId", value: nil),
      Wrong(kind: "Role", field: "guildId", value: nil),
      Wrong(
        kind: "Channel", field: "permissionOverwrites", value: [["type": "role", "allow": "0"]]),
    ]

    @Test(.timeLimit(.minutes(3)), arguments: Server.allCases)
    func anInvalidManifestIsRefusedWithTheField(_ server: Server) async throws {
      try await World.run(on: server) { world in
        for wrong in Self.wrongs {
          var fields: [String: JSONValue] = [
            "name": "fine", "guildId": .string(world.guild.id),
          ]
          if wrong.kind == "Channel" { fields["type"] = 0 }
          fields[wrong.field] = wrong.value
          let manifest = world.manifests.managed(
            wrong.kind.lowercased(), wrong.kind, "wrong", fields)
          let run = try await world.kubectl.attempt(
            ["apply", "-f", "-"], input: manifest.serializedText())
          #expect(run.exitCode != 0)
          #expect(run.errors.contains("spec.forProvider.\(wrong.field)"), "\(run.errors)")
        }
        #expect(try await world.resources().isEmpty)
      }
    }

    @Test(.timeLimit(.minutes(3)))
    func aMissingSecretIsNamedAndItsComingHeals() async throws {
      try await World.run(World.Options(credentials: false)) { world in
        try await world.kubectl.apply([
          world.manifests.config(baseURL: world.baseURL),
          world.manifests.guild("community", id: world.guild.id),
        ])
        try await world.eventuallyNotSynced(
          ManagedResource.guilds, "community", mentions: ["discord-credentials"])
        try await world.eventuallyEvent(about: "community", reason: "CannotConnectToProvider")
        #expect(try await world.control.score().invalid == 0)

        try await world.kubectl.apply([
          world.manifests.secret(token: SimulatorControl.seededToken)
        ])
        try await world.allReady(1)
      }
    }

    @Test(.timeLimit(.minutes(3)))
    func aWrongTokenStopsRequestsUntilTheSecretChanges() async throws {
      try await World.run(World.Options(credentials: false)) { world in
        try await world.kubectl.apply([
          world.manifests.secret(token: "a-token-that-discord-refuses"),
          world.manifests.config(baseURL: world.baseURL),
          world.manifests.guild("community", id: world.guild.id),
          world.manifests.channel("general", in: "community", ["name": "general", "type": 0]),
        ])
        try await world.eventuallyNotSynced(
          ManagedResource.guilds, "community", mentions: ["token", "discord-credentials"])
        let refused = try await world.control.score().count(status: 401)
        #expect(refused >= 1)

        // Asking for a reconcile must not send the refused token again.
        for round in 1...3 {
          try await world.kubectl.annotate(
            ManagedResource.guilds, "community",
            "crossplane.io/reconcile-requested-at=round-\(round)")
          try await world.eventuallyResource(
            ManagedResource.guilds, "community", "round \(round) is handled"
          ) {
            $0.json.value(at: "status", "lastHandledReconcileAt")?.stringValue
              == "round-\(round)"
          }
        }
        #expect(try await world.control.score().count(status: 401) == refused)
        #expect(!world.log.contains("a-token-that-discord-refuses"))
        let events = try await world.kubectl.list("events").map { $0.serializedText() }
        #expect(!events.joined().contains("a-token-that-discord-refuses"))

        try await world.kubectl.apply([
          world.manifests.secret(token: SimulatorControl.seededToken)
        ])
        try await world.allReady(2)
      }
    }

    @Test(.timeLimit(.minutes(3)))
    func aMissingPermissionIsNamedAndItsComingHeals() async throws {
      try await World.run { world in
        // VIEW_CHANNEL and nothing else: reading goes on, creating does not.
        try await world.control.setBotPermissions("1024", guild: world.guild.id)
        try await world.kubectl.apply([
          world.manifests.guild("community", id: world.guild.id),
          world.manifests.channel("general", in: "community", ["name": "general", "type": 0]),
        ])
        try await world.eventuallyNotSynced(
          ManagedResource.channels, "general", mentions: ["permission"])
        try await world.eventuallyEvent(about: "general", reason: "CannotCreateExternalResource")

        try await world.control.setBotPermissions("8", guild: world.guild.id)
        // Missing permissions are asked about seldom, for refusals count towards a ban; a user who
        // has mended it asks at once.
        try await world.kubectl.annotate(
          ManagedResource.channels, "general", "crossplane.io/reconcile-requested-at=mended")
        try await world.allReady(2)
      }
    }

    @Test(.timeLimit(.minutes(3)))
    func anUnreachableAPIIsNamedAndItsComingHeals() async throws {
      try await World.run(World.Options(credentials: false)) { world in
        let nobody = try FreePort.take()
        try await world.kubectl.apply([
          world.manifests.secret(token: SimulatorControl.seededToken),
          world.manifests.config(baseURL: "http://127.0.0.1:\(nobody)/api/v10"),
          world.manifests.guild("community", id: world.guild.id),
        ])
        try await world.eventuallyNotSynced(
          ManagedResource.guilds, "community", mentions: ["127.0.0.1:\(nobody)"])
        try await world.eventuallyEvent(
          about: "community", reason: "CannotObserveExternalResource")

        try await world.kubectl.apply([world.manifests.config(baseURL: world.baseURL)])
        try await world.allReady(1)
      }
    }

    @Test(.timeLimit(.minutes(3)))
    func aMissingGuildSaysThatABotCannotMakeOne() async throws {
      try await World.run { world in
        try await world.kubectl.apply([
          world.manifests.guild("community", ["name": "Nobody has this name"])
        ])
        try await world.eventuallyNotSynced(
          ManagedResource.guilds, "community", mentions: ["Nobody has this name"])
        #expect(try await world.control.score().count("POST", "/guilds") == 0)

        try await world.kubectl.patchFields(
          ManagedResource.guilds, "community", ["name": .string(world.guild.name)])
        try await world.allReady(1)
      }
    }
  }
}
