import JSONValue

/// How a report is printed.
package enum ReportFormat: String, Sendable, Hashable, CaseIterable {
  case table, short, json, junit, markdown

  /// The report in this format, with a newline at its end.
  ///
  /// - Parameter isTerminal: whether colours are understood.
  package func text(of report: RunReport, isTerminal: Bool) -> String {
    switch self {
    case .table: TableReport(isColoured: isTerminal).text(of: report)
    case .short: ShortReport.text(of: report)
    case .json: JSONReport.value(of: report).serializedText(pretty: true) + "\n"
    case .junit: JUnitReport.text(of: report)
    case .markdown: MarkdownReport.text(of: report)
    }
  }
}
