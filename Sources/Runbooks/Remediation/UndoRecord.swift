import JSONValue
import KubeWatch

/// How to take back what a plan did. Written before anybody needs it; no secret is in it.
package struct UndoRecord: Sendable, Hashable {
  package static let schema = "runbook.discord/undo/v1"

  package let runbook: String
  package let plan: String
  /// When the plan was carried out, RFC 3339.
  package let at: String
  /// The cluster that it was carried out on, as its URL.
  package let server: String
  /// In the order in which they are to be done: the last change first.
  package var operations: [RemediationOperation]
  /// What can't be taken back, and why that is no loss.
  package var remarks: [String]

  /// Makes a record.
  package init(
    runbook: String, plan: String, at: String, server: String,
    operations: [RemediationOperation] = [], remarks: [String] = []
  ) {
    self.runbook = runbook
    self.plan = plan
    self.at = at
    self.server = server
    self.operations = operations
    self.remarks = remarks
  }

  /// Adds the inverse of an operation that was carried out.
  ///
  /// - Parameter after: the object as the server answered; nil after a deletion.
  package mutating func add(_ done: PreparedOperation, after: LiveObject?) {
    let operation = done.operation
    if operation.verb == .probe {
      remarks.append("a probe changes nothing")
      return
    }
    guard let after, operation.verb != .delete else {
      remarks.append("\(operation.target) was deleted: what watches it makes a new one")
      return
    }
    guard let before = done.before else {
      guard operation.type.plural != "customresourcedefinitions" else {
        remarks.append("\(operation.target) stays: with it every object of its kind would go")
        return
      }
      operations.insert(
        RemediationOperation(
          .delete, operation.type, operation.key, uid: after.uid,
          note: "it was made by the plan"), at: 0)
      return
    }
    if after.kind == "Secret", after.apiVersion == "v1" {
      addSecret(operation, after)
      return
    }
    let changes = FieldChange.between(before.desired, after.desired)
    guard !changes.isEmpty else {
      remarks.append("\(operation.target) did not change")
      return
    }
    operations.insert(
      RemediationOperation(
        .patch, operation.type, operation.key, patchType: .json,
        body: .array(Self.inverse(changes)), uid: after.uid,
        note: operation.verb == .restart ? "this rolls the pods over once more" : nil), at: 0)
  }

  /// The old value is not kept anywhere, so that it must be given once more. Nothing but people
  /// changes a Secret, so that its version says whether somebody did.
  private mutating func addSecret(_ operation: RemediationOperation, _ after: LiveObject) {
    operations.insert(
      RemediationOperation(
        .patch, operation.type, operation.key,
        patchType: operation.patchType == .json ? .json : .merge,
        body: operation.body.secretFields, uid: after.uid, resourceVersion: after.resourceVersion,
        note: "give the former value on standard input: it was not kept"), at: 0)
  }

  /// A JSON patch that first tests, at the server, that nobody has changed the fields since.
  private static func inverse(_ changes: [FieldChange]) -> [JSONValue] {
    let tests = changes.compactMap { change in
      change.after.map { RemediationRequest.test(change.pointer, $0) }
    }
    // None is below another, so that their order is of no account.
    let steps: [JSONValue] = changes.map { change in
      guard let before = change.before else {
        return ["op": "remove", "path": .string(change.pointer)]
      }
      return [
        "op": change.after == nil ? "add" : "replace", "path": .string(change.pointer),
        "value": before,
      ]
    }
    return tests + steps
  }

  /// The names of the secret values that the undo needs.
  package var inputs: [String] {
    operations.reduce(into: Set<String>()) { $0.formUnion($1.body.placeholders) }.sorted()
  }

  /// The undo as a plan, so that it is shown, rehearsed, confirmed and done like any other.
  package var asPlan: RemediationPlan {
    RemediationPlan(
      runbook: runbook, id: plan, title: "take back \(runbook)/\(plan) of \(at)",
      why: remarks.joined(separator: "; "), operations: operations, inputs: inputs)
  }
}

extension JSONValue {
  /// A Secret's values alone.
  fileprivate var secretFields: JSONValue {
    guard let members = objectValue else { return self }
    return .object(members.filter { ["data", "stringData"].contains($0.key) })
  }
}
