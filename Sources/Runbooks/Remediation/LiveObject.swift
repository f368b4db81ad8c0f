package import JSONValue

/// An object as the API server has it, without what nobody may see: the values of a Secret are
/// replaced by their length before anything else looks at them.
package struct LiveObject: Sendable, Hashable {
  package let apiVersion: String
  package let kind: String
  package let uid: String
  package let resourceVersion: String
  /// Without managed fields and last-applied configuration.
  package let value: JSONValue

  /// Reads an object of the API server; nil when it is none.
  package init?(_ object: JSONValue) {
    guard let apiVersion = object["apiVersion"]?.stringValue,
      let kind = object["kind"]?.stringValue, let metadata = object["metadata"],
      metadata["name"]?.stringValue != nil
    else { return nil }
    self.apiVersion = apiVersion
    self.kind = kind
    uid = metadata["uid"]?.stringValue ?? ""
    resourceVersion = metadata["resourceVersion"]?.stringValue ?? ""
    var visible = object
    visible.set(nil, at: ["metadata", "managedFields"])
    if let annotations = metadata["annotations"]?.objectValue {
      let kept = annotations.filter { $0.key != Self.lastApplied }
      visible.set(kept.isEmpty ? nil : .object(kept), at: ["metadata", "annotations"])
    }
    if kind == "Secret", apiVersion == "v1" {
      for field in ["data", "stringData"] {
        guard let entries = object[field]?.objectValue else { continue }
        visible[field] = .object(entries.mapValues(Self.masked))
      }
    }
    value = visible
  }

  private static let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

  /// Not even a hash: what can be compared can be guessed.
  private static func masked(_ value: JSONValue) -> JSONValue {
    let length = value.stringValue?.utf8.count ?? 0
    return .string("[secret, \(length) characters of Base64]")
  }

  /// What a plan can change: everything but the server's own bookkeeping and the status.
  package var desired: JSONValue {
    var desired = value.objectValue ?? [:]
    for name in ["apiVersion", "kind", "status"] { desired[name] = nil }
    let metadata = (value["metadata"]?.objectValue ?? [:]).filter {
      ["annotations", "labels", "finalizers", "ownerReferences"].contains($0.key)
    }
    desired["metadata"] = .object(metadata)
    return .object(desired)
  }
}
