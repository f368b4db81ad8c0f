import Engine

/// Phrases that several formats share.
enum ReportText {
  static func seconds(_ milliseconds: Int64) -> String {
    milliseconds < 1000
      ? "\(milliseconds) ms" : "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
  }

  static func rootCause(_ root: RootCause) -> String {
    var text = root.check
    if let cause = root.cause { text += " \(cause)" }
    text += ": \(root.message)"
    if !root.victims.isEmpty { text += " (explains \(root.victims.joined(separator: ", ")))" }
    return text
  }

  static func counts(_ runbook: RunbookReport) -> String {
    let statuses: [(CheckStatus, String)] = [
      (.fail, "failed"), (.warn, "warned"), (.unknown, "unknown"), (.skip, "skipped"),
      (.pass, "passed"),
    ]
    return statuses.map { status, word in
      "\(runbook.checks.count { $0.outcome.status == status }) \(word)"
    }.joined(separator: " · ")
  }

  /// "Platform Team NOW (>20 %) · on-call in 18m".
  static func escalations(_ runbook: RunbookReport, isColoured: Bool = false) -> String {
    runbook.escalations.map { line in
      let wait =
        (line.due.millisecondsSince1970 - runbook.startedAt.millisecondsSince1970) / 1000
      var text = line.isDue ? "\(line.to) NOW" : "\(line.to) in \(duration(wait))"
      if isColoured, line.isDue { text = "\u{1B}[1;31m\(text)\u{1B}[0m" }
      if let why = line.why { text += " (\(why))" }
      if let contact = line.contact { text += " \(contact)" }
      return text
    }.joined(separator: " · ")
  }

  static func duration(_ seconds: Int64) -> String {
    switch seconds {
    case ..<60: "\(seconds)s"
    case ..<3600: "\((seconds + 59) / 60)m"
    case ..<86_400: "\(seconds / 3600)h \(seconds % 3600 / 60)m"
    default: "\(seconds / 86_400)d \(seconds % 86_400 / 3600)h"
    }
  }
}
