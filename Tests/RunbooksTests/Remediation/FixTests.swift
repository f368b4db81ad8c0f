import JSONValue
import KubeWatch
import Testing

@testable import Runbooks

/// The state machine alone, on times that the test makes up.
@Suite struct FixTests {
  private static func prepared(_ problem: String? = nil, memory: String = "512Mi") throws
    -> PreparedOperation
  {
    var operation = PreparedOperation(
      Plans.memory(memory), before: LiveObject(Cluster.deployment()),
      restartedAt: "")
    operation.predicted = LiveObject(Cluster.deployment(memory: memory))
    operation.problem = problem
    return operation
  }

  private static func fix(_ consent: Fix.Consent) -> Fix {
    Fix(consent: consent, undo: Plans.undo(), patience: .seconds(10), pause: .seconds(3))
  }

  /// Up to the first change.
  private static func acting(_ fix: Fix = fix(.given), verify: [String]) throws -> Fix {
    var fix = fix
    let plan = Plans.plan([Plans.memory("512Mi")], verify: verify)
    let operation = try prepared()
    #expect(fix.begin() == .plan)
    for _ in 0..<2 {
      #expect(fix.handle(.planned(plan), now: .zero) == .inspect(plan))
      #expect(fix.handle(.inspected([operation]), now: .zero) == .rehearse([operation]))
      _ = fix.handle(.rehearsed([operation]), now: .zero)
    }
    return fix
  }

  /// Before the plan was shown, and after the person agreed.
  @Test(arguments: [false, true])
  func aPlanThatNoCheckProposesChangesNothing(later: Bool) throws {
    var fix = Self.fix(.toBeAsked)
    _ = fix.begin()
    if later {
      let operation = try Self.prepared()
      _ = fix.handle(.planned(Plans.plan([Plans.memory("512Mi")])), now: .zero)
      _ = fix.handle(.inspected([operation]), now: .zero)
      _ = fix.handle(.rehearsed([operation]), now: .zero)
      #expect(fix.handle(.answered(true), now: .zero) == .plan)
    }
    let outcome = FixOutcome.notProposed("no check proposes it")
    #expect(fix.handle(.notProposed("no check proposes it"), now: .zero) == .finish(outcome))
    #expect(outcome.exitCode == 4)
    #expect(fix.doneCount == 0)
  }

  @Test func theOrderIsPlanDryRunAskPlanAgainAct() throws {
    var fix = Self.fix(.toBeAsked)
    let plan = Plans.plan([Plans.memory("512Mi")])
    let operation = try Self.prepared()
    #expect(fix.handle(.planned(plan), now: .zero) == .inspect(plan))
    #expect(fix.handle(.inspected([operation]), now: .zero) == .rehearse([operation]))
    #expect(fix.handle(.rehearsed([operation]), now: .zero) == .ask)
    #expect(fix.handle(.answered(true), now: .zero) == .plan)
    #expect(fix.handle(.planned(plan), now: .zero) == .inspect(plan))
    #expect(fix.handle(.inspected([operation]), now: .zero) == .rehearse([operation]))
    #expect(fix.handle(.rehearsed([operation]), now: .zero) == .perform(operation))
    #expect(fix.handle(.performed(operation.predicted), now: .zero) == .finish(.done))
    #expect(fix.undo.operations.count == 1)
  }

  @Test func aDryRunEndsBeforeAnythingIsAsked() throws {
    var fix = Self.fix(.dryRun)
    _ = fix.handle(.planned(Plans.plan([Plans.memory("512Mi")])), now: .zero)
    _ = fix.handle(.inspected([try Self.prepared()]), now: .zero)
    #expect(fix.handle(.rehearsed([try Self.prepared()]), now: .zero) == .finish(.rehearsed))
  }

  @Test func whatNoPlanMayDoIsNotEvenRehearsed() throws {
    var fix = Self.fix(.given)
    let roles = ResourceType(
      group: "rbac.authorization.k8s.io", version: "v1", kind: "", plural: "clusterroles")
    let operation = RemediationOperation(.apply, roles, ObjectKey(namespace: "", name: "r"))
    _ = fix.handle(.planned(Plans.plan([operation])), now: .zero)
    let prepared = PreparedOperation(operation, before: nil, restartedAt: "")
    guard case .finish(.vetoed) = fix.handle(.inspected([prepared]), now: .zero) else {
      Issue.record("the server was to rehearse it")
      return
    }
  }

  /// Only the server's rehearsal shows what becomes of the object.
  @Test func aLimitThatTheRehearsalShowsToShrinkIsNotSet() throws {
    var fix = Self.fix(.given)
    let operation = try Self.prepared(memory: "1Mi")
    _ = fix.handle(.planned(Plans.plan([Plans.memory("1Mi")])), now: .zero)
    _ = fix.handle(.inspected([operation]), now: .zero)
    guard case .finish(.vetoed(let why)) = fix.handle(.rehearsed([operation]), now: .zero) else {
      Issue.record("it goes on")
      return
    }
    #expect(why.contains("would shrink from"))
  }

  @Test func aVetoThatComesUpWhileSomebodyReadsStopsIt() throws {
    var fix = Self.fix(.toBeAsked)
    let plan = Plans.plan([Plans.memory("512Mi")])
    _ = fix.handle(.planned(plan), now: .zero)
    _ = fix.handle(.inspected([try Self.prepared()]), now: .zero)
    _ = fix.handle(.rehearsed([try Self.prepared()]), now: .zero)
    _ = fix.handle(.answered(true), now: .zero)
    let vetoed = RemediationPlan(
      runbook: "provider-down", id: "the-plan", title: "", operations: plan.operations,
      veto: "9,500 invalid requests")
    #expect(
      fix.handle(.planned(vetoed), now: .zero) == .finish(.vetoed("9,500 invalid requests")))
  }

  @Test func aPlanThatBecameAnotherIsNotCarriedOut() throws {
    var fix = Self.fix(.toBeAsked)
    _ = fix.handle(.planned(Plans.plan([Plans.memory("512Mi")])), now: .zero)
    _ = fix.handle(.inspected([try Self.prepared()]), now: .zero)
    _ = fix.handle(.rehearsed([try Self.prepared()]), now: .zero)
    _ = fix.handle(.answered(true), now: .zero)
    guard
      case .finish(.failed(let why)) = fix.handle(
        .planned(Plans.plan([Plans.memory("4Gi")])), now: .zero)
    else {
      Issue.record("another plan was accepted")
      return
    }
    #expect(why.contains("the facts changed"))
  }

  @Test func noMeansNo() throws {
    var fix = Self.fix(.toBeAsked)
    _ = fix.handle(.planned(Plans.plan([Plans.memory("512Mi")])), now: .zero)
    _ = fix.handle(.inspected([try Self.prepared()]), now: .zero)
    _ = fix.handle(.rehearsed([try Self.prepared()]), now: .zero)
    #expect(fix.handle(.answered(false), now: .zero) == .finish(.declined))
  }

  @Test func whatTheServerRefusesInTheDryRunIsNotSent() throws {
    var fix = Self.fix(.given)
    _ = fix.handle(.planned(Plans.plan([Plans.memory("512Mi")])), now: .zero)
    _ = fix.handle(.inspected([try Self.prepared()]), now: .zero)
    let end = fix.handle(.rehearsed([try Self.prepared("403 Forbidden")]), now: .zero)
    guard case .finish(.failed(let why)) = end else {
      Issue.record("\(end)")
      return
    }
    #expect(why.contains("403 Forbidden"))
    #expect(why.contains("Nothing was changed"))
  }

  @Test func aStatusThatMovedIsTriedAgainAndAFieldThatMovedIsNot() throws {
    var fix = try Self.acting(verify: [])
    let operation = try Self.prepared()
    #expect(fix.handle(.conflicted("409"), now: .zero) == .reread(operation))
    #expect(fix.handle(.reread(operation), now: .zero) == .perform(operation))
    #expect(fix.handle(.conflicted("409"), now: .zero) == .reread(operation))
    let other = PreparedOperation(
      Plans.memory("512Mi"), before: LiveObject(Cluster.deployment(memory: "300Mi")),
      restartedAt: "")
    guard case .finish(.failed(let why)) = fix.handle(.reread(other), now: .zero) else {
      Issue.record("somebody else's change was overwritten")
      return
    }
    #expect(why.contains("somebody else"))
  }

  @Test func conflictsWithoutEndEnd() throws {
    var fix = try Self.acting(verify: [])
    let operation = try Self.prepared()
    for _ in 0..<3 {
      #expect(fix.handle(.conflicted("409"), now: .zero) == .reread(operation))
      _ = fix.handle(.reread(operation), now: .zero)
    }
    guard case .finish(.failed) = fix.handle(.conflicted("409"), now: .zero) else {
      Issue.record("it goes on for ever")
      return
    }
  }

  @Test func itWaitsForItsChecksAndNotForEver() throws {
    var fix = try Self.acting(verify: ["A-001"])
    let bad = Fix.Check(id: "A-001", passes: false, text: "fail: still down")
    let good = Fix.Check(id: "A-001", passes: true, text: "pass: up")
    let after = LiveObject(Cluster.deployment(memory: "512Mi"))
    #expect(fix.handle(.performed(after), now: .seconds(100)) == .check(["A-001"]))
    #expect(fix.handle(.checked([bad]), now: .seconds(101)) == .checkLater(.seconds(3), ["A-001"]))
    var later = fix
    #expect(fix.handle(.checked([good]), now: .seconds(105)) == .finish(.verified))
    #expect(
      later.handle(.checked([bad]), now: .seconds(110))
        == .finish(.notVerified("A-001 fail: still down")))
  }

  /// What is well at once is seen at once, and what takes its time is not asked for all the while.
  @Test func itLooksEverMoreRarely() throws {
    var fix = try Self.acting(Fix(consent: .given, undo: Plans.undo()), verify: ["A-001"])
    _ = fix.handle(.performed(LiveObject(Cluster.deployment(memory: "512Mi"))), now: .zero)
    let bad = Fix.Check(id: "A-001", passes: false, text: "fail")
    let pauses = (1...5).map { second -> Duration? in
      guard case .checkLater(let pause, _) = fix.handle(.checked([bad]), now: .seconds(second))
      else { return nil }
      return pause
    }
    #expect(
      pauses == [
        .milliseconds(500), .seconds(1), .seconds(2), .seconds(3), .seconds(3),
      ])
  }

  @Test func aCheckThatDidNotRunVerifiesNothing() throws {
    var fix = try Self.acting(verify: ["A-001", "A-002"])
    _ = fix.handle(.performed(LiveObject(Cluster.deployment(memory: "512Mi"))), now: .zero)
    let one = Fix.Check(id: "A-001", passes: true, text: "pass")
    #expect(
      fix.handle(.checked([one]), now: .zero) == .checkLater(.seconds(3), ["A-001", "A-002"]))
    #expect(
      fix.handle(.checked([one]), now: .seconds(11)) == .finish(.notVerified("A-002")))
  }
}
