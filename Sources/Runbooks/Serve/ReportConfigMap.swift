package import JSONValue

/// The ConfigMap that keeps a runbook's last report and its history: one for each runbook, however
/// often it runs, and far below the API server's limit of 1 MiB.
package enum ReportConfigMap {
  static let reportLimit = 256 << 10
  static let markdownLimit = 128 << 10
  static let historyLimit = 50
  private static let lineLimit = 300

  /// The ConfigMap's name.
  package static func name(_ runbook: String) -> String { "provider-discord-runbook-\(runbook)" }

  /// The whole object, for server-side apply.
  ///
  /// - Parameter history: what the ConfigMap has under `history` so far.
  package static func body(
    _ report: ReportSummary, trigger: RunbookJob.Trigger, namespace: String, history: String?
  ) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "ConfigMap",
      "metadata": [
        "name": .string(name(report.runbook)), "namespace": .string(namespace),
        "labels": [
          "app.kubernetes.io/part-of": "provider-discord",
          "app.kubernetes.io/component": "runbook-report",
        ],
      ],
      "data": [
        "verdict": .string(report.verdict), "report.json": .string(json(report)),
        "report.md": .string(
          shortened(SecretScanner.redacted(report.markdown), to: markdownLimit)),
        "history": .string(extended(history, report, trigger)),
      ],
    ]
  }

  private static func json(_ report: ReportSummary) -> String {
    let text = SecretScanner.redacted(report.json.serializedText(pretty: true))
    guard text.utf8.count > reportLimit else { return text }
    let short: JSONValue = [
      "schema": report.json["schema"] ?? .null, "id": .string(report.runbook),
      "verdict": .string(report.verdict), "startedAt": .string(report.startedAt),
      "truncated": .string(
        "the report has \(text.utf8.count) bytes; run the runbook for all of it"),
      "rootCause": report.rootCause.map { .string(SecretScanner.redacted($0)) } ?? .null,
    ]
    return short.serializedText(pretty: true)
  }

  private static func extended(
    _ history: String?, _ report: ReportSummary, _ trigger: RunbookJob.Trigger
  ) -> String {
    let cause = report.rootCause.map { " · \(SecretScanner.redacted($0))" } ?? ""
    let line = "\(report.startedAt) \(trigger.rawValue) \(report.verdict)\(cause)"
      .split(whereSeparator: \.isNewline).joined(separator: " ")
    let old = (history ?? "").split(separator: "\n").map { String($0.prefix(lineLimit)) }
    return ([String(line.prefix(lineLimit))] + old).prefix(historyLimit).joined(separator: "\n")
      + "\n"
  }

  private static func shortened(_ text: String, to limit: Int) -> String {
    guard text.utf8.count > limit else { return text }
    var bytes = 0
    let kept = text.prefix { character in
      bytes += character.utf8.count
      return bytes <= limit - 64
    }
    return kept + "\n\n… shortened: run the runbook for all of it\n"
  }
}
