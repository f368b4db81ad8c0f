import JSONValue

/// An operation with the live object that it meets, the request that it sends, and what the
/// server's dry run made of it.
package struct PreparedOperation: Sendable, Hashable {
  package let operation: RemediationOperation
  /// The object as it is; nil when there is none.
  package let before: LiveObject?
  package let request: RemediationRequest
  /// What the server would make of it; nil before the dry run, and after a deletion.
  package var predicted: LiveObject?
  /// Why the server refuses it; nil when it does not, or has not been asked.
  package var problem: String?
  /// Whether the problem is that the object has changed since it was read.
  package var isStale = false
  private let restartedAt: String

  /// Prepares an operation.
  package init(_ operation: RemediationOperation, before: LiveObject?, restartedAt: String) {
    self.operation = operation
    self.before = before
    self.restartedAt = restartedAt
    request = RemediationRequest(operation, live: before, restartedAt: restartedAt)
  }

  /// The same operation, not yet rehearsed, on what an earlier one made of its object.
  func meeting(_ live: LiveObject) -> PreparedOperation {
    PreparedOperation(operation, before: live, restartedAt: restartedAt)
  }

  /// The fields that would change. A Secret's value that is replaced shows as a change even when its
  /// mask is the same.
  package var changes: [FieldChange] {
    guard let predicted else { return [] }
    var changes = FieldChange.between(before?.desired ?? [:], predicted.desired)
    for field in ["data", "stringData"] {
      for (name, value) in operation.body[field]?.objectValue ?? [:] {
        guard let input = SecretPlaceholder.name(value) else { continue }
        changes.removeAll { $0.path == ["data", name] }
        changes.append(
          FieldChange(
            path: ["data", name], before: before?.value.value(at: "data", name),
            after: .string("[the input \(input)]")))
      }
    }
    return changes
  }

  /// The difference as people read it, and what keeps or takes back the change.
  package var diff: String {
    var text = "\(operation.target)\n"
    if operation.verb == .probe { return text + "  nothing changes in Kubernetes\n" }
    if operation.verb == .delete { text += "  - the object, uid \(operation.uid ?? "")\n" }
    if before == nil, let predicted {
      return text + "  + a new \(predicted.kind)\n" + Self.lines(predicted.desired, mark: "+")
    }
    for change in changes {
      text += "  \(change.readablePath(in: (before ?? predicted)?.value ?? [:]))\n"
      if let old = change.before { text += Self.lines(old, mark: "-") }
      if let new = change.after { text += Self.lines(new, mark: "+") }
    }
    if predicted != nil, changes.isEmpty { text += "  nothing changes: it is so already\n" }
    if let permanence { text += "  note: \(permanence)\n" }
    return text
  }

  private static func lines(_ value: JSONValue, mark: String) -> String {
    (value.stringValue ?? value.serializedText(pretty: true)).split(separator: "\n")
      .map { "    \(mark) \($0)\n" }.joined()
  }

  /// What an installation by Helm does to a change of this object.
  package var permanence: String? {
    let metadata = before?.value["metadata"]
    guard operation.verb == .patch,
      let release = metadata?.value(at: "annotations", "meta.helm.sh/release-name")?.stringValue
    else { return nil }
    return "the next helm upgrade of \(release) takes this back: put it into its values as well"
  }
}
