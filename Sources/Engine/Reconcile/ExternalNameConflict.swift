import JSONValue
import KubeWatch

/// Two resources with one external name that ask for different values of a field.
///
/// crossplane-runtime does not look for them: each undoes what the other wrote at every poll, for
/// ever, and a channel's name may change twice in ten minutes only. Here the older one has its way, and
/// the younger says why it has not.
struct ExternalNameConflict: Sendable, Hashable {
  /// The ID in Discord.
  let externalName: String
  /// Whose word counts.
  let older: ResourceKey
  /// The fields of `spec.forProvider` on which the two differ, sorted.
  let fields: [String]

  /// What is wrong and what to do.
  var message: String {
    "\(older) has the external name \(externalName) as well, is older, and asks for another "
      + "\(fields.joined(separator: ", ")): make the two agree, give one of them the "
      + #"managementPolicies ["Observe"], or delete one, which leaves what is in Discord to the other"#
  }
}

extension ResourceStores {
  /// Other resources that may change or delete in Discord what an external name stands for, oldest
  /// first.
  func claimants(
    of externalName: String, besides key: ResourceKey
  ) -> [(key: ResourceKey, resource: ManagedResource)] {
    objects(named: externalName, of: key.kind)
      .compactMap { object -> (key: ResourceKey, resource: ManagedResource)? in
        guard object.key != key.object, !object.isDeleting,
          let resource = try? ManagedResource(object), !resource.isPaused,
          resource.policies?.mayWrite == true
        else { return nil }
        return (ResourceKey(kind: key.kind, object: object.key), resource)
      }
      .sorted { ($0.resource.created, $0.key.object) < ($1.resource.created, $1.key.object) }
  }

  /// What an older resource of the same external name disagrees about.
  ///
  /// - Parameter forProvider: of the younger, with its references filled in.
  func conflict(
    over externalName: String, of resource: ManagedResource, key: ResourceKey, by rule: Rule,
    forProvider: JSONValue
  ) -> ExternalNameConflict? {
    for (rival, other) in claimants(of: externalName, besides: key)
    where (other.created, rival.object) < (resource.created, key.object) {
      let written = other.forProvider?.value() ?? [:]
      let resolution = resolver.resolve(
        written, references: rule.references, namespace: rival.object.namespace
      ).resolution
      // One that cannot be resolved writes nothing.
      guard case .resolved(let theirs) = resolution else { continue }
      let fields = Self.fields(onWhich: theirs, and: forProvider, differ: rule.references)
      if !fields.isEmpty {
        return ExternalNameConflict(externalName: externalName, older: rival, fields: fields)
      }
    }
    return nil
  }

  /// References are compared by what they refer to, not by how they are written.
  private static func fields(
    onWhich one: JSONValue, and other: JSONValue, differ references: [RuleReference]
  ) -> [String] {
    let ways = Set(references.flatMap { [$0.reference, $0.selector].compactMap(\.self) })
    return (one.objectValue ?? [:])
      .filter { field, value in !ways.contains(field) && (other[field].map { $0 != value } ?? false)
      }
      .keys.sorted()
  }
}
