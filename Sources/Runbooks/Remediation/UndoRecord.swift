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
  /// All that is done to one object is taken back by one operation, so that each can be rehearsed on
  /// the objects as they are.
  ///
  /// - Parameters:
  ///   - after: the object as the server answered; nil after a deletion.
  ///   - earlier: what was carried out on the same object before.
  package mutating func add(
    _ done: PreparedOperation, after: LiveObject?, earlier: [PreparedOperation] = []
  ) {
    let operation = done.operation
    if operation.verb == .probe {
      remarks.append("a probe changes nothing")
      return
    }
    guard let after, operation.verb != .delete else {
      remarks.append("\(operation.target) was deleted: what watches it makes a new one")
      return
    }
    guard let before = (earlier.first ?? done).before else {
      // Taking back that it was made takes back what was done to it since.
      guard earlier.isEmpty else { return }
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
    if !earlier.isEmpty { operations.removeAll { $0.hasObject(of: operation) } }
    remarks.removeAll { $0 == Self.unchanged(operation) }
    let changes = FieldChange.between(before.desired, after.desired)
    guard !changes.isEmpty else {
      remarks.append(Self.unchanged(operation))
      return
    }
    operations.insert(
      RemediationOperation(
        .patch, operation.type, operation.key, patchType: .json,
        body: .array(Self.inverse(changes)), uid: after.uid,
        note: ([done] + earlier).contains { $0.operation.verb == .restart }
          ? "this rolls the pods over once more" : nil), at: 0)
  }

  private static func unchanged(_ operation: RemediationOperation) -> String {
    "\(operation.target) did not change"
  }

  /// The old value is not kept anywhere, so that it must be given once more. Nothing but people
  /// changes a Secret, so that its version says whether somebody did.
  private mutating func addSecret(_ operation: RemediationOperation, _ after: LiveObject) {
    // The version of the last change is the one to be met; what is taken back after it meets its own.
    operations = operations.map { $0.hasObject(of: operation) ? $0.atAnyVersion : $0 }
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

extension RemediationOperation {
  fileprivate var atAnyVersion: RemediationOperation {
    RemediationOperation(
      verb, type, key, patchType: patchType, body: body, uid: uid, note: note)
  }
}
