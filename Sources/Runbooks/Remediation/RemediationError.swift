/// A plan that can't be carried out, found before anything is changed.
package struct RemediationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Where, what is wrong and what would be right.
  package let message: String

  package init(_ message: String) { self.message = message }

  package var description: String { message }
}

/// No check proposes the plan now.
package struct PlanNotProposed: Error, Sendable, Hashable {
  let runbook: String
  let plan: String

  /// Names the plan.
  package init(runbook: String, plan: String) {
    self.runbook = runbook
    self.plan = plan
  }

  var message: String {
    "no check of \(runbook) proposes \(plan) now; --force carries it out all the same"
  }
}
