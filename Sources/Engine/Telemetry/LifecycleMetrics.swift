import JSONValue
package import KubeWatch

/// How long managed resources take from one stage of their life to the next, measured by the changes
/// of the store. Crossplane's names and meanings (`pkg/reconciler/managed/metrics.go`).
package struct LifecycleMetrics: Sendable {
  let registry: MetricRegistry
  let time: TimeSource

  /// Reports into a registry.
  package init(registry: MetricRegistry, time: TimeSource) {
    self.registry = registry
    self.time = time
  }

  /// The label `gvk` of a kind.
  package static func label(_ type: ResourceType) -> String {
    "\(type.group)/\(type.version), Kind=\(type.kind)"
  }

  /// An object changed.
  package func changed(from old: StoredObject, to new: StoredObject, type: ResourceType) {
    let before = ResourceSummary(old, kind: type.kind)
    let after = ResourceSummary(new, kind: type.kind)
    guard let created = after.created else { return }
    if before.synced.reason.isEmpty, !after.synced.reason.isEmpty {
      observe(ProviderMetrics.firstReconcile, type, since: created)
    }
    // Later on it is Unavailable or Deleting while it is not Ready.
    let isNew = before.ready.reason.isEmpty || before.ready.reason == "Creating"
    if isNew, !before.ready.isTrue, after.ready.isTrue {
      observe(ProviderMetrics.firstReadiness, type, since: created)
    }
  }

  /// An object is gone.
  package func deleted(_ last: StoredObject, type: ResourceType) {
    guard last.isDeleting, let root = try? JSONDocument(parsing: last.bytes).root,
      let ordered = root.at("metadata", "deletionTimestamp")?.string.flatMap({ Timestamp($0) })
    else { return }
    observe(ProviderMetrics.deletion, type, since: ordered)
  }

  private func observe(_ family: MetricFamily, _ type: ResourceType, since start: Timestamp) {
    let milliseconds =
      time.timestamp().millisecondsSince1970 - start.millisecondsSince1970
    registry.observe(family, [Self.label(type)], Double(max(milliseconds, 0)) / 1_000)
  }
}
