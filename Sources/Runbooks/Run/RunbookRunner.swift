package import Engine
import JSONValue
package import LuaBridge
import Synchronization

/// Runs runbooks side by side and makes the report.
package struct RunbookRunner: Sendable {
  /// Learns what happens, for those who wait and for recordings.
  package protocol Observer: Sendable {
    /// A check has ended.
    func ended(_ check: CheckDescription, of runbook: RunbookDescription, with outcome: Outcome)
    /// Something happened to a runbook's graph, milliseconds after it began.
    func happened(_ event: RunEvent, in runbook: String)
  }

  /// Something that decides over a report besides the answers of the world.
  package struct RunEvent: Sendable, Hashable {
    /// What.
    package enum Kind: String, Sendable, Hashable {
      case finished, tick
      /// A plan's function was not done in time.
      case planTimeout
    }

    package let kind: Kind
    /// The check, or the plan.
    package let subject: String?
    package let milliseconds: Int64

    /// Makes an event.
    package init(kind: Kind, subject: String?, milliseconds: Int64) {
      self.kind = kind
      self.subject = subject
      self.milliseconds = milliseconds
    }
  }

  private let runner: CheckRunner
  private let situation: RunbookSituation
  private let time: TimeSource
  private let observer: (any Observer)?
  /// The events of a recording, by runbook; nil for the live world.
  private let events: [String: [RunEvent]]?

  /// - Parameters:
  ///   - answers: the world, or a recording.
  ///   - scripts: what runs the functions of runbooks.
  ///   - events: of the recording; nil for the world.
  package init(
    answers: any EffectAnswering, situation: RunbookSituation, time: TimeSource,
    limits: ScriptLimits = ScriptLimits(), scripts: ScriptRunner = ScriptRunner(),
    observer: (any Observer)? = nil, events: [String: [RunEvent]]? = nil
  ) {
    runner = CheckRunner(answers: answers, limits: limits, runner: scripts)
    self.situation = situation
    self.time = time
    self.observer = observer
    self.events = events
  }

  /// Runs runbooks; the report has them in the given order.
  ///
  /// - Parameters:
  ///   - only: ids of the checks that are wanted, and what they need; nil for all.
  ///   - requested: ids of plans that are built whether or not a check proposes them.
  package func run(
    _ runbooks: [RunbookDescription], only: Set<String>? = nil, requested: Set<String> = []
  ) async -> RunReport {
    let ran = await withTaskGroup(of: (Int, Ran).self) { group in
      for (place, runbook) in runbooks.enumerated() {
        group.addTask { (place, await self.run(runbook, only: only, requested: requested)) }
      }
      var ran = [Ran?](repeating: nil, count: runbooks.count)
      for await (place, one) in group { ran[place] = one }
      return ran.compactMap(\.self)
    }
    let search = RootCauseSearch(ran.flatMap(\.nodes))
    let explanations = search.explanations()
    let reports = ran.map { report($0, explanations) }
    return RunReport(
      target: situation.reportTarget, startedAt: situation.now,
      milliseconds: reports.map(\.milliseconds).max() ?? 0, alert: situation.alert,
      runbooks: reports, rootCause: search.rootCause())
  }

  /// A runbook that ran.
  private struct Ran: Sendable {
    let runbook: RunbookDescription
    let checks: [CheckDescription]
    let results: [String: CheckGraph.Result]
    let evidence: [EvidenceItem]
    let plans: [PlanProposal]
    let faults: [String]

    var nodes: [RootCauseSearch.Node] {
      checks.compactMap { check in
        results[check.id].map {
          RootCauseSearch.Node(runbook: runbook.id, check: check, outcome: $0.outcome)
        }
      }
    }
  }

  private func run(
    _ runbook: RunbookDescription, only: Set<String>?, requested: Set<String>
  ) async -> Ran {
    let checks = only.map { Self.closure(of: $0, in: runbook) } ?? runbook.checks
    let kept = EvidenceCollection()
    let driver = GraphDriver(
      time: time,
      run: { [runner, situation] check, results in
        let needed = results.filter { check.needs.contains($0.key) }
        let context = situation.context("check", check.id, of: runbook, results: needed)
        let (outcome, evidence) = await runner.run(check, of: runbook, context: context)
        kept.put(evidence, of: check.id)
        return outcome
      },
      note: { [observer] event, at in
        observer?.happened(RunEvent(event, at: at), in: runbook.id)
      },
      progress: { [observer] check, outcome in
        observer?.ended(check, of: runbook, with: outcome)
      })
    let results: [String: CheckGraph.Result]
    if let events {
      results = await driver.replay(
        checks, timeout: runbook.timeout,
        events: (events[runbook.id] ?? []).compactMap(\.graphEvent))
    } else {
      results = await driver.drive(checks, timeout: runbook.timeout)
    }
    let (plans, faults) = await proposals(of: runbook, checks, results, requested)
    // What a check kept that was given up is not in the report.
    let evidence = checks.flatMap { check in
      results[check.id]?.outcome.scriptFault == nil ? kept.items(of: check.id, results) : []
    }
    return Ran(
      runbook: runbook, checks: checks, results: results, evidence: evidence, plans: plans,
      faults: checks.compactMap { results[$0.id]?.outcome.scriptFault } + faults)
  }

  /// Checks, and what they need.
  private static func closure(
    of ids: Set<String>, in runbook: RunbookDescription
  ) -> [CheckDescription] {
    var wanted = ids
    for check in runbook.checks.reversed() where wanted.contains(check.id) {
      wanted.formUnion(check.needs)
    }
    return runbook.checks.filter { wanted.contains($0.id) }
  }

  private func proposals(
    of runbook: RunbookDescription, _ checks: [CheckDescription],
    _ results: [String: CheckGraph.Result], _ requested: Set<String>
  ) async -> (plans: [PlanProposal], faults: [String]) {
    var plans: [PlanProposal] = []
    var faults: [String] = []
    for plan in runbook.plans {
      let proposers = checks.map(\.id).filter {
        results[$0]?.outcome.plans.contains(plan.id) == true
      }
      guard !proposers.isEmpty || requested.contains(plan.id) else { continue }
      do throws(CheckRunner.ScriptFaultText) {
        if let proposal = try await propose(plan, of: runbook, results, proposers) {
          plans.append(proposal)
        }
      } catch {
        faults.append(error.text)
      }
    }
    return (plans, faults)
  }

  /// A plan, whoever asks for it; nil when its function was not done in time.
  private func propose(
    _ plan: PlanDescription, of runbook: RunbookDescription,
    _ results: [String: CheckGraph.Result], _ proposers: [String]
  ) async throws(CheckRunner.ScriptFaultText) -> PlanProposal? {
    if events?[runbook.id]?.contains(where: { $0.kind == .planTimeout && $0.subject == plan.id })
      == true
    {
      return nil
    }
    let context = situation.context("plan", plan.id, of: runbook, results: results)
    let answer = await Deadline.first(within: .seconds(10), time: time) {
      [runner] () -> Result<PlanProposal, CheckRunner.ScriptFaultText> in
      do throws(CheckRunner.ScriptFaultText) {
        return .success(
          try await runner.propose(plan, of: runbook, context: context, proposedBy: proposers))
      } catch {
        return .failure(error)
      }
    }
    guard let answer else {
      observer?.happened(
        RunEvent(kind: .planTimeout, subject: plan.id, milliseconds: 0), in: runbook.id)
      return nil
    }
    return try answer.get()
  }

  private func report(_ ran: Ran, _ explanations: [String: String]) -> RunbookReport {
    let checks = ran.checks.compactMap { check -> CheckReport? in
      guard let result = ran.results[check.id] else { return nil }
      return CheckReport(
        id: check.id, title: check.title, category: check.category, outcome: result.outcome,
        hint: result.outcome.hint ?? check.hint,
        milliseconds: (result.ended - result.began).wholeMilliseconds,
        explainedBy: explanations[check.id])
    }
    return RunbookReport(
      id: ran.runbook.id, title: ran.runbook.title,
      verdict: Verdict(checks.map(\.outcome.status)), startedAt: situation.now,
      milliseconds: situation.searchMilliseconds
        + (ran.results.values.map { $0.ended.wholeMilliseconds }.max() ?? 0),
      checks: checks, rootCause: RootCauseSearch(ran.nodes).rootCause(), plans: ran.plans,
      escalations: EscalationClock.lines(
        of: checks, now: situation.now, contacts: situation.values.contacts),
      evidence: ran.evidence, faults: ran.faults)
  }
}

extension RunbookRunner.RunEvent {
  init(_ event: GraphDriver.Event, at: Duration) {
    switch event {
    case .finished(let check):
      self.init(kind: .finished, subject: check, milliseconds: at.wholeMilliseconds)
    case .tick: self.init(kind: .tick, subject: nil, milliseconds: at.wholeMilliseconds)
    }
  }

  var graphEvent: (event: GraphDriver.Event, at: Duration)? {
    switch kind {
    case .finished: subject.map { (.finished($0), .milliseconds(milliseconds)) }
    case .tick: (.tick, .milliseconds(milliseconds))
    case .planTimeout: nil
    }
  }
}

/// What the checks of a runbook kept.
private final class EvidenceCollection: Sendable {
  private let byCheck = Mutex<[String: [EvidenceItem]]>([:])

  func put(_ items: [EvidenceItem], of check: String) {
    byCheck.withLock { $0[check] = items }
  }

  /// Only what the outcome names: the rest belongs to a path that led nowhere.
  func items(of check: String, _ results: [String: CheckGraph.Result]) -> [EvidenceItem] {
    let named = Set(results[check]?.outcome.evidence ?? [])
    return byCheck.withLock { $0[check] ?? [] }.filter { named.contains($0.id) }
  }
}
