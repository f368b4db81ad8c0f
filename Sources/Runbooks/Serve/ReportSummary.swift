package import JSONValue
package import KubeWatch

/// What `serve` passes on of a report.
package struct ReportSummary: Sendable, Hashable {
  package let runbook: String
  package let title: String
  /// `pass`, `warn`, `fail` or `unknown`.
  package let verdict: String
  /// The root cause in one sentence, with the check's id; nil when nothing fails.
  package let rootCause: String?
  /// Commands that would help.
  package let fixes: [String]
  /// Whom to call, and when.
  package let escalations: [String]
  package let markdown: String
  package let json: JSONValue
  /// RFC 3339.
  package let startedAt: String
  /// In seconds.
  package let duration: Double
  /// The provider's Deployment as the run found it; nil when it looked for none.
  package let deployment: ObjectKey?

  /// Makes a summary.
  package init(
    runbook: String, title: String, verdict: String, rootCause: String? = nil,
    fixes: [String] = [], escalations: [String] = [], markdown: String = "",
    json: JSONValue = [:], startedAt: String = "", duration: Double = 0,
    deployment: ObjectKey? = nil
  ) {
    self.runbook = runbook
    self.title = title
    self.verdict = verdict
    self.rootCause = rootCause
    self.fixes = fixes
    self.escalations = escalations
    self.markdown = markdown
    self.json = json
    self.startedAt = startedAt
    self.duration = duration
    self.deployment = deployment
  }
}
