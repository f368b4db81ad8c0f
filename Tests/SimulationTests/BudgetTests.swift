import JSONValue
import Sandbox
import Synchronization
import Testing

/// What the provider does when Discord has refused so much that the address is on its way to a ban.
@Suite struct BudgetTests {
  struct Findings: Sendable {
    /// How many polls came and the shortest time between two of them.
    var polls: Int
    var shortest: Duration
    /// From each wish that a guild be looked at to the read.
    var looks: [Duration]
    var unready: [String]
  }

  @Test func atOnePercentOfTheBudgetPollsSlowDownAndWhatIsAskedForDoesNot() throws {
    let isDenied = Atomic<Bool>(false)
    let denied = Atomic<Int>(0)
    var options = Simulation.Options()
    options.plan = { request in
      guard request.server == .discord, isDenied.load(ordering: .relaxed) else {
        return .delivered
      }
      denied.add(1, ordering: .relaxed)
      return .statusBefore(403)
    }
    let found = try Simulation.run(options) { simulation in
      PollTests.makeGuilds(10, in: simulation)
      let manifests = PollTests.manifests(guilds: 10, channels: 3, roles: 1)
      try simulation.create(manifests)
      _ = try await simulation.settled(within: .seconds(60))
      isDenied.store(true, ordering: .relaxed)
      _ = await simulation.until(within: .seconds(400)) { denied.load(ordering: .relaxed) >= 100 }
      isDenied.store(false, ordering: .relaxed)
      await simulation.pass(.seconds(120))
      simulation.discord.forgetRequests()
      await simulation.pass(.seconds(120))
      let polls = simulation.discord.requests.map(\.time)
      var looks: [Duration] = []
      for manifest in manifests where manifest.kind == "Guild" {
        let guild = try simulation.resource(manifest)?.externalName ?? "none"
        simulation.discord.forgetRequests()
        let start = simulation.clock.now
        try simulation.request(
          "PATCH", manifest.path,
          ["metadata": ["annotations": ["reconcile.crossplane.io/trigger": "now"]]])
        _ = await simulation.until(within: .seconds(60), every: .milliseconds(20)) {
          simulation.discord.requests.contains { $0.path.contains(guild) }
        }
        looks.append(simulation.clock.now - start)
        await simulation.pass(.milliseconds(3_300))
      }
      return Findings(
        polls: polls.count, shortest: zip(polls, polls.dropFirst()).map { $1 - $0 }.min() ?? .zero,
        looks: looks,
        unready: try simulation.resources().filter { !$0.isReady }.map(\.description))
    }
    #expect(denied.load(ordering: .relaxed) < 150)
    #expect(found.unready == [])
    // Two reads for each of ten guilds a minute, two seconds apart but for their ways.
    #expect(found.polls >= 38 && found.polls <= 42, "\(found.polls)")
    #expect(found.shortest >= .milliseconds(1_940), "\(found.shortest)")
    #expect(found.looks.count == 10)
    #expect(found.looks.allSatisfy { $0 < .milliseconds(500) }, "\(found.looks)")
  }
}
