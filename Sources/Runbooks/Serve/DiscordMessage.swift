package import JSONValue

/// A report as a message for people in a Discord channel.
package enum DiscordMessage {
  /// Discord's limit of `content` (developers/resources/webhook.mdx, Execute Webhook).
  package static let limit = 2_000

  /// The body for the webhook.
  ///
  /// - Parameter place: where the whole report is.
  package static func body(_ report: ReportSummary, job: RunbookJob, place: String) -> JSONValue {
    [
      "content": .string(content(report, job: job, place: place)),
      // What a report quotes must call nobody and unfold nothing.
      "allowed_mentions": ["parse": []], "flags": 4,
    ]
  }

  static func content(_ report: ReportSummary, job: RunbookJob, place: String) -> String {
    var lines = ["\(mark(report.verdict)) **\(plain(report.title))**: \(report.verdict)"]
    if let occasion = occasion(job, report) { lines.append(plain(occasion)) }
    if let cause = report.rootCause { lines.append("**Root cause** \(plain(cause))") }
    for escalation in report.escalations.prefix(5) {
      lines.append("**Escalate** \(plain(escalation))")
    }
    for fix in report.fixes.prefix(5) { lines.append("**Fix** `\(code(fix))`") }
    lines.append("Report: `\(code(place))`")
    var text = ""
    for line in lines {
      let next = SecretScanner.redacted(line) + "\n"
      guard text.utf16.count + next.utf16.count <= limit else {
        let room = limit - text.utf16.count - 2
        var used = 0
        text += next.prefix { character in
          used += character.utf16.count
          return used <= room
        }
        return text + "…"
      }
      text += next
    }
    return text
  }

  private static func mark(_ verdict: String) -> String {
    switch verdict {
    case "pass": "🟢"
    case "warn": "🟡"
    case "fail": "🔴"
    default: "⚪"
    }
  }

  private static func occasion(_ job: RunbookJob, _ report: ReportSummary) -> String? {
    guard let alert = job.alerts.first else { return nil }
    switch job.trigger {
    case .alert: return "\(alert.name) fires since \(alert.startsAt)"
    case .resolved:
      return report.verdict == "pass"
        ? "\(alert.name) has ended, and the checks agree"
        : "\(alert.name) has ended, but the checks do not agree"
    case .schedule: return nil
    }
  }

  /// Without Discord's formatting: a log line with `*` in it stays as it is.
  private static func plain(_ text: String) -> String {
    text.reduce(into: "") { plain, character in
      if "*_`~|\\<>[]".contains(character) { plain.append("\\") }
      plain.append(character.isNewline ? " " : character)
    }
  }

  private static func code(_ text: String) -> String {
    text.filter { $0 != "`" && !$0.isNewline }
  }
}
