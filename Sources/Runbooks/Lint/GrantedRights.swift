import Yams

/// The rights that a rendered manifest gives to a service account.
package struct GrantedRights: Sendable {
  private struct Rule: Sendable {
    let groups: Set<String>
    let resources: Set<String>
    let verbs: Set<String>
    let names: Set<String>
  }

  /// Where a rule holds: nil for the whole cluster.
  private var rules: [(namespace: String?, rule: Rule)] = []

  /// - Parameters:
  ///   - account: the service account's name; nil for any whose name has `runbook`.
  /// - Throws: `RemediationError` when it is no YAML, or binds nothing to that account.
  package init(yaml text: String, file: String, account: String?) throws {
    var roles: [String: [Rule]] = [:]
    var bindings: [(namespace: String?, role: String)] = []
    for document in try ManifestNodes.read(text, file: file) {
      guard let object = document.mapping, let kind = object["kind"]?.scalar?.string else {
        continue
      }
      let metadata = object["metadata"]?.mapping
      let namespace = metadata?["namespace"]?.scalar?.string ?? ""
      switch kind {
      case "Role", "ClusterRole":
        let name = metadata?["name"]?.scalar?.string ?? ""
        let key = kind == "Role" ? "Role/\(namespace)/\(name)" : "ClusterRole//\(name)"
        roles[key] = ManifestNodes.elements(object["rules"]).map(Self.rule)
      case "RoleBinding", "ClusterRoleBinding":
        guard Self.isBound(object, to: account), let reference = object["roleRef"]?.mapping else {
          continue
        }
        let role = reference["name"]?.scalar?.string ?? ""
        let isRole = reference["kind"]?.scalar?.string == "Role"
        bindings.append(
          (
            kind == "RoleBinding" ? namespace : nil,
            isRole ? "Role/\(namespace)/\(role)" : "ClusterRole//\(role)"
          ))
      default: break
      }
    }
    guard !bindings.isEmpty else {
      throw RemediationError(
        "\(file) binds no role to \(account.map { "the service account \($0)" } ?? "a service account named after runbooks")"
      )
    }
    for binding in bindings {
      for rule in roles[binding.role] ?? [] { rules.append((binding.namespace, rule)) }
    }
  }

  private static func isBound(_ binding: Node.Mapping, to account: String?) -> Bool {
    ManifestNodes.elements(binding["subjects"]).contains { subject in
      guard subject.mapping?["kind"]?.scalar?.string == "ServiceAccount",
        let name = subject.mapping?["name"]?.scalar?.string
      else { return false }
      return account.map { $0 == name } ?? name.contains("runbook")
    }
  }

  private static func rule(_ node: Node) -> Rule {
    func texts(_ name: String) -> Set<String> {
      Set(ManifestNodes.elements(node.mapping?[name]).compactMap { $0.scalar?.string })
    }
    return Rule(
      groups: texts("apiGroups"), resources: texts("resources"), verbs: texts("verbs"),
      names: texts("resourceNames"))
  }

  /// Whether a right is given. A rule for named objects counts for `get` alone.
  package func allow(_ right: RunbookRight) -> Bool {
    let resource = right.subresource.map { "\(right.resource)/\($0)" } ?? right.resource
    return rules.contains { entry in
      let rule = entry.rule
      let isThere: Bool
      switch (entry.namespace, right.namespace) {
      case (nil, _): isThere = true
      case (_?, nil): isThere = false
      // The provider's own namespace is whatever the chart is installed in.
      case (_?, ""?): isThere = true
      case (let here?, let there?): isThere = here == there
      }
      return isThere && (rule.groups.contains(right.group) || rule.groups.contains("*"))
        && (rule.resources.contains(resource) || rule.resources.contains("*"))
        && (rule.verbs.contains(right.verb) || rule.verbs.contains("*"))
        && (rule.names.isEmpty || right.verb == "get")
    }
  }
}
