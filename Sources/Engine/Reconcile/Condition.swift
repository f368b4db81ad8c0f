package import JSONValue

/// One entry of `status.conditions`.
package struct Condition: Sendable, Hashable {
  /// The two conditions that Crossplane's users look at.
  package enum Kind: String, Sendable {
    case ready = "Ready"
    case synced = "Synced"
  }

  /// Crossplane's reasons (`apis/common/v1/condition.go`).
  package enum Reason: String, Sendable {
    case available = "Available"
    case unavailable = "Unavailable"
    case creating = "Creating"
    case deleting = "Deleting"
    case reconcileSuccess = "ReconcileSuccess"
    case reconcileError = "ReconcileError"
    case reconcilePaused = "ReconcilePaused"
  }

  package let kind: Kind
  package let isTrue: Bool
  package let reason: Reason
  package let message: String?

  /// Makes a condition.
  package init(_ kind: Kind, _ isTrue: Bool, _ reason: Reason, message: String? = nil) {
    self.kind = kind
    self.isTrue = isTrue
    self.reason = reason
    self.message = message
  }

  package static let available = Condition(.ready, true, .available)
  package static let creating = Condition(.ready, false, .creating)
  package static let deleting = Condition(.ready, false, .deleting)
  package static let success = Condition(.synced, true, .reconcileSuccess)
  package static let paused = Condition(.synced, false, .reconcilePaused)

  /// The resource exists and can't be used.
  package static func unavailable(_ message: String?) -> Condition {
    Condition(.ready, false, .unavailable, message: message)
  }

  /// The last reconcile failed.
  package static func failure(_ message: String) -> Condition {
    Condition(.synced, false, .reconcileError, message: String(message.prefix(1024)))
  }
}

/// The status that an object is to have. Compared with the one it has, it gives the patch to write;
/// an empty one is not written.
package struct StatusDraft: Sendable {
  package var conditions: [Condition] = []
  /// Replaces `atProvider` when set.
  package var atProvider: JSONValue?
  /// Acknowledges a requested reconcile.
  package var handledRequest: String?

  /// Makes a draft that changes these conditions and leaves the others.
  package init(
    _ conditions: Condition..., atProvider: JSONValue? = nil, handledRequest: String? = nil
  ) {
    self.conditions = conditions
    self.atProvider = atProvider
    self.handledRequest = handledRequest
  }

  /// The merge patch for the status subresource; nil when nothing changes.
  ///
  /// `lastTransitionTime` moves only when the condition's status does, as Kubernetes asks.
  package func patch(
    over status: JSONValue, generation: Int64, now: Timestamp
  ) -> JSONValue? {
    var next = status
    var list = status["conditions"]?.arrayValue ?? []
    for condition in conditions {
      let place = list.firstIndex { $0["type"]?.stringValue == condition.kind.rawValue }
      let old = place.map { list[$0] }
      let new = render(condition, over: old, generation: generation, now: now)
      if let place { list[place] = new } else { list.append(new) }
    }
    next["conditions"] = .array(list)
    if let atProvider { next["atProvider"] = atProvider }
    if let handledRequest { next["lastHandledReconcileAt"] = .string(handledRequest) }
    let patch = JSONValue.mergePatch(from: status, to: next)
    return patch == [:] ? nil : ["status": patch]
  }

  private func render(
    _ condition: Condition, over old: JSONValue?, generation: Int64, now: Timestamp
  ) -> JSONValue {
    let status = condition.isTrue ? "True" : "False"
    let isSame =
      old?["status"]?.stringValue == status
      && old?["reason"]?.stringValue == condition.reason.rawValue
    var rendered: JSONValue = [
      "type": .string(condition.kind.rawValue), "status": .string(status),
      "reason": .string(condition.reason.rawValue), "observedGeneration": .integer(generation),
    ]
    rendered["lastTransitionTime"] =
      isSame ? old?["lastTransitionTime"] : .string(now.seconds)
    if let message = condition.message { rendered["message"] = .string(message) }
    return rendered
  }
}

/// Reading conditions back.
package enum StatusReading {
  /// The status (`True`, `False`) of a condition; nil when it is not there.
  package static func status(of kind: Condition.Kind, in status: JSONValue) -> String? {
    condition(kind, in: status)?["status"]?.stringValue
  }

  /// The reason of a condition; nil when it is not there.
  package static func reason(of kind: Condition.Kind, in status: JSONValue) -> String? {
    condition(kind, in: status)?["reason"]?.stringValue
  }

  private static func condition(_ kind: Condition.Kind, in status: JSONValue) -> JSONValue? {
    status["conditions"]?.arrayValue?.first { $0["type"]?.stringValue == kind.rawValue }
  }
}
