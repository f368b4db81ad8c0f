/// Why a reconcile did not end well, in the terms of the object's owner.
package struct ReconcileProblem: Error, Sendable {
  /// What is to happen with the key.
  package enum Retry: Sendable, Hashable {
    /// Come back after the queue's growing backoff, and not before this time.
    case backoff(atLeast: Duration)
    /// Come back after this time; not the object's fault.
    case later(Duration)
    /// Another try is pointless until the object, its ProviderConfig or a rule changes; a poll is
    /// enough.
    case poll
    /// The create's outcome is unknown and a person must decide.
    case stop
  }

  /// The reason of the Event, one of Crossplane's, e.g. `CannotObserveExternalResource`.
  package let eventReason: String
  /// What is wrong and what to do; goes into `Synced=False` and the Event.
  package let message: String
  package let retry: Retry
  /// Whether the wait is part of normal work, so that neither condition nor Event is due.
  package let isQuiet: Bool
  /// Whether Discord or the rule said no to this very request: an announced create has then ended.
  package let isRefusal: Bool
  /// Whether the log has the cause already, once for all objects that it stops: a line for each at each
  /// try would bury it.
  package let isLoggedOnce: Bool

  /// Makes a problem.
  package init(
    _ eventReason: String, _ message: String, retry: Retry = .backoff(atLeast: .zero),
    isQuiet: Bool = false, isRefusal: Bool = false, isLoggedOnce: Bool = false
  ) {
    self.eventReason = eventReason
    self.message = message
    self.retry = retry
    self.isQuiet = isQuiet
    self.isRefusal = isRefusal
    self.isLoggedOnce = isLoggedOnce
  }
}

/// The Event reasons of crossplane-runtime's managed reconciler.
package enum EventReason {
  package static let cannotConnect = "CannotConnectToProvider"
  package static let cannotInitialize = "CannotInitializeManagedResource"
  package static let cannotResolve = "CannotResolveResourceReferences"
  package static let cannotObserve = "CannotObserveExternalResource"
  package static let cannotCreate = "CannotCreateExternalResource"
  package static let cannotUpdate = "CannotUpdateExternalResource"
  package static let cannotDelete = "CannotDeleteExternalResource"
  package static let invalidPolicy = "CannotUseInvalidManagementPolicy"
  package static let created = "CreatedExternalResource"
  package static let updated = "UpdatedExternalResource"
  package static let deleted = "DeletedExternalResource"
  package static let paused = "ReconciliationPaused"
  package static let requestHandled = "ReconcileRequestHandled"

  /// The reason for a failure of one of a rule's functions.
  package static func cannot(_ function: String) -> String {
    switch function {
    case "create": cannotCreate
    case "update": cannotUpdate
    case "delete": cannotDelete
    default: cannotObserve
    }
  }
}
