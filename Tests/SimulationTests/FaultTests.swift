import Foundation
import JSONValue
import Sandbox
import Synchronization
import Testing

/// Many things go wrong at random, over many seeds.
///
/// `SIMULATION_FAULTS=2000` asks for the full number; without it a few seeds run.
/// `SIMULATION_SEED=n` runs one seed alone.
@Suite(.serialized) struct FaultTests {
  /// A community that takes some time to build.
  static let community: [Manifest] =
    ConvergenceTests.community.map { manifest in
      guard manifest.name == "private" else { return manifest }
      var shown = manifest
      shown.forProvider["permissionOverwrites"] = [
        ["roleRef": ["name": "moderator"], "allow": "VIEW_CHANNEL"]
      ]
      return shown
    }
    // Not hidden from everybody: a bot that is no administrator would hide it from itself.
    + (1...8).map {
      .channel(
        "room-\($0)", in: "example",
        [
          "name": .string("room-\($0)"), "type": 0, "parentIdRef": ["name": "team"],
          "position": .integer(Int64(9 - $0)),
        ])
    }
    + (1...4).map {
      .role(
        "rank-\($0)", in: "example",
        ["name": .string("Rank \($0)"), "position": .integer(Int64($0))])
    }

  /// What goes on while things go wrong: somebody edits, and deletes.
  static let edits: [(manifest: String, fields: JSONValue)] = [
    ("room-5", ["topic": "edited"]), ("rank-1", ["color": 255]),
  ]
  static let deleted: Set<String> = ["room-3", "rank-2"]

  /// Every class of fault, those more often that are harder.
  static let fates: [Fate] = [
    .resetAfter, .resetAfter, .resetBefore, .statusAfter(502), .statusAfter(500),
    .statusBefore(503), .refused, .crashBefore, .crashAfter, .crashAfter,
  ]

  /// Faults of one run, until there were enough.
  static func plan(seed: UInt64, faults: Int) -> FatePlan {
    let dice = Dice(seed: seed &+ 1_000_003)
    let box = FaultBudget(faults)
    // Many at the beginning, or some over all of the run.
    let share = dice.pick([0.22, 0.22, 0.08])
    return { request in
      // The watch's and the lists' requests are few; most faults are to hit writes.
      guard dice.unit() < (request.isWrite ? share : share / 4), box.take() else {
        return .delivered
      }
      return dice.pick(Self.fates)
    }
  }

  @Test func randomFaultsLeaveNoDuplicateAndNoOrphan() throws {
    let environment = ProcessInfo.processInfo.environment
    let wanted = environment["SIMULATION_FAULTS"].flatMap { Int($0) } ?? 150
    let only = environment["SIMULATION_SEED"].flatMap { UInt64($0) }
    var totals = FaultTotals()
    var seed = only ?? 1
    while totals.faults < wanted {
      try run(seed: seed, &totals)
      seed += 1
      if only != nil { break }
    }
    print(totals)
    guard only == nil else { return }
    for fate in Self.fates {
      #expect(totals.count(of: fate) >= wanted / 40, "\(fate) is drawn too rarely: \(totals)")
    }
    #expect(totals.lateLogs > 0 && totals.forbiddenLogs > 0, "\(totals)")
    #expect(totals.interruptedCreates >= wanted / 50, "\(totals)")
    #expect(totals.logReads > 0, "\(totals)")
  }

  private func run(seed: UInt64, _ totals: inout FaultTotals) throws {
    let dice = Dice(seed: seed &+ 77)
    var options = Simulation.Options()
    options.seed = seed
    options.plan = Self.plan(seed: seed, faults: 8 + dice.number(below: 10))
    let delay = dice.pick([0, 0, 1 + dice.number(below: 30_000), 30_000])
    options.auditLogDelay = .milliseconds(delay)
    let mayReadLog = dice.unit() < 0.75
    if !mayReadLog { options.permissions = .builder }
    let pause = Duration.milliseconds(500 + dice.number(below: 8_000))
    let found = try Simulation.run(options) { simulation in
      try simulation.create(Self.community)
      await simulation.pass(pause)
      for manifest in Self.community {
        for edit in Self.edits where edit.manifest == manifest.name {
          try simulation.edit(manifest, edit.fields)
        }
        if Self.deleted.contains(manifest.name) { try simulation.delete(manifest) }
      }
      await simulation.pass(.seconds(10))
      _ = try await simulation.settled(within: .seconds(900))
      // Whatever comes late is to come.
      await simulation.pass(.seconds(90))
      _ = try await simulation.settled(within: .seconds(300))
      return Finding(
        audit: try Audit(simulation), fates: simulation.log.fates, faults: simulation.log.faults,
        logReads: simulation.discord.requests.count { $0.path.contains("/audit-logs") },
        unedited: try Self.unedited(simulation))
    }
    let audit = found.audit
    let report = "SIMULATION_SEED=\(seed), log \(mayReadLog): \(audit)\n\(found.faults)"
    #expect(audit.isClean, "\(report)")
    // Of what was deleted only that may be left of which nobody knows what came of its create.
    let left = Self.deleted.intersection(audit.stopped).count
    #expect(audit.objects == 18 - Self.deleted.count + left, "\(report)")
    #expect(found.unedited == [], "\(report)")
    // Whoever may read the audit log finds out.
    #expect(!mayReadLog || audit.stopped.isEmpty, "\(report)")
    totals.add(
      found.fates, audit, logReads: found.logReads, logDelay: delay, mayReadLog: mayReadLog)
  }

  private struct Finding: Sendable {
    var audit: Audit
    var fates: [(fate: Fate, request: Outgoing)]
    var faults: [String]
    var logReads: Int
    var unedited: [String]
  }

  /// Ready objects whose edit is not in Discord.
  private static func unedited(_ simulation: Simulation) throws -> [String] {
    try community.filter { manifest in
      guard edits.contains(where: { $0.manifest == manifest.name }),
        let resource = try simulation.resource(manifest), resource.isReady,
        let id = resource.externalName
      else { return false }
      return simulation.discord.with { discord in
        guard let guild = discord.world.guilds[DiscordWorld.sandboxGuildID] else { return true }
        let object =
          manifest.kind == "Role"
          ? guild.roles.values.first { $0.id.description == id }?.json
          : guild.channels.values.first { $0.id.description == id }?.json
        return object?["topic"] != "edited" && object?["color"] != 255
      }
    }.map(\.name)
  }
}

/// How many faults may still come.
final class FaultBudget: Sendable {
  private let left: Mutex<Int>

  init(_ count: Int) { left = Mutex(count) }

  func take() -> Bool {
    left.withLock { left in
      guard left > 0 else { return false }
      left -= 1
      return true
    }
  }
}

extension PermissionBits {
  /// What a bot needs that builds channels and roles, and cannot read the audit log.
  static let builder = PermissionBits.all.subtracting([.administrator, .viewAuditLog])
}
