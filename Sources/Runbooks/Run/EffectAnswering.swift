package import JSONValue

/// Names a run of a script within a report: a check, or a plan.
package struct ScriptRunKey: Sendable, Hashable, CustomStringConvertible {
  /// The runbook's id.
  package let runbook: String
  /// The check's id, or `plan:` and the plan's.
  package let part: String

  /// A check's run.
  package init(runbook: String, check: String) {
    self.runbook = runbook
    part = check
  }

  /// A plan's run.
  package init(runbook: String, plan: String) {
    self.runbook = runbook
    part = "plan:" + plan
  }

  package var description: String { "\(runbook)/\(part)" }
}

/// Answers the effects of checks and plans: the live world, one that is written down, or a
/// recording.
package protocol EffectAnswering: Sendable {
  /// The answer in the shape that `lib.answer` unwraps.
  func answer(_ effect: JSONValue, for key: ScriptRunKey) async -> JSONValue
}

extension OutsideWorld: EffectAnswering {
  package func answer(_ effect: JSONValue, for key: ScriptRunKey) async -> JSONValue {
    await answer(effect)
  }
}
