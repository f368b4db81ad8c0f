import JSONValue
package import KubeWatch

/// One managed resource as metrics and `/debug/state` count it, read from its stored bytes without
/// building a tree.
package struct ResourceSummary: Sendable, Hashable {
  /// One condition of the object.
  package struct State: Sendable, Hashable {
    /// `True`, `False` or `Unknown`; `Unknown` as well where the object has no such condition.
    package var status = "Unknown"
    /// Empty where there is no such condition.
    package var reason = ""
    package var message: String?
    /// `lastTransitionTime`.
    package var since: Timestamp?

    var isTrue: Bool { status == "True" }
  }

  package let key: ResourceKey
  package let ready: State
  package let synced: State
  /// The Discord ID; nil until there is one.
  package let externalName: String?
  package let created: Timestamp?
  package let isDeleting: Bool
  /// Whether its owner stopped reconciliation, by annotation or by empty `managementPolicies`.
  package let isPaused: Bool
  /// Bytes of JSON that the store keeps of it.
  package let byteCount: Int

  /// Reads a stored object of a kind.
  package init(_ object: StoredObject, kind: String) {
    key = ResourceKey(kind: kind, object: object.key)
    let root = try? JSONDocument(parsing: object.bytes).root
    let conditions = root?.at("status", "conditions")?.elements ?? []
    func state(_ type: String) -> State {
      guard let found = conditions.first(where: { $0["type"]?.string == type }) else {
        return State()
      }
      return State(
        status: found["status"]?.string ?? "Unknown", reason: found["reason"]?.string ?? "",
        message: found["message"]?.string,
        since: found["lastTransitionTime"]?.string.flatMap { Timestamp($0) })
    }
    ready = state(Condition.Kind.ready.rawValue)
    synced = state(Condition.Kind.synced.rawValue)
    externalName = object.annotations[Annotation.externalName].flatMap { $0.isEmpty ? nil : $0 }
    created = root?.at("metadata", "creationTimestamp")?.string.flatMap { Timestamp($0) }
    isDeleting = object.isDeleting
    isPaused =
      object.annotations[Annotation.paused] == "true"
      || synced.reason == Condition.Reason.reconcilePaused.rawValue
    byteCount = object.bytes.count
  }

  /// Whether it is as its owner wants it.
  package var isSettled: Bool { ready.isTrue && synced.isTrue && !isDeleting }

  /// Since when it is not as its owner wants it: the earliest of what its conditions say, or its
  /// creation while they say nothing. Nil when it is settled or paused.
  package var unsettledSince: Timestamp? {
    guard !isSettled, !isPaused else { return nil }
    let since = [ready, synced].filter { !$0.isTrue }.compactMap(\.since).min()
    return since ?? created
  }
}
