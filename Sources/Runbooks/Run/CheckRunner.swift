package import Engine
package import JSONValue
package import LuaBridge
import Synchronization

/// Runs the functions of runbooks: a check to its outcome, a plan to its proposal.
package struct CheckRunner: Sendable {
  private let answers: any EffectAnswering
  private let limits: ScriptLimits
  private let runner: ScriptRunner

  /// - Parameter limits: the budgets of every run; a runbook can lower them for itself.
  package init(
    answers: any EffectAnswering, limits: ScriptLimits = ScriptLimits(),
    runner: ScriptRunner = ScriptRunner()
  ) {
    self.answers = answers
    self.limits = limits
    self.runner = runner
  }

  /// A check's outcome and what it kept. A bug of the script makes the outcome unknown.
  package func run(
    _ check: CheckDescription, of runbook: RunbookDescription, context: JSONValue
  ) async -> (outcome: Outcome, evidence: [EvidenceItem]) {
    let key = ScriptRunKey(runbook: runbook.id, check: check.id)
    let shelf = EvidenceShelf(part: check.id)
    do {
      let value = try await call(check.function, of: runbook, key, context, shelf)
      let outcome = try Outcome(value, of: check, in: runbook)
      return (outcome, shelf.all)
    } catch {
      let fault = Self.text(error, in: runbook)
      var outcome = Outcome(.unknown, "the check's script failed: \(Self.firstLine(fault))")
      outcome.scriptFault = fault
      return (outcome, shelf.all)
    }
  }

  /// A plan's proposal.
  ///
  /// - Throws: a text about a bug of the script.
  package func propose(
    _ plan: PlanDescription, of runbook: RunbookDescription, context: JSONValue,
    proposedBy: [String]
  ) async throws(ScriptFaultText) -> PlanProposal {
    let key = ScriptRunKey(runbook: runbook.id, plan: plan.id)
    do {
      let value = try await call(
        plan.function, of: runbook, key, context, EvidenceShelf(part: "plan:\(plan.id)"))
      return try PlanProposal(value, of: plan, in: runbook, proposedBy: proposedBy)
    } catch {
      throw ScriptFaultText(text: Self.text(error, in: runbook))
    }
  }

  /// A bug of a script, for people.
  package struct ScriptFaultText: Error, Sendable, Hashable, CustomStringConvertible {
    package let text: String
    package var description: String { text }
  }

  private func call(
    _ function: String, of runbook: RunbookDescription, _ key: ScriptRunKey, _ context: JSONValue,
    _ items: EvidenceShelf
  ) async throws -> JSONValue {
    let answers = answers
    let outcome = try await runner.run(
      runbook.bundle, module: runbook.module, function: function,
      arguments: [context.serialized()], limits: runbook.limits.lowering(limits)
    ) { (effect: JSONValue) in
      let name = effect["effect"]?.stringValue ?? ""
      if name == "log" { return .null }
      try Self.admit(name, capabilities: runbook.capabilities)
      if name == "evidence.add" { return ["value": .string(items.add(effect))] }
      return await answers.answer(effect, for: key)
    }
    return outcome.results.first ?? .null
  }

  /// Refuses an effect that does not exist or that the runbook did not ask for.
  package static func admit(_ name: String, capabilities: Set<String>) throws(EffectError) {
    guard let effect = RunbookEffects.all[name] else {
      throw EffectError(effect: name, message: "runbooks have no such effect")
    }
    guard let needed = effect.capability, !capabilities.contains(needed) else { return }
    throw EffectError(
      effect: name, message: "the runbook's capabilities do not name \"\(needed)\"")
  }

  private static func text(_ error: any Error, in runbook: RunbookDescription) -> String {
    guard let error = error as? ScriptError else { return "\(error)" }
    return ScriptFault(error, in: runbook.bundle).text
  }

  private static func firstLine(_ text: String) -> String {
    text.split(separator: "\n").first.map(String.init) ?? text
  }
}

/// The evidence of one check.
private final class EvidenceShelf: Sendable {
  private let part: String
  private let items = Mutex<[EvidenceItem]>([])

  init(part: String) {
    self.part = part
  }

  var all: [EvidenceItem] { items.withLock { $0 } }

  /// Keeps what an effect brings, and gives its id.
  func add(_ effect: JSONValue) -> String {
    let data = AnswerRedaction.redacted(effect["data"] ?? .null)
    let bytes: [UInt8]
    if let text = data.stringValue {
      bytes = Array(text.utf8)
    } else {
      bytes = Array((data.serializedText(pretty: true) + "\n").utf8)
    }
    return items.withLock { items in
      let id = "\(part).\(items.count + 1)"
      items.append(
        EvidenceItem(
          id: id, name: effect["name"]?.stringValue ?? "evidence", check: part,
          sha256: SHA256Digest.hex(of: bytes), bytes: bytes))
      return id
    }
  }
}
