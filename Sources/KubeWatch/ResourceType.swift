/// A kind of Kubernetes object and where the API server keeps it.
package struct ResourceType: Sendable, Hashable {
  /// Empty for the core group.
  package let group: String
  package let version: String
  package let kind: String
  /// The name in paths, such as `channels`.
  package let plural: String
  package let isNamespaced: Bool

  package init(
    group: String, version: String, kind: String, plural: String, isNamespaced: Bool = true
  ) {
    self.group = group
    self.version = version
    self.kind = kind
    self.plural = plural
    self.isNamespaced = isNamespaced
  }

  /// As in an object's `apiVersion`: `v1` or `GROUP/VERSION`.
  package var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  /// The path of a collection, an object or a subresource.
  ///
  /// - Parameter namespace: nil or empty for all namespaces; ignored for cluster-scoped types.
  package func path(
    namespace: String? = nil, name: String? = nil, subresource: String? = nil
  ) -> String {
    var path = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
    if isNamespaced, let namespace, !namespace.isEmpty {
      path += "/namespaces/" + PercentEncoding.encode(namespace)
    }
    path += "/" + plural
    if let name { path += "/" + PercentEncoding.encode(name) }
    if let subresource { path += "/" + subresource }
    return path
  }

  /// The URL path of an object, or of its subresource such as `status`.
  package func path(_ key: ObjectKey, subresource: String? = nil) -> String {
    path(namespace: key.namespace, name: key.name, subresource: subresource)
  }
}

extension ResourceType {
  package static let secrets = ResourceType(
    group: "", version: "v1", kind: "Secret", plural: "secrets")
  package static let configMaps = ResourceType(
    group: "", version: "v1", kind: "ConfigMap", plural: "configmaps")
  package static let events = ResourceType(
    group: "", version: "v1", kind: "Event", plural: "events")
  package static let namespaces = ResourceType(
    group: "", version: "v1", kind: "Namespace", plural: "namespaces", isNamespaced: false)
  package static let customResourceDefinitions = ResourceType(
    group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition",
    plural: "customresourcedefinitions", isNamespaced: false)
}

/// Names one object among those of its type.
package struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Empty for a cluster-scoped object.
  package let namespace: String
  package let name: String

  package init(namespace: String = "", name: String) {
    self.namespace = namespace
    self.name = name
  }

  /// `NAMESPACE/NAME`, or `NAME` alone.
  package var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

  package static func < (left: ObjectKey, right: ObjectKey) -> Bool {
    (left.namespace, left.name) < (right.namespace, right.name)
  }
}
