/// A runbook as markdown, from its script.
package enum RunbookPage {
  /// The whole page.
  package static func text(of runbook: RunbookDescription) -> String {
    var text = "# \(runbook.title)\n\n\(runbook.summary)\n\n"
    text += "| | |\n|---|---|\n"
    text += "| Runbook | `\(runbook.id)`, checks `\(runbook.code)-…` |\n"
    if !runbook.alerts.isEmpty {
      text += "| Alerts | \(runbook.alerts.map { "`\($0)`" }.joined(separator: ", ")) |\n"
    }
    text += "| Owner | \(runbook.owner) |\n| Reviewed | \(runbook.reviewed) |\n"
    text +=
      "| Asks | \(runbook.capabilities.sorted().map { "`\($0)`" }.joined(separator: ", ")) |\n\n"
    if !runbook.symptoms.isEmpty {
      text += "## Symptoms\n\n" + runbook.symptoms.map { "- \($0)\n" }.joined() + "\n"
    }
    text += "## Run it\n\n```console\nprovider-discord runbook run \(runbook.id)\n```\n\n"
    text += "## Checks\n\n| Check | What | Needs | By hand |\n|---|---|---|---|\n"
    for check in runbook.checks {
      let any = check.needsAnyOutcome && !check.needs.isEmpty ? " (any outcome)" : ""
      text +=
        "| \(check.id) | \(cell(check.title)) | \(check.needs.joined(separator: ", "))\(any) | "
      text += "\(cell(check.hint ?? "")) |\n"
    }
    if !runbook.thresholds.isEmpty {
      text += "\n## Thresholds\n\n| Name | Value | Unit | What |\n|---|---|---|---|\n"
      for threshold in runbook.thresholds {
        text += "| `\(threshold.name)` | \(number(threshold.standard)) | \(threshold.unit) | "
        text += "\(cell(threshold.text)) |\n"
      }
    }
    if !runbook.plans.isEmpty {
      text +=
        "\n## Fixes\n\nShown, rehearsed by the server, confirmed, verified, and can be taken back: "
      text += "[how](../runbook-fixes.md).\n\n"
      text +=
        "| What | Risk | Checked again by | `provider-discord runbook fix …` |\n|---|---|---|---|\n"
      for plan in runbook.plans {
        let input = plan.inputs.isEmpty ? "" : " --token-stdin"
        let when = plan.isOnRequest ? " (also without a finding)" : ""
        text +=
          "| \(cell(plan.title))\(when) | \(plan.risk) | \(plan.verify.joined(separator: ", ")) | "
        text += "`\(runbook.id)/\(plan.id)\(input)` |\n"
      }
    }
    if !runbook.escalations.isEmpty {
      text += "\n## Escalation\n\n"
      for rule in runbook.escalations { text += "- **\(rule.to)**: \(rule.when)\n" }
    }
    text += rights(of: runbook)
    for section in runbook.sections { text += "\n## \(section.title)\n\n\(section.text)\n" }
    return text
  }

  /// One check, for `explain`.
  package static func explanation(
    of check: CheckDescription, in runbook: RunbookDescription
  ) -> String {
    var text = "\(check.id) \(check.title)\n\n"
    text += "Runbook     \(runbook.id) (\(runbook.title))\n"
    text += "Category    \(check.category)\n"
    if !check.needs.isEmpty {
      text += "Needs       \(check.needs.joined(separator: ", "))"
      text += check.needsAnyOutcome ? ", whatever came of them\n" : "\n"
    }
    text += "Deadline    \(CheckGraph.text(check.timeout))\n"
    if !check.covers.isEmpty {
      text += "Stands for  \(check.covers.joined(separator: ", "))\n"
    }
    let plans = runbook.plans.filter { $0.verify.contains(check.id) }
    if !plans.isEmpty {
      text += "Fixes       "
      text += plans.map { "\($0.id) (risk \($0.risk))" }.joined(separator: ", ") + "\n"
    }
    if let hint = check.hint { text += "\nBy hand\n  \(hint)\n" }
    text += "\nRun it alone\n  provider-discord runbook run \(check.id)\n"
    return text
  }

  private static func rights(of runbook: RunbookDescription) -> String {
    guard !runbook.rights.isEmpty else { return "" }
    var text = "\n## Rights\n\n| Verb | Resource | Where | |\n|---|---|---|---|\n"
    for right in runbook.rights {
      let resource = right.subresource.map { "\(right.resource)/\($0)" } ?? right.resource
      let group = right.group.isEmpty ? "" : ".\(right.group)"
      let place =
        switch right.namespace {
        case nil: "the cluster"
        case ""?: "the provider's namespace"
        case let name?: name
        }
      text += "| \(right.verb) | \(resource)\(group) | \(place) | "
      text += "\(right.isOptional ? "optional" : "") |\n"
    }
    return text
  }

  private static func number(_ value: Double) -> String {
    Int64(exactly: value).map { "\($0)" } ?? "\(value)"
  }

  private static func cell(_ text: String) -> String {
    text.split(separator: "\n").joined(separator: " ").reduce(into: "") { result, character in
      if character == "|" { result.append("\\") }
      result.append(character)
    }
  }
}
