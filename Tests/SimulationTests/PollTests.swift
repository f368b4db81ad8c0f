import JSONValue
import Sandbox
import Testing

/// What a look at everything costs.
@Suite struct PollTests {
  /// So many guilds with so many objects each, half of them channels, half roles.
  static func manifests(
    guilds: Int, channels: Int, roles: Int
  ) -> [Manifest] {
    (0..<guilds).flatMap { guild -> [Manifest] in
      let name = "guild-\(guild)"
      return [.guild(name, ["name": .string("Guild \(guild)")])]
        + (0..<channels).map {
          .channel("c-\(guild)-\($0)", in: name, ["name": .string("c-\($0)"), "type": 0])
        }
        + (0..<roles).map {
          .role("r-\(guild)-\($0)", in: name, ["name": .string("R \($0)"), "permissions": "0"])
        }
    }
  }

  /// Makes the guilds that the manifests adopt.
  static func makeGuilds(_ count: Int, in simulation: Simulation) {
    let now = simulation.discord.now
    simulation.discord.with { discord in
      for guild in 0..<count {
        _ = discord.world.makeGuild(NewGuild(name: "Guild \(guild)"), now: now)
      }
    }
  }

  struct Cost: Sendable {
    let unready: Int
    let perPoll: [Int]
    let mutations: [String]
    let writes: [String]
  }

  static func cost(guilds: Int, channels: Int, roles: Int) throws -> Cost {
    try Simulation.run { simulation in
      makeGuilds(guilds, in: simulation)
      try simulation.create(manifests(guilds: guilds, channels: channels, roles: roles))
      _ = try await simulation.until(within: .seconds(300), every: .seconds(5)) {
        try simulation.resources().allSatisfy(\.isReady)
      }
      let unready = try simulation.resources().count { !$0.isReady }
      await simulation.pass(.seconds(61))
      simulation.kubernetes.forgetWrites()
      var perPoll: [Int] = []
      var mutations: [String] = []
      for _ in 0..<3 {
        simulation.discord.forgetRequests()
        await simulation.pass(.seconds(60))
        perPoll.append(simulation.discord.requests.count)
        mutations += simulation.discord.mutations
      }
      return Cost(
        unready: unready, perPoll: perPoll, mutations: mutations,
        writes: simulation.kubernetes.writes)
    }
  }

  @Test func aGuildOfTwoHundredObjectsCostsThreeReads() throws {
    let cost = try Self.cost(guilds: 1, channels: 100, roles: 100)
    #expect(cost.unready == 0)
    #expect(cost.perPoll.allSatisfy { $0 <= 3 && $0 > 0 }, "\(cost.perPoll)")
    #expect(cost.mutations.isEmpty && cost.writes.isEmpty, "\(cost.mutations) \(cost.writes)")
    print("poll of 200 objects of one guild: \(cost.perPoll) requests, 0 Kubernetes writes")
  }

  /// Issue 4's ten guilds of 500 objects, when the full size is asked for.
  @Test(.enabled(if: LimitTests.isFull, "at full size only: Benchmarks/limits/run.sh"))
  func tenGuildsOfFiveHundredObjectsCostThirtyReads() throws {
    let cost = try Self.cost(guilds: 10, channels: 300, roles: 200)
    #expect(cost.unready == 0)
    #expect(cost.perPoll.allSatisfy { $0 <= 30 && $0 > 0 }, "\(cost.perPoll)")
    #expect(cost.mutations.isEmpty && cost.writes.isEmpty)
    print("poll of ten guilds of 500 objects: \(cost.perPoll) requests, 0 Kubernetes writes")
  }
}
