import Yams

/// The alerts of a rule file of Prometheus, of a PrometheusRule, or of a chart's rendered manifest.
package struct AlertRules: Sendable {
  /// An alert.
  package struct Alert: Sendable, Hashable {
    package let name: String
    package let expression: String
    package let runbookURL: String?
    /// Counted from 1.
    package let line: Int
  }

  package let alerts: [Alert]
  /// The file, as findings name it.
  package let file: String

  /// Reads a file of one or more YAML documents.
  ///
  /// - Throws: `RemediationError` when it is no YAML, or has no alert.
  package init(yaml text: String, file: String) throws {
    var alerts: [Alert] = []
    for document in try ManifestNodes.read(text, file: file) {
      Self.collect(document, into: &alerts)
    }
    guard !alerts.isEmpty else {
      throw RemediationError("\(file) has no alert: give rendered rules, not a template")
    }
    self.alerts = alerts
    self.file = file
  }

  private static func collect(_ node: Node, into alerts: inout [Alert]) {
    switch node {
    case .mapping(let mapping):
      if let name = mapping["alert"]?.scalar?.string, let expression = mapping["expr"] {
        alerts.append(
          Alert(
            name: name, expression: expression.scalar?.string ?? "",
            runbookURL: mapping["annotations"]?.mapping?["runbook_url"]?.scalar?.string,
            line: mapping["alert"]?.mark?.line ?? 1))
        return
      }
      for (_, child) in mapping { collect(child, into: &alerts) }
    case .sequence(let sequence): for child in sequence { collect(child, into: &alerts) }
    case .scalar, .alias: break
    }
  }
}
