package import JSONValue

/// Something that is wrong with a script, found without running it.
package struct ScriptFinding: Sendable, Hashable {
  /// What kind of fault it is; the name is shown and can be searched for.
  package enum Kind: String, Sendable, CaseIterable {
    case syntax
    case load
    case undefinedGlobal = "undefined-global"
    case unknownModule = "unknown-module"
    case unknownFunction = "unknown-function"
    case unknownField = "unknown-field"
    case missingField = "missing-field"
    case wrongReturn = "wrong-return"
    case missingCapability = "missing-capability"
    case unusedLocal = "unused-local"

    /// Whether a script with such a fault may end while it is loaded.
    var stopsLoading: Bool {
      switch self {
      case .syntax, .undefinedGlobal, .unknownModule, .unknownFunction: true
      default: false
      }
    }
  }

  package let kind: Kind
  /// Relative to the scripts' directory.
  package let path: String
  package let position: LuaPosition
  /// In one line.
  package let message: String
  /// The line of the script, as it is; nil when there is none.
  package let sourceLine: String?
}

/// Renders findings.
package enum FindingReport {
  /// For people: place, message, the line, and a caret below the column.
  package static func text(_ findings: [ScriptFinding], scripts: Int) -> String {
    var text = ""
    for finding in findings {
      let position = finding.position
      text +=
        "\(finding.path):\(position.line):\(position.column): \(finding.message) "
        + "[\(finding.kind.rawValue)]\n"
      guard let line = finding.sourceLine else { continue }
      let number = "\(position.line)"
      let blanks = String(repeating: " ", count: number.count)
      // A tab before the column must be a tab in the caret's line too.
      let indent = line.prefix(position.column - 1).map { $0 == "\t" ? "\t" : " " }.joined()
      text += "  \(number) | \(line)\n  \(blanks) | \(indent)^\n"
    }
    let read = scripts == 1 ? "1 script" : "\(scripts) scripts"
    let found = findings.count == 1 ? "1 finding" : "\(findings.count) findings"
    return text + "\(read), \(found)\n"
  }

  /// For programs.
  package static func json(_ findings: [ScriptFinding], scripts: Int) -> JSONValue {
    [
      "scripts": .integer(Int64(scripts)),
      "findings": .array(
        findings.map {
          [
            "kind": .string($0.kind.rawValue), "path": .string($0.path),
            "line": .integer(Int64($0.position.line)),
            "column": .integer(Int64($0.position.column)), "message": .string($0.message),
            "source": $0.sourceLine.map { .string($0) } ?? .null,
          ]
        }),
    ]
  }

  /// GitHub's workflow commands, which it shows at the line.
  ///
  /// - Parameter folder: goes in front of each path, so that GitHub finds the file.
  package static func github(_ findings: [ScriptFinding], folder: String) -> String {
    findings.map { finding in
      GitHubAnnotation.error(
        file: folder + "/" + finding.path, line: finding.position.line,
        column: finding.position.column, title: finding.kind.rawValue, message: finding.message)
    }.joined()
  }
}
