package import JSONValue

/// An object as the store keeps it: its JSON and the few fields that the core looks at.
package struct StoredObject: Sendable, Hashable {
  package let key: ObjectKey
  package let uid: String
  package let resourceVersion: String
  /// 0 for types that have none.
  package let generation: Int64
  /// Whether `metadata.deletionTimestamp` is set.
  package let isDeleting: Bool
  package let labels: [String: String]
  /// Without kubectl's copy of the last applied manifest, which only `bytes` has.
  package let annotations: [String: String]
  /// The object's JSON without `metadata.managedFields`.
  package let bytes: [UInt8]

  /// The annotation in which kubectl keeps the whole manifest.
  package static let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

  /// Nil when there is no name or no resourceVersion.
  ///
  /// - Parameter type: fills in `apiVersion` and `kind`, which the items of a list lack.
  package init?(_ cursor: JSONCursor, type: ResourceType) {
    guard let metadata = cursor["metadata"], let name = metadata["name"]?.string,
      let resourceVersion = metadata["resourceVersion"]?.string
    else { return nil }
    key = ObjectKey(namespace: metadata["namespace"]?.string ?? "", name: name)
    uid = metadata["uid"]?.string ?? ""
    self.resourceVersion = resourceVersion
    generation = metadata["generation"]?.integer ?? 0
    isDeleting = metadata["deletionTimestamp"].map { !$0.isNull } ?? false
    labels = Self.texts(metadata["labels"])
    annotations = Self.texts(metadata["annotations"])

    var bytes: [UInt8] = []
    bytes.reserveCapacity(1024)
    cursor.write(into: &bytes, omitting: ["metadata", "managedFields"])
    if cursor["kind"] == nil, bytes.first == UInt8(ascii: "{") {
      let head = #"{"apiVersion":"\#(type.apiVersion)","kind":"\#(type.kind)","#
      bytes.replaceSubrange(0..<1, with: head.utf8)
    }
    // An exact copy: the buffer that was written into is up to twice as large.
    self.bytes = Array(bytes[...])
  }

  /// The object in an API server's answer; nil when the bytes are no object.
  package init?(json: [UInt8], type: ResourceType) {
    guard let document = try? JSONDocument(parsing: json) else { return nil }
    self.init(document.root, type: type)
  }

  private static func texts(_ cursor: JSONCursor?) -> [String: String] {
    guard let members = cursor?.members, !members.isEmpty else { return [:] }
    var result: [String: String] = [:]
    for (name, value) in members where name != lastApplied {
      if let text = value.string { result[name] = text }
    }
    return result
  }

  /// Whether this is an earlier state of the same object. Versions that are no numbers, and those
  /// of different objects, are not compared.
  func isOlder(than other: StoredObject) -> Bool {
    guard uid == other.uid, let mine = UInt64(resourceVersion),
      let others = UInt64(other.resourceVersion)
    else { return false }
    return mine < others
  }
}
