import JSONValue
import KubeWatch

/// What no plan may do, whoever wrote it. A script's own vetoes come on top.
package enum RemediationGuard {
  /// What an operation is part of.
  package enum Purpose: Sendable, Hashable {
    /// A runbook's plan.
    case plan
    /// Taking one back, which may delete what it made and lower what it raised.
    case undo
  }

  /// Removing one of these is undone by what watches it; removing anything else may not be.
  private static let deletable: Set = ["/pods", "coordination.k8s.io/leases"]

  /// Groups and kinds whose change would widen somebody's rights or stop a cluster.
  private static let untouchable: Set = [
    "rbac.authorization.k8s.io", "admissionregistration.k8s.io", "certificates.k8s.io",
    "apiregistration.k8s.io",
  ]
  private static let untouchableCore: Set = ["namespaces", "nodes", "serviceaccounts"]

  private static let paused = "crossplane.io/paused"

  /// Why an operation must not be done; nil when nothing speaks against it.
  ///
  /// - Parameters:
  ///   - before: the live object; nil when there is none.
  ///   - after: what the server's dry run made of it; nil before the dry run.
  package static func refusal(
    of operation: RemediationOperation, for purpose: Purpose = .plan, before: LiveObject?,
    after: LiveObject?
  ) -> String? {
    if operation.verb == .probe { return nil }
    let type = operation.type
    if untouchable.contains(type.group)
      || (type.group.isEmpty && untouchableCore.contains(type.plural))
    {
      return "\(operation.target): a runbook never writes \(type.plural)"
    }
    if operation.verb == .delete, purpose == .plan,
      !deletable.contains("\(type.group)/\(type.plural)")
    {
      return type.plural == "networkpolicies"
        ? "\(operation.target): deleting a NetworkPolicy opens everything that it closed; add an allow rule"
        : "\(operation.target): a runbook deletes pods and leases only"
    }
    if type.group.isEmpty, type.plural == "secrets", let field = literalSecret(operation) {
      return
        "\(operation.target): \(field) holds a literal value; a plan may only name an input there"
    }
    return discordRefusal(operation, purpose, before)
      ?? (purpose == .plan ? workloadRefusal(operation, before, after) : nil)
  }

  /// A Secret's value that a script wrote out.
  private static func literalSecret(_ operation: RemediationOperation) -> String? {
    if operation.verb == .patch, operation.patchType == .json {
      return operation.body.arrayValue?.lazy.compactMap { step in
        let path = step["path"]?.stringValue ?? ""
        guard path.hasPrefix("/data") || path.hasPrefix("/stringData") || path.isEmpty,
          let value = step["value"], SecretPlaceholder.name(value) == nil
        else { return nil }
        return path
      }.first
    }
    for field in ["data", "stringData"] {
      for (name, value) in operation.body[field]?.objectValue ?? [:]
      where !value.isNull && SecretPlaceholder.name(value) == nil {
        return "\(field).\(name)"
      }
    }
    return nil
  }

  /// Discord changes by what a resource says, not by what a runbook says.
  private static func discordRefusal(
    _ operation: RemediationOperation, _ purpose: Purpose, _ before: LiveObject?
  ) -> String? {
    guard operation.type.group.hasSuffix(".discord.crossplane.io") else { return nil }
    switch operation.verb {
    case .annotate: return nil
    case .apply, .create:
      let annotations = operation.body.value(at: "metadata", "annotations")
      return annotations?[paused]?.stringValue == "true"
        ? nil : "\(operation.target): a runbook restores resources paused (\(paused)=true) only"
    case .patch where operation.patchType != .json:
      let touched = operation.body.objectValue?.keys.filter { $0 != "metadata" } ?? []
      return touched.isEmpty
        ? nil
        : "\(operation.target): a runbook never changes what Discord is to be (\(touched.sorted().joined(separator: ", ")))"
    case .patch where purpose == .undo:
      let isMetadata = (operation.body.arrayValue ?? []).allSatisfy {
        $0["path"]?.stringValue?.hasPrefix("/metadata/") == true
      }
      return isMetadata ? nil : "\(operation.target): an undo changes annotations only"
    case .delete where purpose == .undo:
      // While it is paused nobody has acted on it, and nobody acts on its deletion.
      let annotations = before?.value.value(at: "metadata", "annotations")
      return annotations?[paused]?.stringValue == "true"
        ? nil
        : "\(operation.target): it is no longer paused, so that deleting it would reach Discord"
    default:
      return "\(operation.target): a runbook only annotates resources of Discord"
    }
  }

  /// Limits that shrink under the name of growing, and changes that Crossplane would take back.
  private static func workloadRefusal(
    _ operation: RemediationOperation, _ before: LiveObject?, _ after: LiveObject?
  ) -> String? {
    guard let before, let after else { return nil }
    for (path, old) in limits(before.value) {
      guard let new = limits(after.value)[path], let was = Quantity.parse(old),
        let will = Quantity.parse(new), will < was
      else { continue }
      return "\(operation.target): \(path) would shrink from \(old) to \(new)"
    }
    let owner = before.value.value(at: "metadata", "ownerReferences")?.arrayValue?.first {
      $0["kind"]?.stringValue == "ProviderRevision"
    }
    guard let owner, before.kind == "Deployment",
      before.value["spec"]?.value(at: "template", "spec")
        != after.value["spec"]?.value(at: "template", "spec")
    else { return nil }
    return
      "\(operation.target): Crossplane's \(owner["name"]?.stringValue ?? "ProviderRevision") owns it and "
      + "takes this change back; change the DeploymentRuntimeConfig or the Provider's spec.package"
  }

  /// Every `resources.limits` of a workload, by its readable path.
  private static func limits(_ object: JSONValue) -> [String: String] {
    var found: [String: String] = [:]
    func walk(_ value: JSONValue, _ path: [String]) {
      switch value {
      case .object(let members):
        if path.suffix(2) == ["resources", "limits"] {
          for (name, amount) in members {
            found[(path + [name]).joined(separator: ".")] =
              amount.stringValue ?? amount.serializedText()
          }
        } else {
          for (name, member) in members { walk(member, path + [name]) }
        }
      case .array(let elements):
        for (number, element) in elements.enumerated() {
          walk(element, path + [element["name"]?.stringValue ?? "\(number)"])
        }
      default: break
      }
    }
    walk(object["spec"] ?? .null, ["spec"])
    return found
  }
}
