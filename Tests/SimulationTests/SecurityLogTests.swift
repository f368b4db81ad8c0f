import JSONValue
import Sandbox
import Testing

/// Every change that the provider makes in Discord is in its log and, with a reason, in Discord's.
@Suite struct SecurityLogTests {
  struct Findings: Sendable {
    var mutations: [String]
    var changes: [String]
    var lines: [String]
    var reasons: [String]
  }

  /// Creates, lets drift and a moved channel be repaired, and deletes.
  private static func findings() throws -> Findings {
    let log = LogLines()
    var options = Simulation.Options()
    options.log = log
    let channels: [Manifest] = ["first", "second"].enumerated().map { place, name in
      .channel(
        name, in: "example",
        ["name": .string(name), "topic": "as it was", "position": .integer(Int64(place))])
    }
    let role = Manifest.role("boss", in: "example", ["name": "Boss", "permissions": "0"])
    return try Simulation.run(options) { simulation in
      try simulation.create([.guild("example"), role] + channels)
      _ = try await simulation.settled(within: .seconds(60))
      let id = try simulation.resource(channels[0])?.externalName ?? ""
      _ = simulation.discord.asOwner("PATCH", "/channels/\(id)", ["topic": "drifted"])
      await simulation.pass(.seconds(61))
      _ = simulation.discord.asOwner("PATCH", "/channels/\(id)", ["position": 9])
      await simulation.pass(.seconds(61))
      try simulation.delete(role)
      await simulation.pass(.seconds(5))
      let guild = simulation.discord.with { $0.world.guilds[DiscordWorld.sandboxGuildID] }
      return Findings(
        mutations: simulation.discord.mutations,
        changes: log.all.filter { $0.hasPrefix("security: discord changed ") }, lines: log.all,
        reasons: guild?.auditLog.filter { $0.userID == DiscordWorld.sandboxBotID }
          .map { $0.reason ?? "" } ?? [])
    }
  }

  @Test func whoWhatBeforeAndAfterAreInTheLogAndNeverTheToken() throws {
    let found = try Self.findings()
    #expect(found.mutations.count == 6, "\(found.mutations)")
    #expect(found.changes.count == found.mutations.count)
    // Two that were under way at once may be answered in either order.
    for mutation in found.mutations {
      let request = mutation.split(separator: " ").joined(separator: " ")
        .replacing("/api/v10", with: "")
      #expect(found.changes.contains { $0.contains("request=\(request)") }, "\(request)")
    }
    for line in found.changes {
      #expect(line.contains("actor=Channel crossplane-system/") || line.contains("actor=Role "))
      #expect(line.contains("reason=provider-discord: "), "\(line)")
    }
    let repair = try #require(found.changes.first { $0.contains("request=PATCH /channels/") })
    #expect(repair.contains(#"requested={"topic":"as it was"}"#), "\(repair)")
    let (before, after) = (Self.field("before", of: repair), Self.field("after", of: repair))
    #expect(before.contains(#""topic":"drifted""#), "\(before)")
    #expect(after.contains(#""topic":"as it was""#), "\(after)")
    let move = try #require(found.changes.first { $0.contains("request=PATCH /guilds/") })
    #expect(Self.field("before", of: move).contains(#""position":9"#), "\(move)")
    #expect(Self.field("requested", of: move).contains(#""position":0"#), "\(move)")
    let deletion = try #require(found.changes.first { $0.contains("request=DELETE /guilds/") })
    #expect(Self.field("before", of: deletion).contains(#""name":"Boss""#), "\(deletion)")
    #expect(!found.lines.contains { $0.contains(DiscordWorld.sandboxToken) })
  }

  @Test func everyChangeHasItsReasonInDiscordsAuditLog() throws {
    let reasons = try Self.findings().reasons
    // Discord does not log that a channel changed its position.
    #expect(reasons.count == 5, "\(reasons)")
    for reason in reasons { #expect(reason.hasPrefix("provider-discord: "), "\(reasons)") }
  }

  /// The value of a field: up to the next one, in alphabetical order.
  private static func field(_ name: String, of line: String) -> Substring {
    guard let start = line.firstRange(of: " \(name)=") else { return "" }
    let rest = line[start.upperBound...]
    let end = [
      " before=", " after=", " failure=", " kind=", " reason=", " request=", " requested=",
      " status=",
    ]
    .compactMap { rest.firstRange(of: $0)?.lowerBound }.min()
    return rest[..<(end ?? rest.endIndex)]
  }
}
