package import JSONValue

/// What a plan's function proposed: data that nothing has acted on.
package struct PlanProposal: Sendable, Hashable {
  /// The plan's id within its runbook.
  package let id: String
  package let runbook: String
  package let title: String
  /// `low`, `medium` or `high`.
  package let risk: String
  package let why: String
  package let operations: [PlanOperation]
  /// Why it must not be done now; nil when it may.
  package let veto: String?
  /// Steps for a person.
  package let manual: [String]
  /// What undoes it, where the operations alone do not tell.
  package let undo: String?
  /// Ids of the checks that run again afterwards.
  package let verify: [String]
  /// Names of what must be given, e.g. `token`.
  package let inputs: [String]
  /// The checks that named the plan.
  package let proposedBy: [String]

  /// What carries it out.
  package var command: String {
    "provider-discord runbook fix \(runbook)/\(id)" + (inputs.isEmpty ? "" : " --token-stdin")
  }
}

/// One call that a plan would make.
package struct PlanOperation: Sendable, Hashable {
  /// What is done.
  package enum Verb: String, Sendable, Hashable, CaseIterable {
    case patch, apply, create, delete, annotate, restart, probe
  }

  /// A type of objects, as its path has it.
  package struct Resource: Sendable, Hashable {
    package let group: String
    package let version: String
    package let resource: String

    /// Names a type.
    package init(group: String, version: String, resource: String) {
      self.group = group
      self.version = version
      self.resource = resource
    }
  }

  package let verb: Verb
  /// Nil for `probe`.
  package let resource: Resource?
  package let namespace: String?
  package let name: String?
  /// `merge`, `strategic` or `json`, of a patch.
  package let patchType: String?
  /// With `{"$input": NAME}` where a secret input goes.
  package let body: JSONValue?
  /// `uid`, `resourceVersion`.
  package let preconditions: [String: String]
  /// What the provider is asked to probe.
  package let probe: JSONValue?
  package let note: String?
}
