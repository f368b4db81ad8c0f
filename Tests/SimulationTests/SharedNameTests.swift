import JSONValue
import Sandbox
import Synchronization
import Testing

/// Two objects with one external name: somebody copied a manifest with its annotation, or two teams
/// adopted the same channel. They must not undo each other's writes, nor delete what the other still has.
@Suite struct SharedNameTests {
  private static let older = Manifest.channel("older", in: "example", ["name": "one", "type": 0])
  private static let claim = " has the external name "

  /// An object of the same channel as `older`.
  private static func younger(_ fields: JSONValue, in simulation: Simulation) throws -> Manifest {
    var manifest = Manifest.channel("younger", in: "example", fields)
    let id = try #require(try simulation.resource(older)?.externalName)
    manifest.annotations["crossplane.io/external-name"] = .string(id)
    return manifest
  }

  /// The name of the channel with an object's ID in Discord; nil when it is gone.
  private static func name(of id: String, in simulation: Simulation) -> String? {
    simulation.discord.with { discord in
      discord.world.guilds.values.flatMap { $0.channels.values }
        .first { $0.id.description == id }?.name
    }
  }

  private static func begin(_ simulation: Simulation) async throws -> String {
    try simulation.create([.guild("example"), older])
    #expect(try await simulation.settled(within: .seconds(60)))
    // The second resolution of creationTimestamp: the other one is to be younger.
    await simulation.pass(.seconds(2))
    return try #require(try simulation.resource(older)?.externalName)
  }

  /// The channel's ID, and the younger object that disagrees about its name.
  private static func beginWithBoth(_ simulation: Simulation) async throws -> (String, Manifest) {
    let id = try await begin(simulation)
    let younger = try younger(["name": "two", "type": 0], in: simulation)
    try simulation.create([younger])
    await simulation.pass(.seconds(10))
    return (id, younger)
  }

  /// Writes to Discord that name a channel.
  private final class Writes: Sendable {
    private let paths = Mutex<[String]>([])
    func add(_ path: String) { paths.withLock { $0.append(path) } }
    var all: [String] { paths.withLock { $0 } }
  }

  private static func options(counting writes: Writes) -> Simulation.Options {
    var options = Simulation.Options()
    options.plan = { request in
      if request.server == .discord, request.isWrite { writes.add(request.path) }
      return .delivered
    }
    return options
  }

  @Test func theYoungerOfTwoThatDisagreeWritesNothingAndSaysWhy() throws {
    let writes = Writes()
    try Simulation.run(Self.options(counting: writes)) { simulation in
      let id = try await Self.begin(simulation)
      let before = writes.all.count
      let younger = try Self.younger(["name": "two", "type": 0, "topic": "mine"], in: simulation)
      try simulation.create([younger])
      await simulation.pass(.seconds(600))
      let refused = try #require(try simulation.resource(younger))
      #expect(writes.all.count == before, "\(writes.all)")
      #expect(Self.name(of: id, in: simulation) == "one")
      #expect(try #require(try simulation.resource(Self.older)).isReady)
      #expect(!refused.isReady)
      #expect(
        refused.message.hasPrefix(
          "Channel crossplane-system/older\(Self.claim)\(id) as well, is older, and asks for another "
            + "name: "), "\(refused.message)")
    }
  }

  @Test func theDeletionOfEitherLeavesTheChannelToTheOther() throws {
    try Simulation.run { simulation in
      let (id, younger) = try await Self.beginWithBoth(simulation)
      try simulation.delete(Self.older)
      let isReady = try await simulation.until(within: .seconds(30)) {
        try simulation.resources().first { $0.name == "younger" }?.isReady == true
      }
      #expect(isReady)
      #expect(try simulation.resources().allSatisfy { $0.name != "older" })
      #expect(Self.name(of: id, in: simulation) == "two", "the same channel, as the other wants it")
      try simulation.delete(younger)
      let isGone = try await simulation.until(within: .seconds(30)) {
        try simulation.resources().allSatisfy { $0.name != "younger" }
      }
      #expect(isGone)
      #expect(Self.name(of: id, in: simulation) == nil, "nobody else has it")
    }
  }

  @Test func theDeletionOfBothDeletesTheChannel() throws {
    try Simulation.run { simulation in
      let (id, younger) = try await Self.beginWithBoth(simulation)
      try simulation.delete(Self.older)
      try simulation.delete(younger)
      let areGone = try await simulation.until(within: .seconds(30)) {
        try simulation.resources().allSatisfy { $0.kind == "Guild" }
      }
      #expect(areGone)
      #expect(Self.name(of: id, in: simulation) == nil)
    }
  }

  @Test(
    arguments: [
      ["name": "one", "type": 0, "topic": "mine"],
      ["name": "one", "type": 0],
    ] as [JSONValue])
  func thoseThatAgreeBothWork(fields: JSONValue) throws {
    try Simulation.run { simulation in
      _ = try await Self.begin(simulation)
      try simulation.create([try Self.younger(fields, in: simulation)])
      #expect(try await simulation.settled(within: .seconds(60)))
    }
  }

  /// The same reference, written as a name and as an ID.
  @Test func referencesAreComparedByWhatTheyReferTo() throws {
    try Simulation.run { simulation in
      _ = try await Self.begin(simulation)
      var younger = try Self.younger(["name": "one", "type": 0], in: simulation)
      younger.forProvider["guildIdRef"] = nil
      younger.forProvider["guildId"] = .string(DiscordWorld.sandboxGuildID.description)
      try simulation.create([younger])
      #expect(try await simulation.settled(within: .seconds(60)))
      try simulation.edit(younger, ["guildId": "1"])
      await simulation.pass(.seconds(10))
      let message = try #require(try simulation.resource(younger)).message
      #expect(message.contains("asks for another guildId:"), "\(message)")
    }
  }

  @Test(
    arguments: [
      ["metadata": ["annotations": ["crossplane.io/paused": "true"]]],
      ["spec": ["managementPolicies": ["Observe"]]],
    ] as [JSONValue])
  func whatIsPausedOrOnlyObservesClaimsNothing(patch: JSONValue) throws {
    try Simulation.run { simulation in
      let id = try await Self.begin(simulation)
      try simulation.request("PATCH", Self.older.path, patch)
      await simulation.pass(.seconds(2))
      let younger = try Self.younger(["name": "two", "type": 0], in: simulation)
      try simulation.create([younger])
      let isReady = try await simulation.until(within: .seconds(60)) {
        try simulation.resource(younger)?.isReady == true
      }
      #expect(isReady)
      #expect(Self.name(of: id, in: simulation) == "two")
    }
  }

  @Test func twoObjectsThatAdoptOneGuildByItsNameDoNotFight() throws {
    let writes = Writes()
    try Simulation.run(Self.options(counting: writes)) { simulation in
      let first = Manifest.guild("first", ["name": "Sandbox Guild", "verificationLevel": 1])
      let second = Manifest.guild("second", ["name": "Sandbox Guild", "verificationLevel": 2])
      try simulation.create([first])
      #expect(try await simulation.settled(within: .seconds(60)))
      await simulation.pass(.seconds(2))
      let before = writes.all.count
      try simulation.create([second])
      await simulation.pass(.seconds(300))
      let refused = try #require(try simulation.resource(second))
      #expect(writes.all.count == before, "\(writes.all)")
      #expect(refused.message.contains("asks for another verificationLevel:"), "\(refused.message)")
      #expect(refused.externalName == nil)
    }
  }
}
