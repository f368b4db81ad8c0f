package import KubeWatch

/// Names one object of one kind.
package struct ResourceKey: Sendable, Hashable, CustomStringConvertible {
  package let kind: String
  package let object: ObjectKey

  /// Makes a key.
  package init(kind: String, object: ObjectKey) {
    self.kind = kind
    self.object = object
  }

  /// `Channel default/general`.
  package var description: String {
    object.namespace.isEmpty
      ? "\(kind) \(object.name)" : "\(kind) \(object.namespace)/\(object.name)"
  }
}
