package import JSONValue
package import KubeWatch

/// One write of a plan, as data. Nothing happens by making one.
package struct RemediationOperation: Sendable, Hashable {
  /// What is to be done to the object.
  package enum Verb: String, Sendable, CaseIterable {
    /// Changes fields of an object that exists.
    case patch
    /// Server-side apply of a whole object, never by force.
    case apply
    /// Makes an object; one of that name is a conflict.
    case create
    /// Removes the very object whose uid is given.
    case delete
    /// Sets or, by null, removes annotations.
    case annotate
    /// Rolls a workload's pods over, as `kubectl rollout restart` does.
    case restart
    /// Asks the provider itself for one request through an open circuit breaker; changes nothing in
    /// Kubernetes. Its body says which breaker.
    case probe
  }

  /// How a patch's body is to be read.
  package enum PatchType: String, Sendable, CaseIterable {
    /// RFC 7386.
    case merge
    /// Kubernetes' own: lists such as containers are merged by name.
    case strategic
    /// RFC 6902.
    case json
  }

  package let verb: Verb
  /// Its kind is empty: a path needs none.
  package let type: ResourceType
  package let key: ObjectKey
  package let patchType: PatchType
  /// The patch, the object, or for `annotate` the map of annotations. A secret value is a
  /// `SecretPlaceholder`.
  package let body: JSONValue
  /// The uid that the object must have; nil takes that of the live one.
  package let uid: String?
  /// The version that the object must have; nil takes that of the live one.
  package let resourceVersion: String?
  /// What the plan says about this step.
  package let note: String?

  /// Makes an operation.
  package init(
    _ verb: Verb, _ type: ResourceType, _ key: ObjectKey, patchType: PatchType = .merge,
    body: JSONValue = [:], uid: String? = nil, resourceVersion: String? = nil, note: String? = nil
  ) {
    self.verb = verb
    self.type = type
    self.key = key
    self.patchType = patchType
    self.body = body
    self.uid = uid
    self.resourceVersion = resourceVersion
    self.note = note
  }

  /// Stands where an operation is about no object but about the provider.
  static let providerType = ResourceType(
    group: "", version: "", kind: "", plural: "provider", isNamespaced: false)

  /// `deployments.apps crossplane-system/provider-discord`
  package var target: String {
    if verb == .probe { return "the provider" }
    return (type.group.isEmpty ? type.plural : "\(type.plural).\(type.group)") + " \(key)"
  }

  /// Whether both are about one object.
  func hasObject(of other: RemediationOperation) -> Bool {
    verb != .probe && other.verb != .probe && target == other.target
  }
}
