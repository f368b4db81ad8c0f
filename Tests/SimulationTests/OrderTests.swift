import JSONValue
import Sandbox
import Testing

/// `position` of channels and roles: the order is what is kept, with one request for a guild.
@Suite struct OrderTests {
  static let guildID = DiscordWorld.sandboxGuildID

  /// What a change behind the provider's back led to.
  struct Repair: Sendable {
    var before: [String]
    var after: [String]
    /// Requests that change something, within the poll that follows and within the next.
    var mutations: [String]
    var later: [String]
    var messages: [String] = []
  }

  /// Makes the objects, lets the order come to rest, changes something as the guild's owner, and lets
  /// two polls pass. `order` tells the names as Discord sorts them.
  private static func repair(
    _ manifests: [Manifest], permissions: PermissionBits = .administrator,
    order: @escaping @Sendable (Simulation) -> [String],
    change: @escaping @Sendable (Simulation) throws -> Void
  ) throws -> Repair {
    try Simulation.run { simulation in
      try simulation.create([.guild("example")] + manifests)
      _ = try await simulation.settled(within: .seconds(300))
      await simulation.pass(.seconds(65))
      simulation.demoteBot(to: permissions)
      var repair = Repair(before: order(simulation), after: [], mutations: [], later: [])
      try change(simulation)
      simulation.discord.forgetRequests()
      await simulation.pass(.seconds(61))
      repair.mutations = simulation.discord.mutations
      repair.after = order(simulation)
      simulation.discord.forgetRequests()
      await simulation.pass(.seconds(61))
      repair.later = simulation.discord.mutations
      repair.messages = try simulation.resources().map(\.message).filter { !$0.isEmpty }
      return repair
    }
  }

  private static func channels(_ count: Int, in parent: String? = nil) -> [Manifest] {
    (0..<count).map { number in
      var fields: JSONValue = [
        "name": .string("c-\(number)"), "type": 0, "position": .integer(Int64(number)),
      ]
      fields["parentIdRef"] = parent.map { ["name": .string($0)] }
      return .channel("c-\(number)", in: "example", fields)
    }
  }

  private static func roles(_ count: Int) -> [Manifest] {
    (1...count).map {
      .role(
        "r-\($0)", in: "example",
        ["name": .string("R \($0)"), "permissions": "0", "position": .integer(Int64($0))])
    }
  }

  @Sendable private static func channelNames(_ simulation: Simulation) -> [String] {
    simulation.discord.with { discord in
      let all = discord.world.guilds[guildID]?.channels.values.map { $0 } ?? []
      return all.sorted { ($0.position, $0.id) < ($1.position, $1.id) }.map(\.name)
    }
  }

  /// From the lowest; of two with one position the older ranks above.
  @Sendable private static func roleNames(_ simulation: Simulation) -> [String] {
    simulation.discord.with { discord in
      let all = discord.world.guilds[guildID]?.roles.values.map { $0 } ?? []
      return all.filter { $0.id != guildID && !$0.isManaged }
        .sorted { ($0.position, $1.id) < ($1.position, $0.id) }.map(\.name)
    }
  }

  private static func ids(_ simulation: Simulation, _ manifests: [Manifest]) throws -> [JSONValue] {
    try manifests.map { .string(try simulation.resource($0)?.externalName ?? "") }
  }

  private static func bulk(_ kind: String, _ entries: [JSONValue], _ simulation: Simulation) {
    _ = simulation.discord.asOwner("PATCH", "/guilds/\(guildID)/\(kind)", .array(entries))
  }

  @Test func aGuildsWorthOfScrambledChannelsIsOneRequest() throws {
    let manifests = Self.channels(100)
    let repair = try Self.repair(manifests, order: Self.channelNames) { simulation in
      let dice = Dice(seed: 7)
      let entries = try Self.ids(simulation, manifests).map { id -> JSONValue in
        ["id": id, "position": .integer(Int64(dice.number(below: 40)))]
      }
      Self.bulk("channels", entries, simulation)
    }
    #expect(repair.before == (0..<100).map { "c-\($0)" })
    #expect(repair.after == repair.before)
    #expect(repair.mutations == ["PATCH /api/v10/guilds/\(Self.guildID)/channels"])
    #expect(repair.later == [])
    #expect(repair.messages == [])
  }

  @Test func aGuildsWorthOfScrambledRolesIsOneRequest() throws {
    let manifests = Self.roles(40)
    let repair = try Self.repair(manifests, order: Self.roleNames) { simulation in
      let ids = try Self.ids(simulation, manifests)
      let entries = ids.indices.map { place -> JSONValue in
        ["id": ids[place], "position": .integer(Int64(1 + (place * 17) % 40))]
      }
      Self.bulk("roles", entries, simulation)
    }
    #expect(repair.before == (1...40).map { "R \($0)" })
    #expect(repair.after == repair.before)
    #expect(repair.mutations == ["PATCH /api/v10/guilds/\(Self.guildID)/roles"])
    #expect(repair.later == [])
  }

  @Test func othersMayRenumberAsTheyLike() throws {
    let manifests = Self.channels(10) + Self.roles(5)
    let repair = try Self.repair(manifests, order: Self.channelNames) { simulation in
      let ids = try Self.ids(simulation, manifests)
      Self.bulk(
        "channels",
        (0..<10).map { ["id": ids[$0], "position": .integer(Int64($0 * 3 + 20))] }, simulation)
      // Two channels and a role of somebody else, between ours.
      for position in [21, 24] {
        _ = simulation.discord.asOwner(
          "POST", "/guilds/\(Self.guildID)/channels",
          ["name": "theirs", "position": .integer(Int64(position))])
      }
      let role = simulation.discord.asOwner(
        "POST", "/guilds/\(Self.guildID)/roles", ["name": "Theirs"])
      Self.bulk("roles", [["id": role["id"] ?? .null, "position": 3]], simulation)
    }
    #expect(repair.mutations == [])
    #expect(repair.later == [])
  }

  @Test func aChannelDraggedIntoAnotherCategoryGoesBackWithOneRequest() throws {
    let categories: [Manifest] = ["team", "other"].map {
      .channel($0, in: "example", ["name": .string($0), "type": 4])
    }
    let manifests = Self.channels(4, in: "team")
    let repair = try Self.repair(categories + manifests, order: Self.channelNames) { simulation in
      let ids = try Self.ids(simulation, manifests + categories)
      Self.bulk(
        "channels", [["id": ids[1], "position": 9, "parent_id": ids[5]]], simulation)
    }
    #expect(repair.after.filter { $0.hasPrefix("c-") } == ["c-0", "c-1", "c-2", "c-3"])
    #expect(repair.mutations == ["PATCH /api/v10/guilds/\(Self.guildID)/channels"])
    #expect(repair.later == [])
  }

  @Test func newRolesAreBroughtIntoOrderWithOneRequestWhenAllAreThere() throws {
    let names = try Simulation.run { simulation in
      try simulation.create([.guild("example")] + Self.roles(20))
      _ = try await simulation.settled(within: .seconds(300))
      await simulation.pass(.seconds(130))
      return (Self.roleNames(simulation), simulation.discord.mutations)
    }
    #expect(names.0 == (1...20).map { "R \($0)" })
    #expect(names.1.filter { $0.hasPrefix("PATCH") }.count <= 2, "\(names.1)")
  }

  @Test func aFolderOfChangedPositionsIsOneRequest() throws {
    let manifests = Self.channels(30)
    let repair = try Self.repair(manifests, order: Self.channelNames) { simulation in
      for (place, manifest) in manifests.enumerated() {
        try simulation.edit(manifest, ["position": .integer(Int64(100 - place))])
      }
    }
    #expect(repair.after == repair.before.reversed())
    #expect(repair.mutations == ["PATCH /api/v10/guilds/\(Self.guildID)/channels"])
    #expect(repair.later == [])
  }

  @Test func aBotThatMayNotMoveSaysSoAndAsksOnceAPoll() throws {
    let manifests = Self.channels(5)
    let repair = try Self.repair(
      manifests, permissions: [.viewChannel], order: Self.channelNames
    ) { simulation in
      let ids = try Self.ids(simulation, manifests)
      Self.bulk("channels", [["id": ids[0], "position": 9]], simulation)
    }
    #expect(repair.after == ["c-1", "c-2", "c-3", "c-4", "c-0"])
    #expect(repair.mutations == ["PATCH /api/v10/guilds/\(Self.guildID)/channels"])
    #expect(repair.later == ["PATCH /api/v10/guilds/\(Self.guildID)/channels"])
    #expect(repair.messages.count == 1, "\(repair.messages)")
    #expect(repair.messages.first?.contains("Manage Channels") == true, "\(repair.messages)")
  }

  @Test func aFullCategoryDoesNotKeepTheOthersFromTheirPlaces() throws {
    let team = Manifest.channel("team", in: "example", ["name": "team", "type": 4])
    let manifests = Self.channels(4, in: "team")
    let repair = try Self.repair([team] + manifests, order: Self.channelNames) { simulation in
      let ids = try Self.ids(simulation, manifests + [team])
      Self.bulk(
        "channels",
        [
          ["id": ids[3], "position": 0, "parent_id": .null], ["id": ids[0], "position": 8],
          ["id": ids[1], "position": 7],
        ], simulation)
      for number in 0..<47 {
        _ = simulation.discord.asOwner(
          "POST", "/guilds/\(Self.guildID)/channels",
          ["name": .string("full-\(number)"), "parent_id": ids[4]])
      }
    }
    let inTeam = repair.after.filter { ["c-0", "c-1", "c-2"].contains($0) }
    #expect(inTeam == ["c-0", "c-1", "c-2"])
    #expect(repair.messages.count == 1, "\(repair.messages)")
    #expect(repair.messages.first?.contains("parentId") == true, "\(repair.messages)")
  }
}
