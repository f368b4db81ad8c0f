import JSONValue
import KubeWatch
import Logging
import LuaBridge
import Synchronization

/// Takes saved scripts through all stages, and makes them live when they pass.
final class RuleDeployment: Sendable {
  /// What a deployment works with.
  struct Parts: Sendable {
    let library: RuleLibrary
    let planner: RulePlanner
    let policy: DeploymentPolicy
    /// Those of the custom resources, for the check; read when there is something to check.
    let schemas: @Sendable () async throws -> ResourceSchemas
    /// The budgets of production, for the cases.
    let limits: ScriptLimits
    /// The hashes that somebody has approved, or their beginnings.
    let approvals: @Sendable () -> [String]
    let report: DeploymentReport
    let time: TimeSource
  }

  private struct Turns {
    var order = AttemptOrder()
    /// Those who wait for their turn.
    var waiting: [AttemptOrder.Ticket: AsyncStream<Void>.Continuation] = [:]
  }

  private let parts: Parts
  private let told = Mutex<String?>(nil)
  private let turns = Mutex(Turns())

  init(_ parts: Parts) {
    self.parts = parts
  }

  /// Whether scripts wait for an approval.
  var isWaiting: Bool { parts.library.state.waiting != nil }

  /// Whether what waits has been approved.
  var isApproved: Bool {
    parts.library.state.waiting.map { isApproved($0.hash) } ?? false
  }

  /// How many attempts go on or wait for their turn.
  var attempts: Int { turns.withLock { $0.order.length } }

  /// Reads the scripts and takes them as far as they get, once the attempts that were asked for before
  /// have ended: a save and a takeover of the Lease may ask at the same time.
  ///
  /// - Returns: whether there is a new live generation. False, too, when the task was cancelled while it
  ///   waited for its turn.
  func attempt() async -> Bool {
    let (turn, comes) = AsyncStream<Void>.makeStream()
    let ticket = turns.withLock { turns in
      let ticket = turns.order.ask()
      if turns.order.isTurn(of: ticket) { comes.yield() } else { turns.waiting[ticket] = comes }
      return ticket
    }
    defer { leave(ticket) }
    for await _ in turn { return await attemptAlone() }
    return false
  }

  private func leave(_ ticket: AttemptOrder.Ticket) {
    let next = turns.withLock { turns in
      turns.waiting[ticket] = nil
      return turns.order.leave(ticket).flatMap { turns.waiting.removeValue(forKey: $0) }
    }
    next?.yield()
  }

  private func attemptAlone() async -> Bool {
    var run = Run(began: parts.time.uptime())
    let candidate: ScriptCandidate
    let next: RuleSet
    do {
      candidate = try await Self.aside { try self.parts.library.read() }
      guard candidate.hash != parts.library.rules.hash else {
        parts.library.settle()
        return false
      }
      next = try parts.library.rules(of: candidate)
    } catch {
      refuse("\(error)", at: .compile, hash: nil, run)
      return false
    }
    pass(.compile, &run)
    if let problem = await Self.aside({ await self.check(candidate) }) {
      refuse(problem, at: .check, hash: candidate.hash, run)
      return false
    }
    pass(.check, &run)
    if let problem = await Self.aside({ await self.failedCases(of: candidate) }) {
      refuse(problem, at: .cases, hash: candidate.hash, run)
      return false
    }
    pass(.cases, &run)
    let plan = await parts.planner.plan(next)
    switch parts.policy.judge(plan) {
    case .refuse(let reasons):
      refuse(reasons.joined(separator: "\n"), at: .shadow, hash: candidate.hash, run)
      return false
    case .hold(let reasons) where !isApproved(candidate.hash):
      hold(candidate.hash, reasons)
      return false
    case .hold, .deploy: break
    }
    pass(.shadow, &run)
    guard next.hash != parts.library.rules.hash else { return false }
    parts.library.promote(next)
    told.withLock { $0 = nil }
    parts.report.live(next, plan: plan, stages: run.stages)
    return true
  }

  /// Works on other threads than the one that carries the provider's HTTP: this computes for a while.
  private static func aside<Value: Sendable, Failure: Error>(
    _ work: @Sendable () async throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    try await withTaskExecutorPreference(globalConcurrentExecutor) { () async throws(Failure) in
      try await work()
    }
  }

  private struct Run {
    var began: Duration
    var stages: [(DeploymentStage, Duration)] = []
  }

  private func pass(_ stage: DeploymentStage, _ run: inout Run) {
    let now = parts.time.uptime()
    run.stages.append((stage, now - run.began))
    run.began = now
    ended(stage, .passed)
  }

  private func ended(_ stage: DeploymentStage, _ result: DeploymentResult) {
    parts.library.note(stage, result)
    parts.report.ended(stage, result)
  }

  private func refuse(
    _ problem: String, at stage: DeploymentStage, hash: String?, _ run: Run
  ) {
    parts.library.refuse(at: stage, problem)
    ended(stage, .refused)
    parts.report.refused(
      problem, at: stage, hash: hash, generation: parts.library.rules.generation)
  }

  private func hold(_ hash: String, _ reasons: [String]) {
    parts.library.hold(hash, reasons: reasons)
    // Looking again at what waits is no news.
    let isNews = told.withLock { told in
      defer { told = hash + reasons.joined() }
      return told != hash + reasons.joined()
    }
    parts.library.note(.shadow, .waiting)
    guard isNews else { return }
    parts.report.ended(.shadow, .waiting)
    parts.report.waiting(hash, reasons: reasons, generation: parts.library.rules.generation)
  }

  private func isApproved(_ hash: String) -> Bool {
    parts.approvals().contains { $0.count >= 8 && hash.hasPrefix($0) }
  }

  /// What `scripts check` finds, but for what only looks untidy.
  private func check(_ candidate: ScriptCandidate) async -> String? {
    let schemas: ResourceSchemas
    do {
      schemas = try await parts.schemas()
    } catch {
      return "the scripts can't be checked: \(error)"
    }
    let findings = ScriptChecker(candidate, schemas: schemas).findings()
      .filter { $0.kind != .unusedLocal }
    guard !findings.isEmpty else { return nil }
    return FindingReport.text(findings, scripts: candidate.own.count + candidate.cases.count)
  }

  private func failedCases(of candidate: ScriptCandidate) async -> String? {
    guard !candidate.cases.isEmpty else { return nil }
    do {
      let report = try await CaseSuite(candidate).run(limits: parts.limits)
      return report.succeeded ? nil : report.text
    } catch {
      return "\(error)"
    }
  }
}
