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

  /// Faults of one run, until there were enough.
  static func plan(seed: UInt64, faults: Int) -> FatePlan {
    let dice = Dice(seed: seed &+ 1_000_003)
    let box = FaultBudget(faults)
    return { request in
      // The watch's and the lists' requests are few; most faults are to hit writes.
      guard dice.unit() < (request.isWrite ? 0.22 : 0.06), box.take() else { return .delivered }
      let faults: [Fate] = [
        .resetAfter, .resetAfter, .resetBefore, .statusAfter(502), .statusAfter(500),
        .statusBefore(503), .refused, .crashBefore, .crashAfter, .crashAfter,
      ]
      return dice.pick(faults)
    }
  }

  struct Totals {
    var faults = 0
    var crashes = 0
    var seeds = 0
    var ready = 0
    var stopped = 0
    var waiting = 0
  }

  @Test func randomFaultsLeaveNoDuplicateAndNoOrphan() throws {
    let environment = ProcessInfo.processInfo.environment
    let wanted = environment["SIMULATION_FAULTS"].flatMap { Int($0) } ?? 150
    let only = environment["SIMULATION_SEED"].flatMap { UInt64($0) }
    var totals = Totals()
    var seed = only ?? 1
    while totals.faults < wanted {
      try run(seed: seed, &totals)
      seed += 1
      if only != nil { break }
    }
    print(
      "random faults: \(totals.faults) in \(totals.seeds) runs, \(totals.crashes) crashes; "
        + "\(totals.ready) objects Ready, \(totals.stopped) stopped with Crossplane's condition, "
        + "\(totals.waiting) waiting for one of those")
  }

  private func run(seed: UInt64, _ totals: inout Totals) throws {
    let dice = Dice(seed: seed &+ 77)
    var options = Simulation.Options()
    options.seed = seed
    options.plan = Self.plan(seed: seed, faults: 8 + dice.number(below: 10))
    options.auditLogDelay = .milliseconds(dice.pick([0, 0, 3_000, 12_000, 30_000]))
    let mayReadLog = dice.unit() < 0.75
    if !mayReadLog { options.permissions = .builder }
    let (audit, faults, starts) = try Simulation.run(options) { simulation in
      try simulation.create(Self.community)
      await simulation.pass(.seconds(10))
      _ = try await simulation.settled(within: .seconds(900))
      // Whatever comes late is to come.
      await simulation.pass(.seconds(90))
      _ = try await simulation.settled(within: .seconds(300))
      return (try Audit(simulation), simulation.log.faults, simulation.starts)
    }
    let report = "SIMULATION_SEED=\(seed), log \(mayReadLog): \(audit)\n\(faults)"
    #expect(audit.isClean, "\(report)")
    #expect(audit.objects == 18, "\(report)")
    // Whoever may read the audit log finds out.
    #expect(!mayReadLog || audit.stopped.isEmpty, "\(report)")
    totals.faults += faults.count
    totals.crashes += starts - 1
    totals.seeds += 1
    totals.ready += audit.objects - audit.stopped.count - audit.waiting.count
    totals.stopped += audit.stopped.count
    totals.waiting += audit.waiting.count
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
