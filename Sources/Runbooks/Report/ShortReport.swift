/// The report in a line for each runbook, and a line for each check that is not well.
package enum ShortReport {
  package static func text(of report: RunReport) -> String {
    var text = ""
    for runbook in report.runbooks {
      let sign = CheckStatus(rawValue: runbook.verdict.rawValue)?.sign ?? "?"
      text += "\(sign) \(runbook.id)  \(ReportText.counts(runbook))\n"
      for check in runbook.checks where [.fail, .warn].contains(check.outcome.status) {
        let cause = check.outcome.cause.map { " \($0)" } ?? ""
        text += "  \(check.outcome.status.sign) \(check.id)\(cause): \(check.outcome.message)\n"
      }
      let calls = ReportText.escalations(runbook)
      if !calls.isEmpty { text += "  ESCALATE \(calls)\n" }
    }
    if let root = report.rootCause { text += "root cause: \(ReportText.rootCause(root))\n" }
    if let problem = report.target.problem, !report.target.isReachable {
      text += "the API server is not reachable: \(problem)\n"
    }
    return text
  }
}
