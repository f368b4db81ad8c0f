import Engine
import JSONValue

/// The report for people at a terminal.
package struct TableReport: Sendable {
  private let isColoured: Bool

  package init(isColoured: Bool) {
    self.isColoured = isColoured
  }

  /// Every runbook with all its checks; at the end what it comes to.
  package func text(of report: RunReport) -> String {
    var text = ""
    for runbook in report.runbooks {
      text += head(of: runbook, in: report) + "\n\n"
      var category = ""
      for check in runbook.checks {
        if check.category != category {
          category = check.category
          text += bold(category) + "\n"
        }
        text += line(of: check)
      }
      text += "\n" + end(of: runbook)
      if report.runbooks.count > 1 { text += "\n" }
    }
    if report.runbooks.count > 1 { text += summary(of: report) }
    return text
  }

  private func head(of runbook: RunbookReport, in report: RunReport) -> String {
    var parts = [bold(runbook.title)]
    parts.append(report.target.context ?? report.target.namespace)
    if let alert = report.alert?["status"]?.stringValue { parts.append("alert \(alert)") }
    parts.append(ReportText.seconds(runbook.milliseconds))
    parts.append("read-only")
    var head = parts.joined(separator: " · ")
    if let problem = report.target.problem, !report.target.isReachable {
      head += "\n" + coloured("the API server is not reachable: \(problem)", .fail)
    }
    return head
  }

  private func line(of check: CheckReport) -> String {
    let outcome = check.outcome
    var message = outcome.message
    switch outcome.status {
    case .skip: message = "\(check.title)  skipped: \(outcome.message)"
    case .unknown: message = "\(check.title)  unknown: \(outcome.message)"
    case .pass, .warn, .fail: break
    }
    let sign = coloured(outcome.status.sign, outcome.status)
    let isBad = outcome.status == .fail || outcome.status == .warn
    let cause = outcome.cause.map { isBad ? "  cause: \($0)" : "" } ?? ""
    var text = "\(sign) \(message)  [\(check.id)]\(cause)\n"
    for line in outcome.lines { text += "    \(line)\n" }
    if isBad || outcome.status == .unknown, let hint = check.hint { text += "    → \(hint)\n" }
    if let other = check.explainedBy, isBad { text += "    explained by \(other)\n" }
    return text
  }

  private func end(of runbook: RunbookReport) -> String {
    var text = ""
    func row(_ name: String, _ value: String) {
      let blanks = String(repeating: " ", count: max(1, 12 - name.count))
      text += "\(bold(name))\(blanks)\(value)\n"
    }
    if let root = runbook.rootCause { row("Root cause", ReportText.rootCause(root)) }
    for (place, plan) in runbook.plans.filter({ $0.veto == nil }).enumerated() {
      row(
        place == 0 ? "Fix" : "",
        "[\(place + 1)] \(plan.id)  risk: \(plan.risk)  \(plan.command)")
      for step in plan.manual { text += "            \(step)\n" }
    }
    for plan in runbook.vetoes { row("Vetoed", "\(plan.id): \(plan.veto ?? "")") }
    let calls = ReportText.escalations(runbook, isColoured: isColoured)
    if !calls.isEmpty { row("ESCALATE", calls) }
    if !runbook.evidence.isEmpty {
      let bytes = runbook.evidence.reduce(0) { $0 + $1.bytes.count }
      row("Evidence", "\(runbook.evidence.count) items, \(bytes) bytes; --evidence DIR keeps them")
    }
    for fault in runbook.faults { text += coloured("script: \(fault)", .fail) + "\n" }
    return text + ReportText.counts(runbook) + "\n"
  }

  private func summary(of report: RunReport) -> String {
    var text = bold("Verdict") + "     "
    text += coloured(
      report.verdict.rawValue, CheckStatus(rawValue: report.verdict.rawValue) ?? .skip)
    text += "  (\(report.runbooks.count) runbooks, \(ReportText.seconds(report.milliseconds)))\n"
    if let root = report.rootCause {
      text += bold("Root cause") + "  \(root.runbook): \(ReportText.rootCause(root))\n"
    }
    return text
  }

  private func bold(_ text: String) -> String {
    isColoured && !text.isEmpty ? "\u{1B}[1m\(text)\u{1B}[0m" : text
  }

  private func coloured(_ text: String, _ status: CheckStatus) -> String {
    guard isColoured else { return text }
    let code =
      switch status {
      case .pass: 32
      case .warn: 33
      case .fail: 31
      case .skip: 90
      case .unknown: 35
      }
    return "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }
}
