import Testing

@testable import KubeWatch

struct EventCorrelatorTests {
  private var correlator = EventCorrelator()
  private var now = ContinuousClock.now
  private var seconds: Int64 = 1_767_225_600

  private mutating func see(
    _ message: String, about name: String = "a", reason: String = "Failed",
    after: Duration = .seconds(1)
  ) -> EventCorrelator.Decision {
    now = now.advanced(by: after)
    seconds += after.components.seconds
    let about = ObjectReference(
      type: channels, key: ObjectKey(namespace: "ns", name: name), uid: name)
    return correlator.correlate(
      .init(about: about, kind: .warning, reason: reason, message: message), now: now,
      wall: WallTime(seconds: seconds))
  }

  @Test mutating func aRepetitionIsCountedOnTheFirstEvent() throws {
    guard case .create(let first) = see("x") else { throw Unexpected() }
    guard case .update(let second) = see("x") else { throw Unexpected() }
    #expect(second.name == first.name)
    #expect(second.count == 2)
    #expect(second.firstTime == first.firstTime)
    #expect(second.lastTime > first.lastTime)
    guard case .create(let other) = see("x", about: "b") else { throw Unexpected() }
    #expect(other.name != first.name)
  }

  @Test mutating func manyDifferentMessagesAreCombined() throws {
    for number in 0..<9 {
      guard case .create(let record) = see("m\(number)") else { throw Unexpected() }
      #expect(record.message == "m\(number)")
    }
    guard case .create(let combined) = see("m9") else { throw Unexpected() }
    #expect(combined.message == "(combined from similar events): m9")
    guard case .update(let further) = see("m10") else { throw Unexpected() }
    #expect(further.name == combined.name)
    #expect(further.message == "(combined from similar events): m10")
    guard case .create(let fresh) = see("m11", after: .seconds(601)) else { throw Unexpected() }
    #expect(fresh.message == "m11")
  }

  @Test mutating func oneObjectCannotFloodTheCluster() {
    for _ in 0..<25 { #expect(see("x", after: .zero) != .drop) }
    #expect(see("x", after: .zero) == .drop)
    #expect(see("x", about: "b", after: .zero) != .drop)
    #expect(see("x", after: .seconds(300)) != .drop)
    #expect(see("x", after: .zero) == .drop)
  }

  @Test mutating func aForgottenEventIsMadeAnew() throws {
    guard case .create(let first) = see("x") else { throw Unexpected() }
    let about = ObjectReference(
      type: channels, key: ObjectKey(namespace: "ns", name: "a"), uid: "a")
    correlator.forget(.init(about: about, kind: .warning, reason: "Failed", message: "x"))
    guard case .create(let second) = see("x") else { throw Unexpected() }
    #expect(second.name != first.name)
    #expect(second.count == 1)
  }

  @Test mutating func aLongNameStillMakesAValidEventName() throws {
    let name = String(repeating: "n", count: 253)
    guard case .create(let record) = see("x", about: name) else { throw Unexpected() }
    #expect(record.name.utf8.count == 253)
  }

  private struct Unexpected: Error {}

  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"),
    (951_782_400, "2000-02-29T00:00:00Z"), (1_798_761_599, "2026-12-31T23:59:59Z"),
    (-1, "1969-12-31T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
  ])
  func timesAreWrittenInRFC3339(seconds: Int64, text: String) {
    #expect(WallTime(seconds: seconds).text == text)
  }
}
