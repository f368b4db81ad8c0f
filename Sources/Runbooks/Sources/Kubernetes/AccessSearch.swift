import JSONValue
import KubeWatch

/// Who may do something, from the RBAC objects. Other authorizers, and who is in a group, are not
/// seen.
struct AccessSearch: Sendable {
  let reads: KubeReads

  private struct Wanted {
    let verb: String
    let group: String
    let resource: String
    let name: String?
  }

  func answer(_ effect: JSONValue) async throws(SourceFailure) -> JSONValue {
    let type = try KubePath.type(effect)
    let wanted = Wanted(
      verb: try effect.demandText("verb"), group: type.group, resource: type.plural,
      name: effect.text("name"))
    let namespace = effect.text("namespace")
    var found: [JSONValue] = []
    let clusterRoles = try await rules("clusterroles", in: nil, wanted)
    found += try await bindings("clusterrolebindings", in: nil, clusterRoles, roles: [:])
    if let namespace {
      let roles = try await rules("roles", in: namespace, wanted)
      found += try await bindings("rolebindings", in: namespace, clusterRoles, roles: roles)
    }
    return .array(found)
  }

  private static func type(_ plural: String) -> ResourceType {
    ResourceType(
      group: "rbac.authorization.k8s.io", version: "v1", kind: "", plural: plural)
  }

  /// The roles that give what is wanted; true where a `*` does.
  private func rules(
    _ plural: String, in namespace: String?, _ wanted: Wanted
  ) async throws(SourceFailure) -> [String: Bool] {
    let roles = try await KubeSource.items(
      of: Self.type(plural), in: namespace, most: 10_000, reads: reads)
    var giving: [String: Bool] = [:]
    for role in roles {
      guard let name = role.value(at: "metadata", "name")?.stringValue else { continue }
      for rule in role["rules"]?.arrayValue ?? [] {
        guard let isWildcard = Self.gives(rule, wanted) else { continue }
        giving[name] = (giving[name] ?? false) || isWildcard
      }
    }
    return giving
  }

  /// Whether a rule gives what is wanted, and by a `*`; nil when not.
  private static func gives(_ rule: JSONValue, _ wanted: Wanted) -> Bool? {
    func texts(_ member: String) -> [String] {
      (rule[member]?.arrayValue ?? []).compactMap(\.stringValue)
    }
    var isWildcard = false
    for (member, text) in [
      ("verbs", wanted.verb), ("apiGroups", wanted.group), ("resources", wanted.resource),
    ] {
      let given = texts(member)
      if given.contains("*") {
        isWildcard = true
      } else if !given.contains(text) {
        return nil
      }
    }
    let names = texts("resourceNames")
    // A rule about certain objects gives neither others nor a list of all.
    if !names.isEmpty {
      guard let name = wanted.name, names.contains(name) else { return nil }
    }
    return isWildcard
  }

  private func bindings(
    _ plural: String, in namespace: String?, _ clusterRoles: [String: Bool],
    roles: [String: Bool]
  ) async throws(SourceFailure) -> [JSONValue] {
    let kind = plural == "rolebindings" ? "RoleBinding" : "ClusterRoleBinding"
    let bindings = try await KubeSource.items(
      of: Self.type(plural), in: namespace, most: 10_000, reads: reads)
    var found: [JSONValue] = []
    for binding in bindings {
      guard let reference = binding["roleRef"], let role = reference["name"]?.stringValue else {
        continue
      }
      let isCluster = reference["kind"]?.stringValue == "ClusterRole"
      guard let isWildcard = isCluster ? clusterRoles[role] : roles[role] else { continue }
      var place: JSONValue = [
        "kind": .string(kind), "name": binding.value(at: "metadata", "name") ?? "",
      ]
      place["namespace"] = binding.value(at: "metadata", "namespace")
      for subject in binding["subjects"]?.arrayValue ?? [] {
        var who: JSONValue = ["kind": subject["kind"] ?? "", "name": subject["name"] ?? ""]
        who["namespace"] = subject["namespace"]
        found.append([
          "subject": who, "binding": place, "wildcard": .bool(isWildcard),
          "role": [
            "kind": .string(isCluster ? "ClusterRole" : "Role"), "name": .string(role),
          ],
        ])
      }
    }
    return found
  }
}
