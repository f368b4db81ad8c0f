import Foundation
import JSONValue
import Sandbox
import Testing

/// What is as it should be is left alone, whatever the spec.
@Suite struct StabilityTests {
  /// Specs of all kinds and channel types, with random fields and values.
  struct Specs {
    let dice: Dice

    func manifests(_ count: Int) -> [Manifest] {
      var manifests = [Manifest.guild("example", guild())]
      for number in 1...4 { manifests.append(.role("role-\(number)", in: "example", role(number))) }
      manifests.append(.channel("team", in: "example", ["name": "Team", "type": 4]))
      for number in 1...count {
        manifests.append(.channel("channel-\(number)", in: "example", channel(number)))
      }
      return manifests
    }

    private func maybe(_ value: @autoclosure () -> JSONValue) -> JSONValue? {
      dice.unit() < 0.5 ? value() : nil
    }

    private func fields(_ fields: [String: JSONValue?]) -> JSONValue {
      .object(fields.compactMapValues { $0 })
    }

    private func name(_ number: Int) -> JSONValue {
      let texts = [
        "plain", "With Spaces", "UPPER", "under_score", "it's quoted", "emoji-🎉", "Ünïcode",
        "many   spaces", "dots.and,commas", "double--hyphen", "日本語", "-edge-", "tail ", "a+b",
      ]
      return .string("\(dice.pick(texts))\(dice.pick([" ", "-", ""]))\(number)")
    }

    private func text(_ limit: Int) -> JSONValue {
      let texts = ["", "short", "with\nlines", "  spaces around  ", "🎉🎉", "<@&1> `code`"]
      return .string(
        dice.unit() < 0.1 ? String(repeating: "x", count: limit) : dice.pick(texts))
    }

    private func number(_ range: ClosedRange<Int>) -> JSONValue {
      .integer(Int64(range.lowerBound + dice.number(below: range.count)))
    }

    private func guild() -> JSONValue {
      fields([
        "name": "Sandbox Guild", "description": maybe(text(300)),
        "verificationLevel": maybe(number(0...4)),
        "afkTimeout": maybe(dice.pick([60, 300, 3_600])),
        "systemChannelFlags": maybe(number(0...63)), "preferredLocale": maybe("de"),
        "premiumProgressBarEnabled": maybe(.bool(dice.unit() < 0.5)),
        "features": maybe(dice.pick([["COMMUNITY"], ["COMMUNITY", "INVITES_DISABLED"]])),
      ])
    }

    private func role(_ number: Int) -> JSONValue {
      let color: JSONValue = dice.pick([0, 255, 16_777_215, "#3498DB", "#000000"])
      let isOld = dice.unit() < 0.5
      return fields([
        "name": name(number),
        "permissions": maybe(dice.pick(["0", "1024", "VIEW_CHANNEL, CONNECT", "6442450944"])),
        "color": isOld ? maybe(color) : nil,
        "colors": isOld ? nil : maybe(["primary": color]),
        "hoist": maybe(.bool(dice.unit() < 0.5)),
        "mentionable": maybe(.bool(dice.unit() < 0.5)),
        "unicodeEmoji": maybe(""), "position": maybe(self.number(1...6)),
      ])
    }

    /// Any field may be there for any type: what a type does not have is to be ignored.
    private func channel(_ number: Int) -> JSONValue {
      let type = dice.pick([0, 2, 4, 5, 13, 15, 16])
      let isPosts = type == 15 || type == 16
      return fields([
        "name": name(number), "type": .integer(Int64(type)),
        "topic": maybe(text(isPosts ? 4_096 : 1_024)),
        "nsfw": maybe(.bool(dice.unit() < 0.5)), "position": maybe(self.number(0...20)),
        "parentIdRef": type == 4 ? nil : maybe(["name": "team"]),
        "rateLimitPerUser": maybe(self.number(0...21_600)),
        "bitrate": maybe(self.number(8_000...64_000)), "userLimit": maybe(self.number(0...99)),
        "rtcRegion": maybe(dice.pick(["", "rotterdam"])),
        "videoQualityMode": maybe(self.number(1...2)),
        "defaultAutoArchiveDuration": maybe(dice.pick([60, 1_440, 4_320, 10_080])),
        "defaultThreadRateLimitPerUser": maybe(self.number(0...21_600)),
        "defaultSortOrder": maybe(self.number(0...1)),
        "defaultForumLayout": maybe(self.number(0...2)),
        "defaultReactionEmoji": maybe(dice.pick([["emojiName": "👍"], ["emojiName": "🎉"]])),
        "availableTags": maybe(tags()), "requireTag": maybe(.bool(dice.unit() < 0.5)),
        "hideMediaDownloadOptions": maybe(.bool(dice.unit() < 0.5)),
        "permissionOverwrites": maybe(overwrites()),
      ])
    }

    private func tags() -> JSONValue {
      let all: [JSONValue] = [
        ["name": "bug"], ["name": "Done", "moderated": true], ["name": "🎉 party"],
        ["name": "idea", "emojiName": "💡"],
      ]
      return .array(all.filter { _ in dice.unit() < 0.6 })
    }

    private func overwrites() -> JSONValue {
      let all: [JSONValue] = [
        ["id": "@everyone", "deny": "SEND_MESSAGES"],
        ["roleRef": ["name": "role-1"], "allow": "VIEW_CHANNEL", "deny": "0"],
        ["roleRef": ["name": "role-2"], "allow": "1024", "deny": "2048"],
      ]
      return .array(all.filter { _ in dice.unit() < 0.6 })
    }
  }

  /// What a run found out.
  struct Calm: Sendable {
    var audit: Audit
    var mutations: [String]
    var writes: [String]
    var reads: Int
    var unready: [String]
  }

  /// Random specs, then many polls. `SIMULATION_SPECS` asks for more seeds.
  @Test func pollsAfterConvergenceChangeNothing() throws {
    let count = ProcessInfo.processInfo.environment["SIMULATION_SPECS"].flatMap { UInt64($0) } ?? 3
    for seed in 1...count {
      let manifests = Specs(dice: Dice(seed: seed)).manifests(14)
      var options = Simulation.Options()
      options.seed = seed
      let calm = try Simulation.run(options) { simulation in
        try simulation.create(manifests)
        _ = try await simulation.settled(within: .seconds(120))
        // Two polls in which Discord's own form of a value may be found out.
        await simulation.pass(.seconds(121))
        let audit = try Audit(simulation)
        simulation.discord.forgetRequests()
        simulation.kubernetes.forgetWrites()
        await simulation.pass(.seconds(100 * 60))
        return Calm(
          audit: audit, mutations: simulation.discord.mutations,
          writes: simulation.kubernetes.writes, reads: simulation.discord.requests.count,
          unready: try simulation.resources().filter { !$0.isReady }.map(\.description))
      }
      #expect(calm.unready.isEmpty, "seed \(seed): \(calm.unready)")
      #expect(
        calm.audit.missing.isEmpty && calm.audit.orphans.isEmpty, "seed \(seed): \(calm.audit)")
      #expect(calm.mutations.isEmpty, "seed \(seed): \(Set(calm.mutations))")
      #expect(calm.writes.isEmpty, "seed \(seed): \(Set(calm.writes))")
      #expect(calm.reads <= 300, "seed \(seed)")
    }
  }
}
