import Engine

/// The report as JUnit's XML: a suite for each runbook, a case for each check.
package enum JUnitReport {
  /// The XML document.
  package static func text(of report: RunReport) -> String {
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
    for runbook in report.runbooks {
      func count(_ status: CheckStatus) -> Int {
        runbook.checks.count { $0.outcome.status == status }
      }
      text +=
        "  <testsuite name=\"\(XMLText.escaped(runbook.id))\" tests=\"\(runbook.checks.count)\" "
      text += "failures=\"\(count(.fail) + count(.warn))\" errors=\"\(count(.unknown))\" "
      text += "skipped=\"\(count(.skip))\" time=\"\(seconds(runbook.milliseconds))\">\n"
      for check in runbook.checks { text += line(of: check, in: runbook) }
      text += "  </testsuite>\n"
    }
    return text + "</testsuites>\n"
  }

  private static func line(of check: CheckReport, in runbook: RunbookReport) -> String {
    let name = XMLText.escaped("\(check.id) \(check.title)")
    let head =
      "    <testcase classname=\"\(XMLText.escaped(runbook.id))\" name=\"\(name)\" "
      + "time=\"\(seconds(check.milliseconds))\""
    let message = XMLText.escaped(check.outcome.message)
    let type = XMLText.escaped(check.outcome.cause ?? check.outcome.status.rawValue)
    let lines = XMLText.escaped(check.outcome.lines.joined(separator: "\n"))
    switch check.outcome.status {
    case .pass: return head + "/>\n"
    case .skip: return head + "><skipped message=\"\(message)\"/></testcase>\n"
    case .unknown:
      return head + "><error type=\"\(type)\" message=\"\(message)\"/></testcase>\n"
    case .warn, .fail:
      return head
        + "><failure type=\"\(type)\" message=\"\(message)\">\(lines)</failure></testcase>\n"
    }
  }

  private static func seconds(_ milliseconds: Int64) -> String {
    let rest = milliseconds % 1000
    return "\(milliseconds / 1000)." + (rest < 10 ? "00" : rest < 100 ? "0" : "") + "\(rest)"
  }
}
