import JSONValue
import Sandbox
import Testing

/// A minute in which Discord answers a third of all requests with something that is no answer: each
/// thing that can be, and in the end all is there once.
@Suite(.serialized) struct WeatherTests {
  struct Weather: Sendable, CustomTestStringConvertible {
    let fault: JSONValue
    /// The template of the requests that it hits; nil for all.
    var route: String?
    /// Whether the answers count towards Discord's ban.
    var isInvalid = false

    init(
      _ kind: String, _ more: JSONValue = [:], route: String? = nil, isInvalid: Bool = false
    ) {
      let fault: JSONValue = ["kind": .string(kind)]
      self.fault = fault.applying(mergePatch: more)
      self.route = route
      self.isInvalid = isInvalid
    }

    var testDescription: String { fault.serializedText() }
  }

  static let weathers: [Weather] =
    ["user", "global"].map {
      Weather("rate-limited", ["scope": .string($0), "retryAfter": 1.5], isInvalid: true)
    } + [
      Weather("rate-limited", ["scope": "shared", "retryAfter": 3]),
      Weather(
        "rate-limited", ["scope": "sub-limit", "retryAfter": 20], route: "/guilds/{}/channels",
        isInvalid: true),
      Weather(
        "rate-limited", ["scope": "user", "retryAfter": 0.2, "header": false], isInvalid: true),
      Weather("cloudflare", ["retryAfter": 5], isInvalid: true),
      Weather("cloudflare", isInvalid: true), Weather("cloudflare", ["status": 520]),
      Weather("status-after-commit", ["status": 504]), Weather("html"), Weather("truncated-json"),
      Weather("invalid-json"), Weather("unknown-guild"),
      Weather("blocked-user-agent", isInvalid: true),
      Weather("stale-read", ["milliseconds": 1_500]),
    ]

  @Test(arguments: weathers)
  func allIsThereOnceWhenItIsOver(weather: Weather) throws {
    for seed in 1...2 as ClosedRange<UInt64> {
      var options = Simulation.Options()
      options.seed = seed
      let (audit, invalid, faults) = try Simulation.run(options) { simulation in
        let now = simulation.discord.now
        simulation.discord.with { discord in
          var rule: JSONValue = ["probability": 0.33, "seconds": 60, "fault": weather.fault]
          rule["route"] = weather.route.map { .string($0) }
          _ = try? discord.faults.add(rule, now: now)
        }
        try simulation.create(FaultTests.community)
        await simulation.pass(.seconds(61))
        _ = try await simulation.settled(within: .seconds(900))
        await simulation.pass(.seconds(90))
        let (score, faults) = simulation.discord.with { discord in
          (discord.score.json(duplicates: []), discord.faults.json)
        }
        return (try Audit(simulation), score["invalid"]?.integerValue ?? 0, faults)
      }
      let hits = faults.arrayValue?.first?["hits"]?.integerValue ?? 0
      #expect(audit.isClean && audit.stopped.isEmpty, "seed \(seed): \(audit)")
      #expect(hits > 0, "\(faults)")
      #expect(weather.isInvalid == (invalid > 0), "\(invalid)")
    }
  }
}
