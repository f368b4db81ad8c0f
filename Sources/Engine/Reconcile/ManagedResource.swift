package import JSONValue
package import KubeWatch

/// A managed resource as it stands in the store, read without building a tree.
package struct ManagedResource: Sendable {
  package let object: StoredObject
  private let document: JSONDocument

  /// Parses a stored object.
  package init(_ object: StoredObject) throws(JSONError) {
    self.object = object
    document = try JSONDocument(parsing: object.bytes)
  }

  /// The whole object.
  package var root: JSONCursor { document.root }

  /// `spec.forProvider` as written.
  package var forProvider: JSONCursor? { root.at("spec", "forProvider") }

  /// `status` as it stands.
  package var status: JSONValue { root["status"]?.value() ?? [:] }

  /// The Discord ID (`crossplane.io/external-name`); nil until there is one.
  package var externalName: String? { Annotation.externalName(in: object.annotations) }

  /// The Discord ID that the status tells of although there is no external name: objects that the Go
  /// provider left may have it only there.
  package var idInStatus: String? {
    guard externalName == nil else { return nil }
    return root.at("status", "atProvider", "id")?.string.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Whether the user has stopped reconciliation; only `"true"` counts.
  package var isPaused: Bool { object.annotations[Annotation.paused] == "true" }

  /// The finalizers in order.
  package var finalizers: [String] {
    root.at("metadata", "finalizers")?.elements.compactMap(\.string) ?? []
  }

  /// When it was applied, as the API server writes it; these texts sort by time.
  package var created: String { root.at("metadata", "creationTimestamp")?.string ?? "" }

  /// Whether ours is among the finalizers.
  package var hasFinalizer: Bool { finalizers.contains(Annotation.finalizer) }

  /// What may be done; nil for a set of policies that is not supported. `deletionPolicy: Orphan`
  /// of older manifests takes the right to delete away.
  package var policies: ManagementPolicies? {
    let names = root.at("spec", "managementPolicies")?.elements.compactMap(\.string)
    guard var policies = ManagementPolicies(names ?? ["*"]) else { return nil }
    if root.at("spec", "deletionPolicy")?.string == "Orphan", (names ?? ["*"]) == ["*"] {
      policies.remove(.delete)
    }
    return policies
  }

  /// The ProviderConfig to use.
  package var providerConfigName: String {
    root.at("spec", "providerConfigRef", "name")?.string ?? "default"
  }

  /// The token of a requested reconcile that was not yet acknowledged: Crossplane's annotation, or
  /// the one that the runbook document names.
  package var reconcileRequest: String? {
    let request =
      object.annotations[Annotation.reconcileRequestedAt] ?? object.annotations[Annotation.trigger]
    guard let request, request != root.at("status", "lastHandledReconcileAt")?.string else {
      return nil
    }
    return request
  }

  /// The poll interval that the object itself asks for.
  package var pollInterval: Duration? {
    object.annotations[Annotation.pollInterval].flatMap(GoDuration.parse)
  }

  /// When a create was begun of which no end is recorded; nil when the last create ended.
  ///
  /// Source: crossplane-runtime, `meta.ExternalCreateIncomplete`.
  package var incompleteCreate: Timestamp? {
    guard let pending = time(of: Annotation.createPending) else { return nil }
    let succeeded = time(of: Annotation.createSucceeded)
    let failed = time(of: Annotation.createFailed)
    let ended = [succeeded, failed].compactMap { $0 }.max()
    return ended.map { $0 >= pending } ?? false ? nil : pending
  }

  /// Whether the object was applied just now. What it waits for was most likely applied with it, and
  /// saying so in its status would be a write for nothing.
  package func isYoung(now: Timestamp) -> Bool {
    guard let created = Timestamp(created) else { return false }
    return now.millisecondsSince1970 - created.millisecondsSince1970 < 5_000
  }

  /// How much longer an absence is not believed after a create; nil when it is.
  ///
  /// Discord is eventually consistent. Crossplane waits 30 s; absence is confirmed by ID here, so
  /// that less is enough.
  package func creationGrace(now: Timestamp) -> Duration? {
    guard let succeeded = time(of: Annotation.createSucceeded) else { return nil }
    let age = now.millisecondsSince1970 - succeeded.millisecondsSince1970
    return age < 5_000 ? .milliseconds(max(5_000 - age, 1_000)) : nil
  }

  /// The pending annotation's text, from which the nonce is made.
  package var pendingText: String? { object.annotations[Annotation.createPending] }

  private func time(of annotation: String) -> Timestamp? {
    object.annotations[annotation].flatMap { Timestamp($0) }
  }
}

/// The annotations and the finalizer that make up the contract with users and with Crossplane.
///
/// Source: crossplane-runtime, `pkg/meta/meta.go`; `trigger` is the runbook document's.
package enum Annotation {
  package static let externalName = "crossplane.io/external-name"
  package static let createPending = "crossplane.io/external-create-pending"
  package static let createSucceeded = "crossplane.io/external-create-succeeded"
  package static let createFailed = "crossplane.io/external-create-failed"
  package static let paused = "crossplane.io/paused"
  package static let pollInterval = "crossplane.io/poll-interval"
  package static let reconcileRequestedAt = "crossplane.io/reconcile-requested-at"
  package static let trigger = "reconcile.crossplane.io/trigger"
  package static let finalizer = "finalizer.managedresource.crossplane.io"

  /// The external name among these; nil when there is none or it is empty.
  package static func externalName(in annotations: [String: String]) -> String? {
    annotations[externalName].flatMap { $0.isEmpty ? nil : $0 }
  }
}
