/// Which of two ready keys is worked on first. A user never waits behind polls.
package enum WorkPriority: Int, Sendable, Comparable, CaseIterable {
  /// Somebody changed, made or deleted the object.
  case change
  /// What the object waited for has come: a reference, a rule, a token, the end of a rate limit.
  case dependency
  /// The periodic look.
  case poll

  package static func < (left: WorkPriority, right: WorkPriority) -> Bool {
    left.rawValue < right.rawValue
  }

  /// The value of the label `priority`.
  package var label: String {
    switch self {
    case .change: "change"
    case .dependency: "dependency"
    case .poll: "poll"
    }
  }
}
