import JSONValue
import Sandbox
import Testing

/// `position` of channels and roles: kept with one request for a guild.
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

  @Sendable private static func channelNumbers(_ simulation: Simulation) -> [String] {
    simulation.discord.with { discord in
      let all = discord.world.guilds[guildID]?.channels.values.map { $0 } ?? []
      return all.sorted { ($0.position, $0.id) < ($1.position, $1.id) }
        .map { "\($0.name): \($0.position)" }
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

  @Test func channelsThatSomebodyRenumberedGetTheirNumbersBackWithOneRequest() throws {
    let manifests = Self.channels(10)
    let repair = try Self.repair(manifests, order: Self.channelNumbers) { simulation in
      let ids = try Self.ids(simulation, manifests)
      Self.bulk(
        "channels",
        (0..<10).map { ["id": ids[$0], "position": .integer(Int64($0 * 3 + 20))] }, simulation)
    }
    #expect(repair.before == (0..<10).map { "c-\($0): \($0)" })
    #expect(repair.after == repair.before)
    #expect(repair.mutations == ["PATCH /api/v10/guilds/\(Self.guildID)/channels"])
    #expect(repair.later == [])
  }

  @Test func othersMayHaveTheirOwnInBetween() throws {
    let manifests = Self.channels(10) + Self.roles(5)
    let repair = try Self.repair(manifests, order: Self.roleNames) { simulation in
      for position in [1, 4] {
        _ = simulation.discord.asOwner(
          "POST", "/guilds/\(Self.guildID)/channels",
          ["name": "theirs", "position": .integer(Int64(position))])
      }
      // A role between ours, and one below, so that Discord renumbers all of ours.
      for position in [3, 1] {
        let role = simulation.discord.asOwner(
          "POST", "/guilds/\(Self.guildID)/roles",
          ["name": .string("Theirs \(position)")])
        Self.bulk(
          "roles", [["id": role["id"] ?? .null, "position": .integer(Int64(position))]], simulation)
      }
    }
    #expect(repair.mutations == [])
    #expect(repair.later == [])
    #expect(repair.after.filter { $0.hasPrefix("R") } == repair.before)
    #expect(repair.after.count == 7)
  }

  @Test(arguments: [false, true])
  func aLoneChannelGoesBackToItsNumber(afterRestart: Bool) throws {
    let lone = Manifest.channel("lone", in: "example", ["name": "lone", "position": 3])
    let repair = try Self.repair([lone], order: Self.channelNumbers) { simulation in
      for position in 0..<8 {
        _ = simulation.discord.asOwner(
          "POST", "/guilds/\(Self.guildID)/channels",
          ["name": .string("theirs-\(position)"), "position": .integer(Int64(position))])
      }
      if afterRestart { simulation.crash() }
      let ids = try Self.ids(simulation, [lone])
      Self.bulk("channels", [["id": ids[0], "position": 7]], simulation)
    }
    #expect(repair.before == ["lone: 3"])
    #expect(repair.after.contains("lone: 3"), "\(repair.after)")
    #expect(repair.mutations.count == 1, "\(repair.mutations)")
    #expect(repair.later == [])
  }

  /// Roles of others, and one of ours that asks for the third rank from below.
  private static func loneRole(
    afterRestart: Bool, _ change: @escaping @Sendable (Simulation, JSONValue) -> Void
  ) throws -> Repair {
    let lone = Manifest.role(
      "lone", in: "example", ["name": "Lone", "permissions": "0", "position": 3])
    return try Simulation.run { simulation in
      for number in 1...5 {
        let role = simulation.discord.asOwner(
          "POST", "/guilds/\(guildID)/roles", ["name": .string("T\(number)")])
        bulk(
          "roles", [["id": role["id"] ?? .null, "position": .integer(Int64(number))]], simulation)
      }
      try simulation.create([.guild("example"), lone])
      _ = try await simulation.settled(within: .seconds(300))
      await simulation.pass(.seconds(125))
      var repair = Repair(before: roleNames(simulation), after: [], mutations: [], later: [])
      if afterRestart { simulation.crash() }
      change(simulation, try ids(simulation, [lone])[0])
      simulation.discord.forgetRequests()
      await simulation.pass(.seconds(61))
      repair.mutations = simulation.discord.mutations
      repair.after = roleNames(simulation)
      simulation.discord.forgetRequests()
      await simulation.pass(.seconds(61))
      repair.later = simulation.discord.mutations
      return repair
    }
  }

  @Test(arguments: [false, true])
  func aLoneRoleGoesBackWhereItStood(afterRestart: Bool) throws {
    let repair = try Self.loneRole(afterRestart: afterRestart) { simulation, id in
      Self.bulk("roles", [["id": id, "position": 5]], simulation)
    }
    #expect(repair.before.firstIndex(of: "Lone") == 2, "\(repair.before)")
    #expect(repair.after == repair.before)
    #expect(repair.mutations == ["PATCH /api/v10/guilds/\(Self.guildID)/roles"])
    #expect(repair.later == [])
  }

  @Test(arguments: [false, true])
  func aRoleIsNotRaisedAboveOthersBecauseSomebodyMadeOrDeletedOne(afterRestart: Bool) throws {
    let repair = try Self.loneRole(afterRestart: afterRestart) { simulation, _ in
      let role = simulation.discord.asOwner(
        "POST", "/guilds/\(Self.guildID)/roles", ["name": "New"])
      Self.bulk("roles", [["id": role["id"] ?? .null, "position": 1]], simulation)
      let first = simulation.discord.with { discord in
        discord.world.guilds[Self.guildID]?.roles.values.first { $0.name == "T1" }?.id.description
      }
      _ = simulation.discord.asOwner(
        "DELETE", "/guilds/\(Self.guildID)/roles/\(first ?? "")")
    }
    #expect(repair.mutations == [])
    #expect(repair.later == [])
    #expect(repair.after.filter { $0 != "New" } == repair.before.filter { $0 != "T1" })
  }

  /// Whatever the owner does to positions, one request of each kind puts it back, and then all is
  /// quiet.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func anyChangeOfPositionsIsOneRequestOfAKindAndThenRest(seed: UInt64) throws {
    let manifests = Self.channels(6) + Self.roles(5)
    var options = Simulation.Options()
    options.seed = seed
    let problems = try Simulation.run(options) { simulation in
      var problems: [String] = []
      let dice = Dice(seed: seed)
      var theirs: [(kind: String, id: JSONValue)] = []
      for number in 1...3 {
        for kind in ["channels", "roles"] {
          let object = simulation.discord.asOwner(
            "POST", "/guilds/\(Self.guildID)/\(kind)", ["name": .string("theirs-\(number)")])
          theirs.append((kind, object["id"] ?? .null))
        }
      }
      try simulation.create([.guild("example")] + manifests)
      _ = try await simulation.settled(within: .seconds(300))
      await simulation.pass(.seconds(125))
      let channels = Self.channelNumbers(simulation).filter { $0.hasPrefix("c") }
      let roles = Self.roleNames(simulation).filter { $0.hasPrefix("R") }
      let ids = try Self.ids(simulation, manifests)
      let all =
        ids.enumerated().map { (kind: $0.offset < 6 ? "channels" : "roles", id: $0.element) }
        + theirs
      for round in 1...12 {
        for kind in ["channels", "roles"] {
          let moving = all.filter { $0.kind == kind && dice.unit() < 0.3 }
          guard !moving.isEmpty else { continue }
          Self.bulk(
            kind,
            moving.map {
              ["id": $0.id, "position": .integer(Int64(1 + dice.number(below: 8)))]
            }, simulation)
        }
        simulation.discord.forgetRequests()
        await simulation.pass(.seconds(61))
        let first = simulation.discord.mutations
        simulation.discord.forgetRequests()
        await simulation.pass(.seconds(61))
        let later = simulation.discord.mutations
        let isRight =
          Self.channelNumbers(simulation).filter { $0.hasPrefix("c") } == channels
          && Self.roleNames(simulation).filter { $0.hasPrefix("R") } == roles
        if Set(first).count != first.count || !later.isEmpty || !isRight {
          problems.append("round \(round): \(first), then \(later), right: \(isRight)")
        }
      }
      return problems
    }
    #expect(problems == [])
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
