package import JSONValue

/// What one check returned.
package struct Outcome: Sendable, Hashable {
  package var status: CheckStatus
  package var message: String
  /// Dotted words that stay the same, e.g. `auth.401`.
  package var cause: String?
  /// Ids of checks that fail because of this one.
  package var explains: [String] = []
  /// What was measured, for programs.
  package var observed: JSONValue?
  /// What it was held against.
  package var threshold: JSONValue?
  /// Further lines for people.
  package var lines: [String] = []
  /// Ids of evidence.
  package var evidence: [String] = []
  /// Ids of plans of the runbook that would help.
  package var plans: [String] = []
  package var escalations: [EscalationRequest] = []
  /// Replaces the check's own hint.
  package var hint: String?
  /// A bug of the script that made this outcome, with file and line.
  package var scriptFault: String?

  /// An outcome with nothing but its message.
  package init(_ status: CheckStatus, _ message: String) {
    self.status = status
    self.message = message
  }
}

/// Whom a check wants to be called, and when.
package struct EscalationRequest: Sendable, Hashable {
  /// A name of the contacts.
  package let to: String
  /// Seconds that the condition may last before.
  package let after: Int64
  /// When the condition began, in milliseconds since 1970; nil for the time of the report.
  package let since: Int64?
  package let why: String?

  /// Makes a request.
  package init(to: String, after: Int64, since: Int64?, why: String?) {
    self.to = to
    self.after = after
    self.since = since
    self.why = why
  }
}
