import JSONValue
import Sandbox
import Synchronization
import Testing

/// An outage of Discord, as those see it who run the provider.
@Suite struct BreakerTests {
  struct Findings: Sendable {
    var changes: [String]
    var events: [String]
    var unready: [String]
    var duringOutage: Int
    /// Log lines about objects that the open breaker stops.
    var stopped: [String]
  }

  @Test func anOutageIsInTheLogAndInEventsAndEndsByItself() throws {
    let isDown = Atomic<Bool>(false)
    let log = LogLines()
    var options = Simulation.Options()
    options.log = log
    options.plan = { request in
      request.server == .discord && isDown.load(ordering: .relaxed)
        ? .statusBefore(503) : .delivered
    }
    let found = try Simulation.run(options) { simulation in
      let manifests = (0..<12).map {
        Manifest.channel("c-\($0)", in: "example", ["name": .string("c-\($0)")])
      }
      try simulation.create([.guild("example")] + manifests)
      _ = try await simulation.settled(within: .seconds(60))
      isDown.store(true, ordering: .relaxed)
      simulation.discord.forgetRequests()
      await simulation.pass(.seconds(600))
      isDown.store(false, ordering: .relaxed)
      let duringOutage = log.all.count { $0.hasPrefix("discord request ") }
      await simulation.pass(.seconds(200))
      let events = try simulation.request("GET", "/api/v1/namespaces/default/events")
      return Findings(
        changes: log.all.filter { $0.hasPrefix("circuit breaker ") },
        events: (events["items"]?.arrayValue ?? []).map { event in
          let about = event.value(at: "involvedObject", "kind")?.stringValue ?? ""
          let name = event.value(at: "involvedObject", "name")?.stringValue ?? ""
          let (reason, message) = (event["reason"]?.stringValue, event["message"]?.stringValue)
          return "\(about) \(name) \(reason ?? ""): \(message ?? "")"
        },
        unready: try simulation.resources().filter { !$0.isReady }.map(\.description),
        duringOutage: duringOutage,
        stopped: log.loud.filter { $0.contains("circuit breaker for") && $0.contains(" is open") })
    }
    #expect(found.unready == [])
    let channel = found.changes.filter { $0.hasSuffix("resource_type=channel") }
    #expect(channel.first == "circuit breaker open resource_type=channel", "\(found.changes)")
    #expect(channel.contains("circuit breaker half-open resource_type=channel"))
    #expect(channel.last == "circuit breaker closed resource_type=channel", "\(found.changes)")
    for (reason, word) in [("Open", "open"), ("HalfOpen", "half-open"), ("Closed", "closed")] {
      let head =
        "ProviderConfig default CircuitBreaker\(reason): circuit breaker \(word) for channel: "
      #expect(found.events.contains { $0.hasPrefix(head) }, "\(found.events)")
    }
    #expect(found.events.count == 6, "\(found.events)")
    // The line of the breaker says it, once for all.
    #expect(found.stopped == [])
    // Two resource types, five failures and then a probe of three tries now and then: not the 13
    // objects, each three times a minute.
    #expect(found.duringOutage < 150, "\(found.duringOutage)")
  }
}
