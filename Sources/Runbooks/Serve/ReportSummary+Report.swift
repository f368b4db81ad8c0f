import Engine
import KubeWatch

extension ReportSummary {
  /// What `serve` passes on of a run of one runbook; nil for a run of none.
  package init?(_ run: RunReport) {
    guard let report = run.runbooks.first else { return nil }
    self.init(
      runbook: report.id, title: report.title, verdict: report.verdict.rawValue,
      rootCause: report.rootCause.map { "\($0.check): \($0.message)" },
      fixes: report.plans.filter { $0.veto == nil && !$0.operations.isEmpty }.map(\.command),
      escalations: report.escalations.map { line in
        let who = line.contact.map { "\(line.to) (\($0))" } ?? line.to
        let when = line.isDue ? "now" : "at \(line.due.seconds)"
        return "\(who) \(when)" + (line.why.map { ": \($0)" } ?? "")
      },
      markdown: MarkdownReport.text(of: run), json: JSONReport.value(of: run),
      startedAt: report.startedAt.seconds, duration: Double(report.milliseconds) / 1000,
      deployment: ObjectKey(namespace: run.target.namespace, name: run.target.deployment))
  }
}
