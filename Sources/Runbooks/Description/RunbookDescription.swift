package import Engine
package import LuaBridge

/// A runbook as its script describes itself. The functions stay in Lua.
package struct RunbookDescription: Sendable {
  /// A part of the runbook's page.
  package struct Section: Sendable, Hashable {
    package let title: String
    package let text: String
  }

  /// Prose about whom to call.
  package struct EscalationRule: Sendable, Hashable {
    package let to: String
    package let when: String
  }

  /// `high-error-rate`.
  package let id: String
  /// `HER`, the beginning of its checks' ids.
  package let code: String
  /// `runbooks.high_error_rate`.
  package let module: String
  package let title: String
  package let alerts: [String]
  package let owner: String
  /// A date, `2026-11-25`.
  package let reviewed: String
  package let summary: String
  package let symptoms: [String]
  /// For all checks together.
  package internal(set) var timeout: Duration
  package let capabilities: Set<String>
  package let rights: [RunbookRight]
  package let thresholds: [RunbookThreshold]
  package let checks: [CheckDescription]
  package let plans: [PlanDescription]
  package let escalations: [EscalationRule]
  package let sections: [Section]
  /// The functions that the module exports.
  package let functions: Set<String>
  /// The budgets that the runbook lowers for itself.
  package let limits: RuleLimits
  package let bundle: ScriptBundle

  /// The check with this id.
  package func check(_ id: String) -> CheckDescription? { checks.first { $0.id == id } }

  /// The same with less time.
  package func limited(to timeout: Duration) -> RunbookDescription {
    var limited = self
    limited.timeout = min(self.timeout, timeout)
    return limited
  }

  /// The plan with this id.
  package func plan(_ id: String) -> PlanDescription? { plans.first { $0.id == id } }
}
