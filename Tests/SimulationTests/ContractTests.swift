import Engine
import JSONValue
import Sandbox
import Synchronization
import Testing

/// What Crossplane's users say on an object besides what it is to be: policies, the pause, finalizers
/// of others, a requested reconcile.
@Suite struct ContractTests {
  private static let channel = Manifest.channel("one", in: "example", ["name": "one", "type": 0])

  private final class Count: Sendable {
    private let count = Atomic<Int>(0)
    var value: Int { count.load(ordering: .relaxed) }
    func add() { count.add(1, ordering: .relaxed) }
  }

  /// A simulation with a guild and a channel that is made.
  private static func begin(
    _ options: Simulation.Options = .init(),
    _ body: @escaping @Sendable (Simulation, _ id: String) async throws -> Void
  ) throws {
    try Simulation.run(options) { simulation in
      try simulation.create([.guild("example"), channel])
      #expect(try await simulation.settled(within: .seconds(60)))
      try await body(simulation, try #require(try simulation.resource(channel)?.externalName))
    }
  }

  /// The channel's name in Discord; nil when it is gone.
  private static func name(of id: String, in simulation: Simulation) -> String? {
    simulation.discord.with { discord in
      discord.world.guilds.values.flatMap { $0.channels.values }
        .first { $0.id.description == id }?.name
    }
  }

  private static func isGone(_ simulation: Simulation) async throws -> Bool {
    try await simulation.until(within: .seconds(30)) {
      try simulation.resources().allSatisfy { $0.kind != "Channel" }
    }
  }

  @Test(
    arguments: [
      ["deletionPolicy": "Orphan"],
      ["managementPolicies": ["Observe"]],
      ["managementPolicies": ["Observe", "Create", "Update", "LateInitialize"]],
      ["deletionPolicy": "Delete", "managementPolicies": ["Observe", "Create", "Update"]],
    ] as [JSONValue])
  func whoMayNotDeleteLeavesTheChannelInDiscord(spec: JSONValue) throws {
    try Self.begin { simulation, id in
      try simulation.request("PATCH", Self.channel.path, ["spec": spec])
      try simulation.delete(Self.channel)
      #expect(try await Self.isGone(simulation))
      await simulation.pass(.seconds(120))
      #expect(Self.name(of: id, in: simulation) == "one")
    }
  }

  /// What the newer field says outright goes before the older one.
  @Test(
    arguments: [
      [:], ["deletionPolicy": "Delete"],
      ["deletionPolicy": "Orphan", "managementPolicies": ["Observe", "Delete"]],
    ] as [JSONValue])
  func whoMayDeleteDeletesTheChannel(spec: JSONValue) throws {
    try Self.begin { simulation, id in
      try simulation.request("PATCH", Self.channel.path, ["spec": spec])
      try simulation.delete(Self.channel)
      #expect(try await Self.isGone(simulation))
      #expect(Self.name(of: id, in: simulation) == nil)
    }
  }

  @Test func whoMayNotUpdateRepairsNothing() throws {
    try Self.begin { simulation, id in
      try simulation.request(
        "PATCH", Self.channel.path,
        ["spec": ["managementPolicies": ["Observe", "Create", "Delete"]]])
      try simulation.edit(Self.channel, ["name": "two"])
      await simulation.pass(.seconds(300))
      #expect(Self.name(of: id, in: simulation) == "one")
      try simulation.request("PATCH", Self.channel.path, ["spec": ["managementPolicies": ["*"]]])
      await simulation.pass(.seconds(10))
      #expect(Self.name(of: id, in: simulation) == "two")
    }
  }

  @Test(
    arguments: [
      (["Observe", "Update", "Delete"], "does not allow to create it"),
      (["Create", "Update", "Delete"], "is no supported set"),
    ])
  func whoMayNotCreateMakesNothingAndSaysWhy(policies: [String], message: String) throws {
    try Self.begin { simulation, _ in
      let other = Manifest.channel("other", in: "example", ["name": "other", "type": 0])
      var body = other.body
      body.set(.array(policies.map { .string($0) }), at: ["spec", "managementPolicies"])
      try simulation.request("POST", Manifest.collection("Channel"), body)
      await simulation.pass(.seconds(180))
      let resource = try #require(try simulation.resource(other))
      #expect(resource.message.contains(message), "\(resource)")
      #expect(resource.externalName == nil)
      let names = simulation.discord.with { discord in
        discord.world.guilds.values.flatMap { $0.channels.values.map(\.name) }
      }
      #expect(!names.contains("other"))
    }
  }

  @Test(
    arguments: [
      ["metadata": ["annotations": ["crossplane.io/paused": "true"]]],
      ["spec": ["managementPolicies": []]],
    ] as [JSONValue])
  func whatIsPausedIsLeftAloneAndNotDeletedAndSaysSoOnce(patch: JSONValue) throws {
    try Self.begin { simulation, id in
      try simulation.request("PATCH", Self.channel.path, patch)
      await simulation.pass(.seconds(5))
      for label in ["a", "b"] {
        try simulation.request(
          "PATCH", Self.channel.path, ["metadata": ["labels": ["x": .string(label)]]])
        await simulation.pass(.seconds(5))
      }
      try simulation.edit(Self.channel, ["name": "two"])
      try simulation.delete(Self.channel)
      await simulation.pass(.seconds(180))
      #expect(Self.name(of: id, in: simulation) == "one")
      let events = try simulation.request(
        "GET", "/api/v1/namespaces/\(Manifest.namespace)/events")["items"]?.arrayValue
      let paused = (events ?? []).filter { $0["reason"] == "ReconciliationPaused" }
      #expect(paused.map { $0["count"]?.integerValue ?? 1 } == [1])
      try simulation.request(
        "PATCH", Self.channel.path,
        [
          "metadata": ["annotations": ["crossplane.io/paused": .null]],
          "spec": ["managementPolicies": ["*"]],
        ])
      #expect(try await Self.isGone(simulation))
      #expect(Self.name(of: id, in: simulation) == nil)
    }
  }

  @Test func whatWasCreatedHasItsNameAndTheEndOfItsCreate() throws {
    try Self.begin { simulation, id in
      let value = try #require(try simulation.resource(Self.channel)?.value)
      let annotations = try #require(value.value(at: "metadata", "annotations"))
      func time(_ what: String) throws -> Timestamp {
        let text = annotations["crossplane.io/external-create-\(what)"]?.stringValue
        return try #require(text.flatMap { Timestamp($0) })
      }
      #expect(annotations["crossplane.io/external-name"]?.stringValue == id)
      let pending = try time("pending").millisecondsSince1970
      #expect(try time("succeeded").millisecondsSince1970 > pending)
    }
  }

  /// Else its deletion would not reach Discord.
  @Test func whatIsAdoptedByItsNameHasOurFinalizer() throws {
    try Simulation.run { simulation in
      try simulation.create([.guild("example")])
      #expect(try await simulation.settled(within: .seconds(60)))
      let guild = DiscordWorld.sandboxGuildID
      let made = simulation.discord.asOwner(
        "POST", "/guilds/\(guild)/channels", ["name": "one", "type": 0])
      let id = try #require(made["id"]?.stringValue)
      var manifest = Self.channel
      manifest.annotations["crossplane.io/external-name"] = .string(id)
      try simulation.create([manifest])
      #expect(try await simulation.settled(within: .seconds(60)))
      let value = try simulation.resource(manifest)?.value
      #expect(
        value?.value(at: "metadata", "finalizers")
          == ["finalizer.managedresource.crossplane.io"])
      try simulation.delete(manifest)
      #expect(try await Self.isGone(simulation))
      #expect(Self.name(of: id, in: simulation) == nil)
    }
  }

  @Test func onlyTheWordTrueIsAPause() throws {
    try Self.begin { simulation, id in
      try simulation.request(
        "PATCH", Self.channel.path,
        ["metadata": ["annotations": ["crossplane.io/paused": "false"]]])
      try simulation.edit(Self.channel, ["name": "two"])
      await simulation.pass(.seconds(10))
      #expect(Self.name(of: id, in: simulation) == "two")
    }
  }

  @Test func theFinalizersOfOthersAreWaitedForAndStay() throws {
    try Self.begin { simulation, id in
      func finalizers() throws -> [String] {
        let value = try simulation.resource(Self.channel)?.value
        return (value?.value(at: "metadata", "finalizers")?.arrayValue ?? [])
          .compactMap(\.stringValue)
      }
      let own = try finalizers()
      #expect(own == ["finalizer.managedresource.crossplane.io"])
      let both = (["example.org/keep"] + own).map { JSONValue.string($0) }
      try simulation.request(
        "PATCH", Self.channel.path, ["metadata": ["finalizers": .array(both)]])
      try simulation.delete(Self.channel)
      await simulation.pass(.seconds(120))
      #expect(Self.name(of: id, in: simulation) == "one")
      // Nothing is to be done in Discord: our finalizer goes, the other's stays.
      try simulation.request("PATCH", Self.channel.path, ["spec": ["deletionPolicy": "Orphan"]])
      await simulation.pass(.seconds(120))
      #expect(try finalizers() == ["example.org/keep"])
      try simulation.request("PATCH", Self.channel.path, ["metadata": ["finalizers": []]])
      #expect(try await Self.isGone(simulation))
      #expect(Self.name(of: id, in: simulation) == "one")
    }
  }

  /// With the last token that was read: what is deleted together must not get stuck.
  @Test func aDeletionOutlivesTheSecret() throws {
    try Self.begin { simulation, id in
      try simulation.request(
        "DELETE", "/api/v1/namespaces/\(Manifest.namespace)/secrets/discord-credentials")
      await simulation.pass(.seconds(5))
      try simulation.delete(Self.channel)
      #expect(try await Self.isGone(simulation))
      #expect(Self.name(of: id, in: simulation) == nil)
    }
  }

  @Test func aRequestedReconcileLooksAtDiscordNowAndIsAnswered() throws {
    let requests = Count()
    var options = Simulation.Options()
    options.poll = .seconds(3_600)
    options.plan = { request in
      if request.server == .discord { requests.add() }
      return .delivered
    }
    try Self.begin(options) { simulation, id in
      // The second finds a read that would be new enough for anything else.
      for request in ["first", "second"] {
        await simulation.pass(.seconds(60))
        _ = simulation.discord.asOwner("PATCH", "/channels/\(id)", ["name": "drifted"])
        try simulation.request(
          "PATCH", Self.channel.path,
          [
            "metadata": [
              "annotations": ["crossplane.io/reconcile-requested-at": .string(request)]
            ]
          ])
        await simulation.pass(.seconds(2))
        #expect(Self.name(of: id, in: simulation) == "one")
        let status = try simulation.resource(Self.channel)?.value["status"]
        #expect(status?["lastHandledReconcileAt"]?.stringValue == request)
        // One more look a moment later, and then rest until the next poll.
        await simulation.pass(.seconds(5))
        let before = requests.value
        await simulation.pass(.seconds(60))
        #expect(requests.value == before)
      }
    }
  }
}
