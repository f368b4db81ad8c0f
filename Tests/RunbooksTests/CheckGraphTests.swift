import Testing

@testable import Runbooks

@Suite struct CheckGraphTests {
  private static func check(
    _ id: String, needs: [String] = [], any: Bool = false, timeout: Int = 10
  ) -> CheckDescription {
    CheckDescription(
      id: id, function: "f", title: id, category: "c", needs: needs, needsAnyOutcome: any,
      timeout: .seconds(timeout))
  }

  private static let pass = Outcome(.pass, "fine")
  private static let fail = Outcome(.fail, "broken")

  @Test func startsSideBySideWhatNeedsNothing() {
    var graph = CheckGraph(
      checks: [Self.check("A"), Self.check("B"), Self.check("C", needs: ["A", "B"])],
      timeout: .seconds(60))
    #expect(graph.begin() == [.start("A"), .start("B")])
    #expect(graph.finished("A", with: Self.pass, at: .seconds(1)) == [])
    #expect(graph.finished("B", with: Self.pass, at: .seconds(2)) == [.start("C")])
    #expect(graph.finished("C", with: Self.pass, at: .seconds(3)) == [.finish])
    #expect(graph.results["C"]?.began == .seconds(2))
  }

  @Test(arguments: [CheckStatus.fail, .skip, .unknown])
  func skipsWhatNeedsACheckThatDidNotEndWell(status: CheckStatus) {
    var graph = CheckGraph(
      checks: [
        Self.check("A"), Self.check("B", needs: ["A"]), Self.check("C", needs: ["B"]),
        Self.check("D", needs: ["A"], any: true),
      ], timeout: .seconds(60))
    _ = graph.begin()
    #expect(
      graph.finished("A", with: Outcome(status, "no"), at: .seconds(1)) == [.start("D")])
    #expect(graph.results["B"]?.outcome == Outcome(.skip, "needs A"))
    #expect(graph.results["C"]?.outcome == Outcome(.skip, "needs B"))
  }

  @Test func aWarningIsNoObstacle() {
    var graph = CheckGraph(
      checks: [Self.check("A"), Self.check("B", needs: ["A"])], timeout: .seconds(60))
    _ = graph.begin()
    #expect(graph.finished("A", with: Outcome(.warn, "hm"), at: .zero) == [.start("B")])
  }

  @Test func givesUpACheckAtItsDeadline() {
    var graph = CheckGraph(
      checks: [Self.check("A", timeout: 3), Self.check("B", needs: ["A"])], timeout: .seconds(60))
    _ = graph.begin()
    #expect(graph.nextDeadline == .seconds(3))
    #expect(graph.tick(at: .milliseconds(2_999)) == [])
    #expect(graph.tick(at: .seconds(3)) == [.cancel("A"), .finish])
    #expect(graph.results["A"]?.outcome == Outcome(.unknown, "no result within 3 s, its time"))
    #expect(graph.results["B"]?.outcome.status == .skip)
  }

  @Test func whatComesTooLateIsDropped() {
    var graph = CheckGraph(
      checks: [Self.check("A", timeout: 3), Self.check("B")], timeout: .seconds(60))
    _ = graph.begin()
    _ = graph.tick(at: .seconds(3))
    #expect(graph.finished("A", with: Self.fail, at: .seconds(4)) == [])
    #expect(graph.results["A"]?.outcome.status == .unknown)
  }

  @Test func theRunbooksTimeEndsEverything() {
    var graph = CheckGraph(
      checks: [Self.check("A"), Self.check("B", needs: ["A"], any: true)], timeout: .seconds(5))
    _ = graph.begin()
    #expect(graph.nextDeadline == .seconds(5))
    #expect(graph.tick(at: .seconds(5)) == [.cancel("A"), .finish])
    #expect(graph.results["B"]?.outcome.status == .unknown)
  }

  @Test func runsNoMoreThanItsWidth() {
    var graph = CheckGraph(
      checks: [Self.check("A"), Self.check("B"), Self.check("C")], timeout: .seconds(60), width: 2)
    #expect(graph.begin() == [.start("A"), .start("B")])
    #expect(graph.finished("B", with: Self.pass, at: .zero) == [.start("C")])
  }

  @Test func noDataIsNoPass() {
    #expect(Verdict([CheckStatus]()) == .unknown)
    #expect(Verdict([CheckStatus.skip]) == .unknown)
    #expect(Verdict([CheckStatus.pass, .skip]) == .pass)
    #expect(Verdict([CheckStatus.pass, .unknown]) == .unknown)
    #expect(Verdict([CheckStatus.warn, .unknown]) == .warn)
    #expect(Verdict([CheckStatus.warn, .fail, .unknown]) == .fail)
  }
}

@Suite struct RootCauseSearchTests {
  /// A dead provider is seen by an earlier runbook; a later one knows why it is dead.
  @Test func whatExplainsACauseInOneRunbookExplainsItInAll() {
    let search = RootCauseSearch([
      Self.node("A-001", .fail, explains: ["A-002"], runbook: "a", cause: "provider.unreachable"),
      Self.node("A-002", .fail, runbook: "a"),
      Self.node("B-001", .fail, explains: ["B-002"], runbook: "b", cause: "pod.oomkilled"),
      Self.node("B-002", .fail, runbook: "b", cause: "provider.unreachable"),
    ])
    #expect(search.rootCause()?.check == "B-001")
    #expect(search.rootCause()?.victims == ["A-001", "A-002", "B-002"])
    #expect(
      search.explanations() == ["A-001": "B-001", "A-002": "B-001", "B-002": "B-001"])
  }

  /// Neither of two equal causes hides behind the other, and something else does not win by that.
  @Test func equalCausesStandForEachOther() {
    let search = RootCauseSearch([
      Self.node("A-001", .fail, runbook: "a", cause: "kube.unreachable"),
      Self.node("B-001", .fail, runbook: "b", cause: "kube.unreachable"),
      Self.node("C-001", .fail, runbook: "c"),
    ])
    #expect(search.rootCause()?.check == "A-001")
    #expect(search.rootCause()?.victims == ["B-001"])
    #expect(search.explanations() == ["B-001": "A-001"])
  }

  private static func node(
    _ id: String, _ status: CheckStatus, explains: [String] = [], needs: [String] = [],
    runbook: String = "r", cause: String? = nil
  ) -> RootCauseSearch.Node {
    var outcome = Outcome(status, "message of \(id)")
    outcome.explains = explains
    outcome.cause = status == .fail ? cause ?? "cause.\(id)" : nil
    return RootCauseSearch.Node(
      runbook: runbook,
      check: CheckDescription(id: id, function: "f", title: id, category: "c", needs: needs),
      outcome: outcome)
  }

  @Test func namesTheOneThatExplainsTheOthers() {
    let search = RootCauseSearch([
      Self.node("A-001", .fail), Self.node("A-002", .fail, explains: ["A-001", "B-001"]),
      Self.node("A-003", .skip, needs: ["A-002"]),
      Self.node("B-001", .fail, explains: ["B-002"], runbook: "other"),
      Self.node("B-002", .fail, runbook: "other"),
    ])
    let root = search.rootCause()
    #expect(root?.check == "A-002")
    #expect(root?.cause == "cause.A-002")
    #expect(root?.victims == ["A-001", "A-003", "B-001", "B-002"])
    #expect(search.explanations()["B-002"] == "A-002")
  }

  @Test func withoutAnExplanationTheFirstFailureIsNamed() {
    let search = RootCauseSearch([
      Self.node("A-001", .warn), Self.node("A-002", .fail), Self.node("A-003", .fail),
    ])
    #expect(search.rootCause()?.check == "A-002")
  }

  @Test func theSameCauseInSeveralRunbooksIsOne() {
    var nodes = [
      Self.node("A-001", .fail), Self.node("A-002", .skip, needs: ["A-001"]),
      Self.node("B-001", .fail), Self.node("B-002", .skip, needs: ["B-001"]),
      Self.node("C-001", .fail),
    ]
    for place in [0, 2] {
      var outcome = nodes[place].outcome
      outcome.cause = "kube.unreachable"
      nodes[place] = RootCauseSearch.Node(
        runbook: "r\(place)", check: nodes[place].check, outcome: outcome)
    }
    #expect(RootCauseSearch(nodes).rootCause()?.check == "A-001")
    #expect(RootCauseSearch(nodes).rootCause()?.victims == ["A-002", "B-001", "B-002"])
  }

  @Test func twoThatExplainEachOtherEndNowhereElse() {
    let search = RootCauseSearch([
      Self.node("A-001", .fail, explains: ["A-002"]),
      Self.node("A-002", .fail, explains: ["A-001"]),
    ])
    #expect(search.rootCause()?.check == "A-001")
  }

  @Test func allIsWellWithoutACause() {
    #expect(
      RootCauseSearch([Self.node("A-001", .pass), Self.node("A-002", .unknown)]).rootCause() == nil)
  }
}
