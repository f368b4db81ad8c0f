/// What new scripts go through before they are live, in this order.
package enum DeploymentStage: String, Sendable, Hashable, CaseIterable {
  /// They are read and compile, and the rules describe themselves as they must.
  case compile
  /// `scripts check` finds nothing that is broken.
  case check
  /// The cases beside them pass.
  case cases
  /// They are run over all that is in the store, writing nothing.
  case shadow
}

/// How a stage ended.
package enum DeploymentResult: String, Sendable, Hashable, CaseIterable {
  case passed
  case refused
  /// An approval is needed.
  case waiting
}
