/// What the provider may do with an external resource (`spec.managementPolicies`).
///
/// Source: crossplane-runtime, `pkg/reconciler/managed/policies.go`.
package struct ManagementPolicies: OptionSet, Sendable, Hashable {
  package let rawValue: Int

  /// Makes a set of actions from its bits.
  package init(rawValue: Int) { self.rawValue = rawValue }

  package static let observe = ManagementPolicies(rawValue: 1)
  package static let create = ManagementPolicies(rawValue: 2)
  package static let update = ManagementPolicies(rawValue: 4)
  package static let delete = ManagementPolicies(rawValue: 8)
  package static let lateInitialize = ManagementPolicies(rawValue: 16)
  package static let all: ManagementPolicies = [
    .observe, .create, .update, .delete, .lateInitialize,
  ]

  /// Whether anything in Discord may be changed.
  package var mayWrite: Bool { !isDisjoint(with: [.create, .update, .delete]) }

  /// Reads the field; nil for a set that Crossplane does not support. An empty list pauses.
  package init?(_ names: [String]) {
    if names == ["*"] {
      self = .all
      return
    }
    var actions: ManagementPolicies = []
    for name in names {
      guard let action = Self.named[name] else { return nil }
      actions.formUnion(action)
    }
    // Whatever is done needs to be observed first; the empty set is the way to pause.
    guard actions.isEmpty || actions.contains(.observe) else { return nil }
    self = actions
  }

  private static let named: [String: ManagementPolicies] = [
    "*": .all, "Observe": .observe, "Create": .create, "Update": .update, "Delete": .delete,
    "LateInitialize": .lateInitialize,
  ]
}
