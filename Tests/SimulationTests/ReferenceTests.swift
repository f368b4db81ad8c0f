import JSONValue
import Testing

/// Objects that refer to others, or to themselves.
@Suite struct ReferenceTests {
  @Test func whatIsReferredToWakesWhatWaitsForIt() throws {
    try Simulation.run { simulation in
      let channel = Manifest.channel("early", in: "example", ["name": "early", "type": 0])
      try simulation.create([channel])
      await simulation.pass(.seconds(30))
      #expect(
        try #require(try simulation.resource(channel)).message
          == "waiting for Guild crossplane-system/example: there is no such object")
      try simulation.create([.guild("example")])
      // A poll is a minute; being woken takes no longer than the requests do.
      let isReady = try await simulation.until(within: .seconds(3)) {
        try simulation.resource(channel)?.isReady == true
      }
      #expect(isReady)
    }
  }

  @Test func anObjectThatRefersToItselfIsToldSo() throws {
    try Simulation.run { simulation in
      let channel = Manifest.channel(
        "loop", in: "example", ["name": "loop", "type": 0, "parentIdRef": ["name": "loop"]])
      try simulation.create([.guild("example"), channel])
      await simulation.pass(.seconds(10))
      #expect(
        try #require(try simulation.resource(channel)).message
          == "a reference of Channel crossplane-system/loop names the object itself")
      try simulation.edit(channel, ["parentIdRef": .null])
      let isReady = try await simulation.until(within: .seconds(10)) {
        try simulation.resource(channel)?.isReady == true
      }
      #expect(isReady)
    }
  }
}
