import JSONValue
import Testing

/// The main job on the virtual clock.
@Suite(.serialized) struct ConvergenceTests {
  /// A guild, a category, channels in it, roles, and an overwrite that refers to one of them.
  static let community: [Manifest] = [
    .guild("example"),
    .channel("team", in: "example", ["name": "Team", "type": 4]),
    .channel(
      "general", in: "example",
      ["name": "general", "type": 0, "topic": "all", "parentIdRef": ["name": "team"]]),
    .channel(
      "lobby", in: "example",
      ["name": "Lobby", "type": 2, "bitrate": 64_000, "parentIdRef": ["name": "team"]]),
    .channel(
      "private", in: "example",
      [
        "name": "private", "type": 0, "parentIdRef": ["name": "team"],
        "permissionOverwrites": [
          ["id": "@everyone", "deny": "VIEW_CHANNEL"],
          ["roleRef": ["name": "moderator"], "allow": "VIEW_CHANNEL"],
        ],
      ]),
    .role("moderator", in: "example", ["name": "Moderator", "color": 255, "permissions": "1024"]),
    .role("member", in: "example", ["name": "Member", "permissions": "0", "hoist": true]),
  ]

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func everythingAppliedBecomesReady(seed: UInt64) throws {
    var options = Simulation.Options()
    options.seed = seed
    let (audit, time, requests, writes) = try Simulation.run(options) { simulation in
      try simulation.create(Self.community)
      let start = simulation.clock.now
      _ = try await simulation.settled(within: .seconds(60))
      return (
        try Audit(simulation), simulation.clock.now - start, simulation.discord.requests.count,
        simulation.kubernetes.writes
      )
    }
    #expect(audit.isClean && audit.stopped.isEmpty, "seed \(seed): \(audit)")
    #expect(audit.objects == 6)
    #expect(time < .seconds(5), "seed \(seed)")
    #expect(requests <= 12, "seed \(seed)")
    #expect(writes.count <= 4 * 7 + 2, "seed \(seed): \(writes)")
  }
}
