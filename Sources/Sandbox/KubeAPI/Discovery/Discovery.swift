import JSONValue

/// The discovery documents: which groups, versions and resources there are.
struct Discovery: Sendable {
  let definitions: [ResourceDefinition]

  /// The version that the sandbox says it has; `+sandbox` tells it from a real server.
  static let version: JSONValue = [
    "major": "1", "minor": "30", "gitVersion": "v1.30.0+sandbox", "gitCommit": "sandbox",
    "gitTreeState": "clean", "buildDate": "2024-04-17T17:27:03Z", "goVersion": "go1.22.2",
    "compiler": "gc", "platform": "linux/amd64",
  ]

  init(_ definitions: some Sequence<ResourceDefinition>) {
    self.definitions = definitions.sorted { $0.plural < $1.plural }
  }

  /// The groups but the core one: built-in before custom, each by name.
  private var groups: [String] {
    Set(definitions.map(\.group)).subtracting([""]).sorted { left, right in
      let builtIn = (!Self.isCustom(left), !Self.isCustom(right))
      return builtIn.0 == builtIn.1 ? left < right : builtIn.0
    }
  }

  private static func isCustom(_ group: String) -> Bool {
    group.contains(".") && !group.hasSuffix(".k8s.io")
  }

  func versions(of group: String) -> [String] {
    let names = definitions.filter { $0.group == group }.flatMap { $0.versions.map(\.name) }
    return Set(names).sorted(by: KubeVersionOrder.precedes)
  }

  private func entry(_ group: String, _ version: String) -> JSONValue {
    ["groupVersion": .string("\(group)/\(version)"), "version": .string(version)]
  }

  var coreVersions: JSONValue {
    [
      "kind": "APIVersions", "versions": ["v1"],
      "serverAddressByClientCIDRs": [["clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1"]],
    ]
  }

  var groupList: JSONValue {
    [
      "kind": "APIGroupList", "apiVersion": "v1",
      "groups": .array(groups.map { group($0, isListed: true) }),
    ]
  }

  func group(_ name: String, isListed: Bool = false) -> JSONValue {
    let versions = versions(of: name)
    var value: JSONValue = [
      "name": .string(name), "versions": .array(versions.map { entry(name, $0) }),
      "preferredVersion": versions.first.map { entry(name, $0) } ?? .null,
    ]
    if !isListed {
      value["kind"] = "APIGroup"
      value["apiVersion"] = "v1"
    }
    return value
  }

  func resources(group: String, version: String) -> JSONValue {
    var resources: [JSONValue] = []
    for definition in definitions where definition.group == group {
      guard let served = definition.version(version) else { continue }
      var resource: JSONValue = [
        "name": .string(definition.plural), "singularName": .string(definition.singular),
        "namespaced": .bool(definition.isNamespaced), "kind": .string(definition.kind),
        "verbs": .array(definition.verbs.map { .string($0) }),
      ]
      if !definition.shortNames.isEmpty {
        resource["shortNames"] = .array(definition.shortNames.map { .string($0) })
      }
      if !definition.categories.isEmpty {
        resource["categories"] = .array(definition.categories.map { .string($0) })
      }
      resources.append(resource)
      if served.hasStatus {
        resources.append([
          "name": .string("\(definition.plural)/status"), "singularName": "",
          "namespaced": .bool(definition.isNamespaced), "kind": .string(definition.kind),
          "verbs": ["get", "patch", "update"],
        ])
      }
    }
    let groupVersion = group.isEmpty ? version : "\(group)/\(version)"
    return [
      "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": .string(groupVersion),
      "resources": .array(resources),
    ]
  }

  /// The aggregated form (`apidiscovery.k8s.io`): everything in one document.
  func aggregated(core: Bool, version: String) -> JSONValue {
    let names = core ? [""] : groups
    let items = names.map { group -> JSONValue in
      [
        "metadata": ["name": .string(group), "creationTimestamp": .null],
        "versions": .array(versions(of: group).map { aggregatedVersion(group, $0) }),
      ]
    }
    return [
      "kind": "APIGroupDiscoveryList", "apiVersion": .string("apidiscovery.k8s.io/\(version)"),
      "metadata": [:], "items": .array(items),
    ]
  }

  private func aggregatedVersion(_ group: String, _ version: String) -> JSONValue {
    let resources = definitions.filter { $0.group == group && $0.version(version) != nil }
    return [
      "version": .string(version), "freshness": "Current",
      "resources": .array(
        resources.map { definition in
          let kind: JSONValue = [
            "group": .string(group), "version": .string(version),
            "kind": .string(definition.kind),
          ]
          var resource: JSONValue = [
            "resource": .string(definition.plural), "responseKind": kind,
            "scope": definition.isNamespaced ? "Namespaced" : "Cluster",
            "singularResource": .string(definition.singular),
            "verbs": .array(definition.verbs.map { .string($0) }),
          ]
          if !definition.shortNames.isEmpty {
            resource["shortNames"] = .array(definition.shortNames.map { .string($0) })
          }
          if !definition.categories.isEmpty {
            resource["categories"] = .array(definition.categories.map { .string($0) })
          }
          if definition.version(version)?.hasStatus ?? false {
            resource["subresources"] = [
              [
                "subresource": "status", "responseKind": kind,
                "verbs": ["get", "patch", "update"],
              ]
            ]
          }
          return resource
        }),
    ]
  }
}
