import JSONValue

/// A managed resource as it stands in the cluster.
struct Resource: Sendable, CustomStringConvertible {
  let kind: String
  let name: String
  let value: JSONValue

  init?(_ value: JSONValue) {
    guard let kind = value["kind"]?.stringValue,
      let name = value.value(at: "metadata", "name")?.stringValue
    else { return nil }
    self.kind = kind
    self.name = name
    self.value = value
  }

  /// The ID in Discord.
  var externalName: String? {
    value.value(at: "metadata", "annotations", "crossplane.io/external-name")?.stringValue
  }

  var isReady: Bool { status(of: "Ready") == "True" && status(of: "Synced") == "True" }

  /// What Crossplane's users know: nobody can tell whether an interrupted create made something.
  var isStopped: Bool {
    status(of: "Synced") == "False"
      && message.hasPrefix(
        "cannot determine creation result - remove the crossplane.io/external-create-pending "
          + "annotation if it is safe to proceed")
  }

  /// Whether it says that it waits for one of these.
  func waits(for names: [String]) -> Bool {
    names.contains { message.hasPrefix("waiting for ") && message.contains("/\($0): ") }
  }

  /// The message of the condition Synced.
  var message: String { condition("Synced")?["message"]?.stringValue ?? "" }

  private func status(of type: String) -> String? { condition(type)?["status"]?.stringValue }

  private func condition(_ type: String) -> JSONValue? {
    value.value(at: "status", "conditions")?.arrayValue?.first {
      $0["type"]?.stringValue == type
    }
  }

  var description: String {
    "\(kind) \(name) (\(externalName ?? "no ID"), ready: \(isReady), \(message))"
  }
}
