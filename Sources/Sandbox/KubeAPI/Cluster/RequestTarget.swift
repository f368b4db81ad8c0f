/// What a path of `/api` or `/apis` names.
struct RequestTarget: Sendable, Hashable {
  struct Resource: Sendable, Hashable {
    var namespace: String?
    var plural: String
    var name: String?
    var subresource: String?
  }

  /// Nil for `/apis` itself; empty for the core group.
  var group: String?
  /// Nil for a group or the root.
  var version: String?
  var resource: Resource?
  /// Whether this is below `/api`.
  var isCore: Bool

  init?(_ segments: [String]) {
    guard let first = segments.first, first == "api" || first == "apis" else { return nil }
    isCore = first == "api"
    var rest = segments.dropFirst()
    if isCore { group = "" } else { group = rest.popFirst() }
    version = rest.popFirst()
    guard !rest.isEmpty else { return }
    var namespace: String?
    let parts = Array(rest)
    var path = parts
    let isNamespaceItself =
      parts.count == 3 && isCore && ["status", "finalize"].contains(parts[2])
    if parts[0] == "namespaces", parts.count >= 3, !isNamespaceItself {
      namespace = parts[1]
      path = Array(parts.dropFirst(2))
    }
    guard path.count <= 3 else { return nil }
    resource = Resource(
      namespace: namespace, plural: path[0], name: path.count > 1 ? path[1] : nil,
      subresource: path.count > 2 ? path[2] : nil)
  }
}

/// A request's target with its definition looked up.
struct ResourceTarget: Sendable {
  let definition: ResourceDefinition
  let version: ResourceDefinition.Version
  let namespace: String?
  let name: String?
  let subresource: String?

  var resource: GroupResource { definition.groupResource }
  var isStatus: Bool { subresource == "status" }
  var apiVersion: String { definition.apiVersion(version.name) }

  func key(_ name: String) -> ObjectStore.Key { .init(namespace: namespace ?? "", name: name) }

  func invalid(_ name: String, _ errors: [FieldError]) -> APIStatusError {
    .invalid(kind: definition.kind, group: definition.group, name: name, errors)
  }
}
