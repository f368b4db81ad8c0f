package import KubeWatch

/// Tells a change that somebody made from the echo of the provider's own writes.
///
/// Without it each of our writes would come back through the watch and start another look.
package enum ChangeFilter {
  /// Whether a change of an object is a reason to reconcile it.
  package static func isRelevant(old: StoredObject, new: StoredObject) -> Bool {
    if old.uid != new.uid || old.generation != new.generation { return true }
    if old.isDeleting != new.isDeleting || old.labels != new.labels { return true }
    for name in own where isOwnEcho(old.annotations[name], new.annotations[name]) == false {
      return true
    }
    if namesAnother(old.annotations, new.annotations) { return true }
    return withoutOwn(old.annotations) != withoutOwn(new.annotations)
  }

  /// What we write, we only ever set or move forward. A removal is a person's doing.
  private static func isOwnEcho(_ old: String?, _ new: String?) -> Bool {
    old == nil || new != nil
  }

  /// Whether somebody said by hand which object in Discord is meant, or took that back. Of what we
  /// created, we record the name and the success in one write.
  private static func namesAnother(_ old: [String: String], _ new: [String: String]) -> Bool {
    old[Annotation.externalName] != new[Annotation.externalName]
      && old[Annotation.createSucceeded] == new[Annotation.createSucceeded]
  }

  private static let own = [
    Annotation.createPending, Annotation.createSucceeded, Annotation.createFailed,
  ]

  private static func withoutOwn(_ annotations: [String: String]) -> [String: String] {
    var rest = annotations
    for name in own { rest[name] = nil }
    rest[Annotation.externalName] = nil
    return rest
  }

  /// Whether the external name that dependants wait for appeared or became another.
  package static func changesExternalName(old: StoredObject?, new: StoredObject?) -> Bool {
    old?.annotations[Annotation.externalName] != new?.annotations[Annotation.externalName]
  }
}
