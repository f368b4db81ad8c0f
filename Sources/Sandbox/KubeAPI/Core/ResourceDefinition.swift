import JSONValue

/// A served resource: what discovery, admission, tables and OpenAPI need to know of it.
package struct ResourceDefinition: Sendable {
  /// What the server does beyond storing.
  package enum Behaviour: Sendable, Hashable {
    /// Objects are stored as they come.
    case plain
    /// Defined by a CRD: schema, pruning, generation.
    case custom
    case namespace
    case secret
    case customResourceDefinition
    /// Answers a review and stores nothing.
    case review
  }

  /// One served version.
  package struct Version: Sendable {
    let name: String
    /// Nil for a version that stores whatever it is given.
    let schema: SchemaNode?
    let columns: [PrinterColumn]
    let hasStatus: Bool
    /// The schema with `metadata` filled in: what server-side apply takes objects apart by.
    let typedSchema: SchemaNode
    /// The text for a `Warning` header on each use, for a deprecated version.
    var deprecationWarning: String?

    init(name: String, schema: SchemaNode?, columns: [PrinterColumn], hasStatus: Bool) {
      self.name = name
      self.schema = schema
      self.columns = columns
      self.hasStatus = hasStatus
      var raw = schema?.raw ?? ["type": "object"]
      raw.set(MetaSchemas.objectMeta, at: ["properties", "metadata"])
      typedSchema = SchemaNode(raw)
    }
  }

  let group: String
  let plural: String
  let singular: String
  let kind: String
  let listKind: String
  let shortNames: [String]
  let categories: [String]
  let isNamespaced: Bool
  /// The served versions, the preferred one first.
  let versions: [Version]
  let storageVersion: String
  let behaviour: Behaviour

  var groupResource: GroupResource { GroupResource(group: group, resource: plural) }

  func version(_ name: String) -> Version? { versions.first { $0.name == name } }

  /// `v1`, or `group/version`.
  func apiVersion(_ version: String) -> String { group.isEmpty ? version : "\(group)/\(version)" }

  /// Whether a write to the spec raises `metadata.generation`.
  var countsGenerations: Bool {
    behaviour == .custom || behaviour == .customResourceDefinition || group == "apps"
  }

  /// Whether an object's name may be any path segment (RBAC) rather than a DNS subdomain.
  var allowsAnyName: Bool { group == "rbac.authorization.k8s.io" }

  /// Whether a PUT without a resourceVersion overwrites, as with most built-in kinds.
  var allowsUnconditionalUpdate: Bool {
    behaviour != .custom && behaviour != .customResourceDefinition && plural != "leases"
  }

  var verbs: [String] {
    behaviour == .review
      ? ["create"]
      : ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
  }
}

/// Orders versions as Kubernetes does: v2, v1, v2beta1, v1beta1, v1alpha1, then the rest by name.
enum KubeVersionOrder {
  static func precedes(_ left: String, _ right: String) -> Bool {
    switch (parse(left), parse(right)) {
    case (let left?, let right?): left.lexicographicallyPrecedes(right) { $0 > $1 }
    case (_?, nil): true
    case (nil, _?): false
    case (nil, nil): left < right
    }
  }

  /// Stability, major, minor; nil for a name that is no Kubernetes version.
  private static func parse(_ name: String) -> [Int]? {
    guard name.first == "v" else { return nil }
    let rest = name.dropFirst()
    let major = rest.prefix { $0.isNumber }
    guard let number = Int(major) else { return nil }
    let suffix = rest.dropFirst(major.count)
    if suffix.isEmpty { return [3, number, 0] }
    for (word, rank) in [("beta", 2), ("alpha", 1)] where suffix.hasPrefix(word) {
      return Int(suffix.dropFirst(word.count)).map { [rank, number, $0] }
    }
    return nil
  }
}
