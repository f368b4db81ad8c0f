package import JSONValue

/// What a fix did, for people and for machines. No secret is in it.
package struct FixReport: Sendable {
  package static let schema = "runbook.discord/fix/v1"

  private let fix: Fix
  private let outcome: FixOutcome?
  private let undoFile: String?

  /// - Parameters:
  ///   - outcome: nil while it is not known.
  ///   - undoFile: where the undo record is; nil when nothing was done.
  package init(_ fix: Fix, outcome: FixOutcome?, undoFile: String? = nil) {
    self.fix = fix
    self.outcome = outcome
    self.undoFile = undoFile
  }

  /// The command that takes it back; nil when there is nothing to take back.
  package var undoCommand: String? {
    guard let undoFile, fix.doneCount > 0, !fix.undo.operations.isEmpty else { return nil }
    let input = fix.undo.inputs.isEmpty ? "" : " --token-stdin"
    return "provider-discord runbook fix --undo \(undoFile)\(input)"
  }

  /// The plan as it is shown before somebody agrees: reasons, difference, requests.
  package var planText: String {
    guard let plan = fix.plan else { return "" }
    var text = "\(plan.title) · \(plan.runbook)/\(plan.id) · risk \(plan.risk)\n"
    if !plan.why.isEmpty { text += "why: \(plan.why)\n" }
    for (number, operation) in fix.prepared.enumerated() {
      text += "\n[\(number + 1)] \(operation.operation.note ?? operation.operation.verb.rawValue)\n"
      text += operation.diff
      text += operation.request.text + "\n"
    }
    for (number, step) in plan.manual.enumerated() { text += "\nby hand \(number + 1): \(step)" }
    return plan.manual.isEmpty ? text : text + "\n"
  }

  /// How it ended, and how to take it back.
  package var outcomeText: String {
    var text = ""
    if let outcome { text += outcome.message + "\n" }
    if fix.doneCount > 0 {
      for remark in fix.undo.remarks { text += "undo: \(remark)\n" }
      if let undoCommand { text += "undo: \(undoCommand)\n" }
    }
    return text
  }

  /// Everything as one object.
  package var json: JSONValue {
    let plan = fix.plan
    var value: JSONValue = [
      "schema": .string(Self.schema), "runbook": .string(fix.undo.runbook),
      "plan": .string(fix.undo.plan), "risk": .string(plan?.risk ?? ""),
      "why": .string(plan?.why ?? ""), "ops": .array(operations),
      "manual": .array((plan?.manual ?? []).map { .string($0) }),
      "verify": .array(
        fix.checks.map {
          ["id": .string($0.id), "passes": .bool($0.passes), "text": .string($0.text)]
        }
      ),
    ]
    if let outcome {
      value["outcome"] = .string(outcome.word)
      value["message"] = .string(outcome.message)
      value["exitCode"] = .integer(Int64(outcome.exitCode))
    }
    if fix.doneCount > 0 {
      value["undo"] = ["remarks": .array(fix.undo.remarks.map { .string($0) })]
      if let undoFile { value.set(.string(undoFile), at: ["undo", "file"]) }
      if let undoCommand { value.set(.string(undoCommand), at: ["undo", "command"]) }
    }
    return value
  }

  private var operations: [JSONValue] {
    fix.prepared.enumerated().map { number, prepared in
      let request = prepared.request
      var value: JSONValue = [
        "verb": .string(prepared.operation.verb.rawValue), "method": .string(request.method),
        "path": .string(request.path), "contentType": .string(request.contentType),
        "query": .object(request.query.mapValues { .string($0) }), "body": request.body,
        "done": .bool(number < fix.doneCount),
        "dryRun": .string(
          prepared.problem
            ?? (prepared.predicted == nil && ![.delete, .probe].contains(prepared.operation.verb)
              ? "notRun" : "ok")),
        "changes": .array(
          prepared.changes.map {
            ["path": .string($0.pointer), "before": $0.before ?? .null, "after": $0.after ?? .null]
          }),
      ]
      value["note"] = prepared.operation.note.map { .string($0) }
      value["permanence"] = prepared.permanence.map { .string($0) }
      return value
    }
  }
}
