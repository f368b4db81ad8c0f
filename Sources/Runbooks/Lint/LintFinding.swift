import Engine
package import JSONValue

/// Something that the runbooks and reality disagree about.
package struct LintFinding: Sendable, Hashable, Comparable {
  /// What kind of disagreement.
  package enum Rule: String, Sendable, Hashable, CaseIterable {
    case alertWithoutRunbook = "alert-without-runbook"
    case runbookWithoutAlert = "runbook-without-alert"
    case wrongRunbookURL = "wrong-runbook-url"
    case unknownMetric = "unknown-metric"
    case unknownLabel = "unknown-label"
    case unreachableThreshold = "unreachable-threshold"
    case missingRight = "missing-right"
  }

  package let rule: Rule
  package let file: String
  /// Counted from 1.
  package let line: Int
  package let message: String
  package let hint: String

  /// Makes a finding.
  package init(rule: Rule, file: String, line: Int, message: String, hint: String) {
    self.rule = rule
    self.file = file
    self.line = line
    self.message = message
    self.hint = hint
  }

  package static func < (left: LintFinding, right: LintFinding) -> Bool {
    (left.file, left.line, left.rule.rawValue, left.message)
      < (right.file, right.line, right.rule.rawValue, right.message)
  }

  /// For people.
  package var text: String { "\(file):\(line): \(message) [\(rule.rawValue)]\n    \(hint)\n" }

  /// For programs.
  package var json: JSONValue {
    [
      "rule": .string(rule.rawValue), "file": .string(file), "line": .integer(Int64(line)),
      "message": .string(message), "hint": .string(hint),
    ]
  }

  /// A workflow command, which GitHub shows at the line.
  package var github: String {
    GitHubAnnotation.error(
      file: file, line: line, title: rule.rawValue, message: "\(message). \(hint)")
  }
}
