import JSONValue
import Sandbox
import Synchronization
import Testing

/// Two objects of one guild and name: nothing tells what they have made apart but the order of events.
@Suite(.serialized) struct TwinTests {
  private static let twins: [Manifest] =
    [.guild("example")]
    + ["one", "two"].map { .channel($0, in: "example", ["name": "twin", "type": 0]) }

  /// Requests of the provider, in the order in which they are sent.
  private final class Sent: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
  }

  @Test func theSecondIsNotSentBeforeTheFirstIsRecorded() throws {
    let sent = Sent()
    var options = Simulation.Options()
    options.plan = { request in
      if request.isWrite { sent.add("\(request.server) \(request.method) \(request.path)") }
      return .delivered
    }
    let audit = try Simulation.run(options) { simulation in
      try simulation.create(Self.twins)
      _ = try await simulation.settled(within: .seconds(60))
      return try Audit(simulation)
    }
    #expect(audit.isClean && audit.objects == 2, "\(audit)")
    let creates = sent.all.indices.filter {
      sent.all[$0].hasPrefix("discord POST") && sent.all[$0].hasSuffix("/channels")
    }
    try #require(creates.count == 2, "\(sent.all)")
    let between = sent.all[creates[0]..<creates[1]]
    // The name of the first, and the announcement of the second.
    #expect(
      between.count { $0.hasPrefix("kubernetes PATCH") && $0.contains("/channels/") } >= 2,
      "\(between)")
  }

  /// Without the audit log only the names tell what an interrupted create has made.
  @Test func aCrashAtAnyRequestGivesNobodyTheOthersChannel() throws {
    for fate in [Fate.crashBefore, .crashAfter] {
      for number in 1...40 {
        var options = Simulation.Options()
        options.permissions = .builder
        options.plan = { $0.number == number ? fate : .delivered }
        let audit = try Simulation.run(options) { simulation in
          try simulation.create(Self.twins)
          await simulation.pass(.seconds(5))
          _ = try await simulation.settled(within: .seconds(300))
          return try Audit(simulation)
        }
        #expect(audit.isClean, "\(fate) \(number): \(audit)")
      }
    }
  }
}
