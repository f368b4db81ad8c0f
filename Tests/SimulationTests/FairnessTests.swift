import JSONValue
import Sandbox
import Testing

/// Who has much to do does not keep others waiting whose limits are free.
@Suite struct FairnessTests {
  struct Times: Sendable {
    /// From the moment when the one small object was applied until it was Ready.
    var small: Duration
    /// Until all of the large community was.
    var large: Duration
    var unready: [String]
  }

  /// Applies 150 channels of a guild, some seconds later one channel of another, and takes the times.
  private static func times(
    prepare: @escaping @Sendable (Simulation) throws -> Void = { _ in },
    config: String = "default"
  ) throws -> Times {
    var options = Simulation.Options()
    options.limits = LimitConfiguration(mode: .fixed)
    return try Simulation.run(options) { simulation in
      PollTests.makeGuilds(2, in: simulation)
      try prepare(simulation)
      try simulation.create(PollTests.manifests(guilds: 1, channels: 150, roles: 20))
      await simulation.pass(.seconds(10))
      let start = simulation.clock.now
      var small = [
        Manifest.guild("small", ["name": "Guild 1"]),
        Manifest.channel("lone", in: "small", ["name": "lone"]),
      ]
      for place in small.indices { small[place].providerConfig = config }
      try simulation.create(small)
      let lone = small[1]
      _ = try await simulation.until(within: .seconds(600)) {
        try simulation.resource(lone)?.isReady == true
      }
      let ready = simulation.clock.now
      _ = try await simulation.until(within: .seconds(600), every: .seconds(1)) {
        try simulation.resources().allSatisfy(\.isReady)
      }
      return Times(
        small: ready - start, large: simulation.clock.now - start,
        unready: try simulation.resources().filter { !$0.isReady }.map(\.description))
    }
  }

  @Test func aGuildDoesNotWaitForAnotherGuildsLimits() throws {
    let times = try Self.times()
    #expect(times.unready == [])
    #expect(times.large > .seconds(120))
    #expect(times.small < .seconds(3), "\(times.small)")
  }

  /// Nor does the queue's order keep it waiting, whatever lies before it there.
  @Test func aGuildDoesNotWaitForSevenOthers() throws {
    var options = Simulation.Options()
    options.limits = LimitConfiguration(mode: .fixed)
    let (time, others) = try Simulation.run(options) { simulation in
      PollTests.makeGuilds(8, in: simulation)
      try simulation.create(PollTests.manifests(guilds: 7, channels: 150, roles: 20))
      let small = [
        Manifest.guild("small", ["name": "Guild 7"]),
        Manifest.channel("lone", in: "small", ["name": "lone"]),
      ]
      let start = simulation.clock.now
      try simulation.create(small)
      _ = try await simulation.until(within: .seconds(60)) {
        try simulation.resource(small[1])?.isReady == true
      }
      let time = simulation.clock.now - start
      return (time, try simulation.resources().count { !$0.isReady })
    }
    #expect(others > 500, "\(others)")
    #expect(time < .seconds(3), "\(time)")
    print("fairness: one channel beside 1,190 objects of seven guilds is Ready after \(time)")
  }

  @Test func aProviderConfigDoesNotWaitForAnothersLimits() throws {
    let times = try Self.times(
      prepare: { simulation in
        let now = simulation.discord.now
        simulation.discord.with { discord in
          _ = discord.world.makeBot(NewBot(token: "another-token"), now: now)
        }
        try simulation.addCredentials(config: "other", token: "another-token")
      }, config: "other")
    #expect(times.unready == [])
    #expect(times.large > .seconds(120))
    #expect(times.small < .seconds(3), "\(times.small)")
  }
}
