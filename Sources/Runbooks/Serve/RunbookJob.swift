/// One run of a runbook that `serve` owes somebody.
package struct RunbookJob: Sendable, Hashable {
  /// Why it runs.
  package enum Trigger: String, Sendable, Hashable, CaseIterable {
    /// An alert fires.
    case alert
    /// An alert has ended: is it true?
    case resolved
    /// It is time again.
    case schedule
  }

  /// Counted from 1.
  package let number: Int
  package let runbook: String
  package let trigger: Trigger
  /// The alerts that it answers; the first is the one that the runbook sees.
  package internal(set) var alerts: [Alert]
}
