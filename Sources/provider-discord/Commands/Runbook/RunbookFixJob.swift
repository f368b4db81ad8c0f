import ArgumentParser
import Engine
import JSONValue
import Runbooks

/// The plan that `runbook fix` is to carry out, and how to look at the world again: for each look a
/// new session, as one session asks nothing twice.
struct RunbookFixJob: Sendable {
  let runbook: String
  let plan: String
  let purpose: RemediationGuard.Purpose
  let build: @Sendable () async throws -> RemediationPlan
  let probe: @Sendable (JSONValue) async throws -> Void
  let check: @Sendable ([String]) async throws -> [Fix.Check]

  /// Taking something back.
  init(undoing record: UndoRecord) {
    runbook = record.runbook
    plan = record.plan
    purpose = .undo
    build = { record.asPlan }
    probe = { _ in }
    check = { _ in [] }
  }

  private init(
    _ runbook: RunbookDescription, _ plan: PlanDescription, asking checks: Set<String>?,
    world: RunbookWorldOptions, inputs: [String], force: Bool
  ) {
    self.runbook = runbook.id
    self.plan = plan.id
    purpose = .plan
    build = {
      let session = try await world.session(inputs: inputs)
      let runner = RunbookRunner(
        answers: session.world, situation: session.situation, time: .system())
      // Also what no check proposes is built with their results: its vetoes look at them.
      let isRequested = force || plan.isOnRequest
      let report = await runner.run(
        [runbook], only: checks, requested: isRequested ? [plan.id] : [])
      await session.shutdown()
      guard let proposal = report.runbooks.first?.plans.first(where: { $0.id == plan.id }) else {
        let faults = report.runbooks.first?.faults.joined(separator: "\n") ?? ""
        if faults.isEmpty, !isRequested {
          throw PlanNotProposed(runbook: runbook.id, plan: plan.id)
        }
        throw RemediationError(
          faults.isEmpty ? "\(runbook.id)/\(plan.id) could not be built in time" : faults)
      }
      return try RemediationPlan(proposal)
    }
    probe = { body in
      let session = try await world.session()
      defer { Task { await session.shutdown() } }
      try await session.endpoint.probe(body)
    }
    check = { ids in
      let session = try await world.session()
      let runner = RunbookRunner(
        answers: session.world, situation: session.situation, time: .system())
      let report = await runner.run([runbook], only: Set(ids))
      await session.shutdown()
      return (report.runbooks.first?.checks ?? []).filter { ids.contains($0.id) }.map {
        Fix.Check(
          id: $0.id, passes: $0.outcome.status == .pass,
          text: "\($0.outcome.status.rawValue): \($0.outcome.message)")
      }
    }
  }

  /// Finds the plan that a check's id, RUNBOOK/PLAN or a plan's id means.
  ///
  /// - Throws: `ValidationError` for a name that is none, `ExitCode` when nothing is to be done.
  static func find(
    _ name: String, in library: RunbookLibrary, world: RunbookWorldOptions, inputs: [String],
    force: Bool
  ) async throws -> RunbookFixJob {
    if let (runbook, check) = library.check(name) {
      let session = try await world.session(inputs: inputs)
      let runner = RunbookRunner(
        answers: session.world, situation: session.situation, time: .system())
      let report = await runner.run([runbook], only: [check.id])
      await session.shutdown()
      return try proposed(by: check, of: runbook, report) {
        RunbookFixJob(
          runbook, $0, asking: [check.id], world: world, inputs: inputs, force: force)
      }
    }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let candidates = library.runbooks.flatMap { runbook in
      runbook.plans.filter { plan in
        plan.id == parts.last && (parts.count == 1 || library.runbook(parts[0])?.id == runbook.id)
      }.map { (runbook, $0) }
    }
    guard parts.count <= 2, let (runbook, plan) = candidates.first else {
      throw ValidationError(
        "there is no check and no plan \"\(name)\"; provider-discord runbook show ID lists them")
    }
    guard candidates.count == 1 else {
      let names = candidates.map { "\($0.0.id)/\($0.1.id)" }.joined(separator: ", ")
      throw ValidationError("\"\(name)\" is ambiguous: \(names)")
    }
    return RunbookFixJob(
      runbook, plan, asking: nil, world: world, inputs: inputs, force: force)
  }

  private static func proposed(
    by check: CheckDescription, of runbook: RunbookDescription, _ report: RunReport,
    _ job: (PlanDescription) -> RunbookFixJob
  ) throws -> RunbookFixJob {
    guard let outcome = report.runbooks.first?.checks.first(where: { $0.id == check.id })?.outcome
    else { throw RemediationError("\(check.id) gave no outcome") }
    let plans = outcome.plans.compactMap(runbook.plan)
    let finding = "\(check.id) \(outcome.status.rawValue): \(outcome.message)"
    guard let plan = plans.first else {
      StandardError.write("\(finding)\nno plan is proposed\n")
      throw ExitCode(outcome.status == .pass ? 0 : FixOutcome.manual.exitCode)
    }
    guard plans.count == 1 else {
      let names = plans.map { "  provider-discord runbook fix \(runbook.id)/\($0.id)" }
      StandardError.write("\(finding)\nseveral plans would help; choose one:\n")
      StandardError.write(names.joined(separator: "\n") + "\n")
      throw ExitCode(FixOutcome.manual.exitCode)
    }
    StandardError.write("\(finding)\n")
    return job(plan)
  }
}
