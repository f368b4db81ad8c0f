import Engine

/// The report for a ticket or a wiki.
package enum MarkdownReport {
  /// A section for each runbook.
  package static func text(of report: RunReport) -> String {
    var text = ""
    for runbook in report.runbooks {
      text += "## \(runbook.title): \(runbook.verdict.rawValue)\n\n"
      text += "\(report.target.context ?? report.target.namespace), \(runbook.startedAt.seconds), "
      text += "\(ReportText.seconds(runbook.milliseconds))\n\n"
      if let problem = report.target.problem, !report.target.isReachable {
        text += "**The API server is not reachable:** \(cell(problem))\n\n"
      }
      text += "| | Check | Finding | Cause |\n|---|---|---|---|\n"
      for check in runbook.checks {
        let details = ([check.outcome.message] + check.outcome.lines).map(cell)
        text += "| \(check.outcome.status.sign) | \(check.id) \(cell(check.title)) | "
        text += "\(details.joined(separator: "<br>")) | \(cell(check.outcome.cause ?? "")) |\n"
      }
      text += "\n"
      if let root = runbook.rootCause {
        text += "**Root cause:** \(cell(ReportText.rootCause(root)))\n\n"
      }
      for plan in runbook.plans {
        let state = plan.veto.map { "vetoed: \($0)" } ?? "risk \(plan.risk)"
        text += "- Plan `\(plan.id)` (\(cell(state))): \(cell(plan.why))\n"
        for step in plan.manual { text += "  - \(cell(step))\n" }
      }
      if !runbook.plans.isEmpty { text += "\n" }
      let calls = ReportText.escalations(runbook)
      if !calls.isEmpty { text += "**Escalate:** \(cell(calls))\n\n" }
      for item in runbook.evidence {
        text += "- Evidence \(item.id) `\(item.name)`, SHA-256 `\(item.sha256)`\n"
      }
      if !runbook.evidence.isEmpty { text += "\n" }
      text += "\(ReportText.counts(runbook))\n\n"
    }
    while text.hasSuffix("\n\n") { text.removeLast() }
    return text
  }

  /// A text that cannot break a table, nor bring markup of its own.
  private static func cell(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "|": result += "\\|"
      case "<": result += "&lt;"
      case "\n", "\r\n", "\r": result += " "
      default: result.append(character)
      }
    }
    return result
  }
}
