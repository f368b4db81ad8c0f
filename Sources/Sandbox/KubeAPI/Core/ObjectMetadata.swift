import JSONValue

/// Shorthand for the members of `metadata` that the server reads and writes.
extension JSONValue {
  var metadataName: String { value(at: "metadata", "name")?.stringValue ?? "" }
  var metadataNamespace: String { value(at: "metadata", "namespace")?.stringValue ?? "" }
  var metadataUID: String { value(at: "metadata", "uid")?.stringValue ?? "" }

  var metadataResourceVersion: String {
    value(at: "metadata", "resourceVersion")?.stringValue ?? ""
  }

  var metadataGeneration: Int64 { value(at: "metadata", "generation")?.integerValue ?? 0 }
  var metadataFinalizers: [String] {
    value(at: "metadata", "finalizers")?.arrayValue?.compactMap(\.stringValue) ?? []
  }

  var isBeingDeleted: Bool { value(at: "metadata", "deletionTimestamp")?.stringValue != nil }

  var metadataLabels: [String: String] {
    (value(at: "metadata", "labels")?.objectValue ?? [:]).compactMapValues(\.stringValue)
  }

  var ownerReferences: [JSONValue] {
    value(at: "metadata", "ownerReferences")?.arrayValue ?? []
  }

  mutating func setMetadata(_ member: String, _ value: JSONValue?) {
    set(value, at: ["metadata", member])
  }

  mutating func setFinalizers(_ finalizers: [String]) {
    setMetadata(
      "finalizers", finalizers.isEmpty ? nil : .array(finalizers.map { .string($0) }))
  }
}
