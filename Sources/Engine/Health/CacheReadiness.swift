package import KubeWatch

/// Whether the list of one kind is complete, and what it means when its CustomResourceDefinition is
/// not installed: with Crossplane's `safe-start` a cluster may have only some of them. Such a kind
/// starts by itself once its definition is there, and holds nobody up until then.
package enum CacheReadiness {
  /// - Parameters:
  ///   - isOptional: whether the provider can do without this kind. It can't do without all of them.
  package static func check(
    _ type: ResourceType, _ status: Reflector.Status, isOptional: Bool
  ) -> Readiness.Check {
    let name = "cache/\(type.plural)"
    if status.isTypeMissing {
      let text =
        "the CustomResourceDefinition \(type.plural).\(type.group) is not installed; "
        + "\(type.kind) objects start once it is"
      return isOptional
        ? Readiness.Check(name: "\(name) (\(text))", failure: nil)
        : Readiness.Check(name: name, failure: text)
    }
    let problem = "not listed yet" + (status.lastError.map { ": \($0)" } ?? "")
    return Readiness.Check(name: name, failure: status.hasSynced ? nil : problem)
  }
}
