import JSONValue

/// What a runbook would do, built by its script from live facts. It acts on nothing.
package struct RemediationPlan: Sendable, Hashable {
  package let runbook: String
  package let id: String
  package let title: String
  /// `low`, `medium` or `high`, as the runbook says.
  package let risk: String
  /// Why this helps, for the person who is asked.
  package let why: String
  package let operations: [RemediationOperation]
  /// Why it must not be done now; nil when nothing speaks against it.
  package let veto: String?
  /// What no program can do, in order.
  package let manual: [String]
  /// What the plan says about taking it back.
  package let undoRemark: String?
  /// The checks that must pass afterwards.
  package let verify: [String]
  /// The names of the secret values that it needs.
  package let inputs: [String]

  /// Makes a plan.
  package init(
    runbook: String, id: String, title: String, risk: String = "medium", why: String = "",
    operations: [RemediationOperation] = [], veto: String? = nil, manual: [String] = [],
    undoRemark: String? = nil, verify: [String] = [], inputs: [String] = []
  ) {
    self.runbook = runbook
    self.id = id
    self.title = title
    self.risk = risk
    self.why = why
    self.operations = operations
    self.veto = veto
    self.manual = manual
    self.undoRemark = undoRemark
    self.verify = verify
    self.inputs = inputs
  }

  /// The most operations that one plan may have.
  static let operationLimit = 500

  /// The plan that a runbook's script proposed, once every operation has turned out to be one.
  package init(_ proposal: PlanProposal) throws(RemediationError) {
    let place = "plan \(proposal.runbook)/\(proposal.id)"
    guard proposal.operations.count <= Self.operationLimit else {
      throw RemediationError(
        "\(place): \(proposal.operations.count) operations; the most is \(Self.operationLimit)")
    }
    var operations: [RemediationOperation] = []
    for (number, operation) in proposal.operations.enumerated() {
      operations.append(
        try RemediationOperation(parsing: operation.scriptValue, at: "\(place), ops[\(number + 1)]")
      )
    }
    let used = operations.reduce(into: Set<String>()) { $0.formUnion($1.body.placeholders) }
    if let unknown = used.subtracting(proposal.inputs).min() {
      throw RemediationError(
        "\(place): an operation uses the input \(unknown), which the plan does not declare")
    }
    self.init(
      runbook: proposal.runbook, id: proposal.id, title: proposal.title, risk: proposal.risk,
      why: proposal.why, operations: operations, veto: proposal.veto, manual: proposal.manual,
      undoRemark: proposal.undo, verify: proposal.verify, inputs: proposal.inputs)
  }

  /// Whether another building of the plan would do the same: times and the versions of objects may
  /// differ, nothing else.
  package func doesTheSame(as other: RemediationPlan) -> Bool {
    func essence(_ plan: RemediationPlan) -> [RemediationOperation] {
      plan.operations.map {
        RemediationOperation(
          $0.verb, $0.type, $0.key, patchType: $0.patchType, body: $0.body.withoutTimes, uid: $0.uid
        )
      }
    }
    return essence(self) == essence(other)
  }
}

extension PlanOperation {
  /// The table that a script gives, as `RemediationOperation.init(parsing:at:)` reads it.
  var scriptValue: JSONValue {
    var value: JSONValue = ["verb": .string(verb.rawValue)]
    if let resource {
      value["gvr"] = [
        "group": .string(resource.group), "version": .string(resource.version),
        "resource": .string(resource.resource),
      ]
    }
    value["namespace"] = namespace.map { .string($0) }
    value["name"] = name.map { .string($0) }
    value["patch_type"] = patchType.map { .string($0) }
    value["body"] = body
    value["probe"] = probe
    value["note"] = note.map { .string($0) }
    if !preconditions.isEmpty {
      value["preconditions"] = .object(preconditions.mapValues { .string($0) })
    }
    return value
  }
}
