import Engine
import JSONValue
import KubeWatch
import Testing

@Suite struct SiblingOrderTests {
  private static let group = SiblingOrder.Group(
    kind: "Channel", providerConfig: "default", guild: "1")

  private static func key(_ name: String, _ kind: String = "Channel") -> ResourceKey {
    ResourceKey(kind: kind, object: ObjectKey(namespace: "default", name: name))
  }

  private static func place(_ id: String?, _ position: Int64) -> SiblingOrder.Place {
    SiblingOrder.Place(group: group, id: id, position: position, parent: nil)
  }

  /// Two channels that came at the start, and what the first does some seconds later.
  private static func pair(_ second: String? = "2") -> SiblingOrder {
    var order = SiblingOrder()
    order.note(key("a"), place("1", 0), at: .zero)
    order.note(key("b"), place(second, 1), at: .zero)
    return order
  }

  private static func text(_ decision: SiblingOrder.Decision) -> String {
    switch decision {
    case .settled: "settled"
    case .wait(let wait): "wait \(wait)"
    case .look(let places, _): "look at \(places.count)"
    case .failed(let problem): "failed: \(problem.message)"
    }
  }

  private static func decide(
    _ order: SiblingOrder, _ name: String = "a", isPoll: Bool = false, notOlderThan oldest: Int = 0,
    at now: Int
  ) -> String {
    text(
      order.decide(
        key(name), isPoll: isPoll, notOlderThan: .seconds(oldest), at: .seconds(now)))
  }

  @Test func oneLookServesAPollOfAllObjects() {
    var order = Self.pair()
    guard
      case .look(_, let version) = order.decide(
        Self.key("a"), isPoll: true, notOlderThan: .seconds(60), at: .seconds(60))
    else { return #expect(Bool(false), "nobody looked") }
    order.settled(Self.group, version: version, asOf: .seconds(60))
    #expect(Self.decide(order, "b", isPoll: true, notOlderThan: 60, at: 61) == "settled")
    #expect(Self.decide(order, "b", isPoll: true, notOlderThan: 120, at: 120) == "look at 2")
  }

  @Test func aChangeWaitsUntilNoMoreComes() {
    var order = Self.pair()
    order.note(Self.key("a"), Self.place("1", 5), at: .seconds(10))
    #expect(Self.decide(order, at: 10) == "wait \(SiblingOrder.quiet)")
    order.note(Self.key("b"), Self.place("2", 4), at: .milliseconds(10_500))
    #expect(Self.decide(order, at: 11) == "wait \(Duration.milliseconds(500))")
    #expect(Self.decide(order, at: 12) == "look at 2")
  }

  @Test func theSamePlaceAgainIsNoChange() {
    var order = Self.pair()
    order.settled(Self.group, version: 2, asOf: .seconds(5))
    order.note(Self.key("a"), Self.place("1", 0), at: .seconds(10))
    #expect(Self.decide(order, at: 12) == "settled")
  }

  @Test func whatIsStillToBeCreatedIsWaitedForUnlessAPollIsDue() {
    let order = Self.pair(nil)
    #expect(Self.decide(order, at: 10) == "settled")
    #expect(Self.decide(order, isPoll: true, at: 60) == "look at 2")
  }

  @Test func whatHasArrivedAndNobodyKnowsWhereItBelongsIsWaitedForToo() {
    var order = Self.pair()
    order.arrived(Self.key("c"))
    #expect(Self.decide(order, at: 10) == "settled")
    order.forget(Self.key("c"), at: .seconds(10))
    order.arrived(Self.key("role", "Role"))
    #expect(Self.decide(order, at: 12) == "look at 2")
  }

  @Test func oneObjectAloneIsLookedAtToo() {
    var order = Self.pair()
    order.forget(Self.key("b"), at: .seconds(1))
    #expect(Self.decide(order, isPoll: true, at: 60) == "look at 1")
    order.forget(Self.key("a"), at: .seconds(1))
    #expect(Self.decide(order, isPoll: true, at: 60) == "settled")
    #expect(Self.decide(order, "unknown", isPoll: true, at: 60) == "settled")
  }

  @Test func aFailureIsToldToThoseThatWouldHaveMovedAndNotTriedAgainBeforeItsTime() {
    var order = Self.pair()
    order.failed(
      Self.group, ReconcileProblem("Reason", "no permission"), keys: [Self.key("b")],
      until: .seconds(50))
    #expect(Self.decide(order, "a", isPoll: true, at: 40) == "settled")
    #expect(Self.decide(order, "b", isPoll: true, at: 40) == "failed: no permission")
    #expect(Self.decide(order, "b", isPoll: true, at: 50) == "look at 2")
    order.note(Self.key("a"), Self.place("1", 9), at: .seconds(41))
    #expect(Self.decide(order, "b", isPoll: true, at: 42) == "look at 2")
  }

  @Test func anObjectThatMovedToAnotherGuildCountsThere() {
    var order = Self.pair()
    var other = Self.place("2", 1)
    other.group.guild = "2"
    order.note(Self.key("b"), other, at: .seconds(1))
    #expect(Self.decide(order, isPoll: true, at: 60) == "look at 1")
    #expect(Self.decide(order, "b", isPoll: true, at: 60) == "look at 1")
  }

  @Test func whatIsRememberedOfAnObjectIsNoChangeOfItsPlace() {
    var order = Self.pair()
    guard
      case .look(_, let version) = order.decide(
        Self.key("a"), isPoll: true, notOlderThan: .seconds(60), at: .seconds(60))
    else { return #expect(Bool(false), "nobody looked") }
    #expect(order.placement(of: Self.key("a")) == nil)
    order.settled(
      Self.group, version: version, asOf: .seconds(60),
      placements: [Self.key("a"): ["number": 7], Self.key("b"): .null])
    #expect(order.placement(of: Self.key("a")) == ["number": 7])
    #expect(order.placement(of: Self.key("b")) == .null)
    // The status has it now: nobody looks again because of that, and the next look gets it.
    var place = Self.place("1", 0)
    place.placement = ["number": 7]
    order.note(Self.key("a"), place, at: .seconds(61))
    #expect(Self.decide(order, isPoll: true, notOlderThan: 60, at: 61) == "settled")
    guard
      case .look(let places, _) = order.decide(
        Self.key("a"), isPoll: true, notOlderThan: .seconds(120), at: .seconds(120))
    else { return #expect(Bool(false), "nobody looked") }
    #expect(places[Self.key("a")]?.placement == ["number": 7])
    // What was remembered of another position is nothing to go by.
    order.note(Self.key("a"), Self.place("1", 5), at: .seconds(130))
    #expect(order.placement(of: Self.key("a")) == nil)
  }

  @Test func aLookThatAChangeHasOvertakenIsNotRemembered() {
    var order = Self.pair()
    guard
      case .look(_, let version) = order.decide(
        Self.key("a"), isPoll: true, notOlderThan: .seconds(60), at: .seconds(60))
    else { return #expect(Bool(false), "nobody looked") }
    order.note(Self.key("a"), Self.place("1", 5), at: .seconds(61))
    order.settled(
      Self.group, version: version, asOf: .seconds(60), placements: [Self.key("a"): ["number": 7]])
    #expect(order.placement(of: Self.key("a")) == nil)
  }
}
