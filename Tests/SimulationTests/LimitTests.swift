import Foundation
import JSONValue
import Sandbox
import Testing

/// The whole allowed rate is used, and no 429 comes that could have been known beforehand.
///
/// `SIMULATION_FULL=1` runs issue 4's size: 500 channels and 200 roles over 5 guilds, 200 edits, and
/// a day of polls. Numbers are printed either way.
@Suite(.serialized) struct LimitTests {
  /// What the simulated Discord limits, and says of it.
  enum Mode: String, Sendable, CaseIterable {
    case fixed, sliding, hidden, lying, none

    var limits: LimitConfiguration {
      var limits: LimitConfiguration
      switch self {
      case .fixed: limits = LimitConfiguration(mode: .fixed)
      case .sliding: limits = LimitConfiguration(mode: .sliding)
      case .hidden: return LimitConfiguration(mode: .fixed)
      case .lying:
        limits = LimitConfiguration(mode: .fixed)
        limits.headers = .lying
      case .none: limits = LimitConfiguration(mode: .none)
      }
      limits.subLimits = [:]
      return limits
    }
  }

  static let isFull = ProcessInfo.processInfo.environment["SIMULATION_FULL"] != nil

  struct Size: Sendable {
    var guilds: Int
    var channels: Int
    var roles: Int
    var edits: Int
    var polls: Duration
  }

  static let size =
    isFull
    ? Size(guilds: 5, channels: 100, roles: 40, edits: 200, polls: .seconds(86_400))
    : Size(guilds: 2, channels: 30, roles: 5, edits: 40, polls: .seconds(600))

  struct Numbers: Sendable {
    var creating: Duration
    var editing: Duration
    var requests: Int
    var perPoll: Double
    var score: JSONValue
    var unready: [String]

    func count(_ path: String...) -> Int64 {
      path.reduce(score) { $0[$1] ?? .null }.integerValue ?? -1
    }
  }

  /// `SIMULATION_MODE=fixed` runs one mode alone.
  static let modes =
    ProcessInfo.processInfo.environment["SIMULATION_MODE"].flatMap { Mode(rawValue: $0) }
    .map { [$0] } ?? Mode.allCases

  @Test(arguments: modes)
  func theAllowedRateIsUsedAndNotExceeded(mode: Mode) throws {
    let size = Self.size
    var options = Simulation.Options()
    options.limits = mode.limits
    options.isShuffled = false
    let numbers = try Simulation.run(options) { simulation in
      try await Self.measure(size, mode, simulation)
    }
    let least = Self.least(size, mode)
    print(
      """
      limits \(mode.rawValue): \(size.guilds * size.channels) channels and \
      \(size.guilds * size.roles) roles made in \(Self.seconds(numbers.creating)) s \
      (least \(Self.seconds(least.creating)) s), \(size.edits) edits in \
      \(Self.seconds(numbers.editing)) s (least \(Self.seconds(least.editing)) s), \
      \(numbers.requests) requests, \(numbers.perPoll) a poll; \
      429: \(numbers.score["rateLimited"]?.serializedText() ?? "-"), \
      announced \(numbers.count("announced")), \
      highest rate \(numbers.count("highestPerSecond"))/s
      """)
    #expect(numbers.unready.isEmpty, "\(numbers.unready.prefix(5))")
    #expect(numbers.count("announced") == 0)
    #expect(numbers.count("rateLimited", "shared") == 0)
    switch mode {
    case .fixed, .sliding, .none: #expect(numbers.count("rateLimited", "user") == 0)
    // The first wall of each guild at most: from then on own requests are counted.
    case .lying: #expect(numbers.count("rateLimited", "user") <= Int64(size.guilds))
    // One request finds out that the hidden limit holds, for all channels.
    case .hidden: #expect(numbers.count("rateLimited", "user") == 1)
    }
    // No header announces the token's 50 a second, and they are known nevertheless.
    #expect(numbers.count("rateLimited", "global") == 0)
    if mode != .none {
      // In a short run the way of the last request weighs more than five parts in a hundred.
      let tail: Duration = Self.isFull ? .zero : .milliseconds(500)
      let total = numbers.creating + numbers.editing
      #expect(total <= (least.creating + least.editing) * 1.05 + tail)
    }
  }

  /// The times below which nobody can get, from the first request to the last.
  private static func least(_ size: Size, _ mode: Mode) -> (creating: Duration, editing: Duration) {
    if mode == .none { return (.zero, .zero) }
    // POST channels: 5 in 5 s for each guild, whether all at once or bit by bit.
    let creating = Duration.seconds((size.channels - 1) / 5 * 5)
    // PATCH channel: each channel has its own budget, so that the token's 50 a second count; of the
    // hidden budget (2 in 10 minutes) the third change of a topic waits for the first's end.
    let editing = mode == .hidden ? Duration.seconds(600) : .seconds((size.edits - 1) / 50)
    return (creating, editing)
  }

  private static func measure(
    _ size: Size, _ mode: Mode, _ simulation: Simulation
  ) async throws -> Numbers {
    PollTests.makeGuilds(size.guilds, in: simulation)
    let manifests = PollTests.manifests(
      guilds: size.guilds, channels: size.channels, roles: size.roles)
    try simulation.create(manifests)
    let isReady = { try simulation.resources().allSatisfy(\.isReady) }
    _ = try await simulation.until(within: .seconds(3_600), every: .seconds(5), isReady)
    let creating = span(of: "POST", in: simulation)
    let editing = try await edit(size, mode, manifests, simulation)
    let before = simulation.discord.requests.count
    await simulation.pass(size.polls)
    let polls = Double(size.polls / .seconds(60))
    let requests = simulation.discord.requests.count
    return Numbers(
      creating: creating, editing: editing, requests: requests,
      perPoll: (Double(requests - before) / polls * 100).rounded() / 100,
      score: simulation.discord.with { $0.score.json(duplicates: []) },
      unready: try simulation.resources().filter { !$0.isReady }.map(\.description))
  }

  /// Distinct channels one edit each; for hidden budgets a quarter of them four edits each.
  private static func edit(
    _ size: Size, _ mode: Mode, _ manifests: [Manifest], _ simulation: Simulation
  ) async throws -> Duration {
    let channels = manifests.filter { $0.kind == "Channel" }
    let rounds = mode == .hidden ? 4 : 1
    let edited = channels.prefix(size.edits / rounds)
    for round in 1...rounds {
      for manifest in edited {
        let topic = JSONValue.string("edit \(round)")
        let fields: JSONValue = mode == .hidden ? ["topic": topic] : ["rateLimitPerUser": 7]
        try simulation.edit(manifest, fields)
      }
      _ = await simulation.until(within: .seconds(3_600), every: .seconds(1)) {
        simulation.discord.with { discord in
          let channels = discord.world.guilds.values.flatMap(\.channels.values)
          let key = mode == .hidden ? "topic" : "rate_limit_per_user"
          let value: JSONValue = mode == .hidden ? .string("edit \(round)") : 7
          return channels.count { $0.attributes[key] == value } >= edited.count
        }
      }
    }
    return span(of: "PATCH", in: simulation)
  }

  /// From the first to the last successful request of a method.
  private static func span(of method: String, in simulation: Simulation) -> Duration {
    let times = simulation.discord.requests.filter { $0.method == method && $0.status < 300 }
      .map(\.time)
    guard let first = times.min(), let last = times.max() else { return .zero }
    return last - first
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration / .milliseconds(1)).rounded() / 1_000
  }
}
