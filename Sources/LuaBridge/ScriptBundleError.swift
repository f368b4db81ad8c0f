/// One thing that is wrong with a script before it runs.
package struct ScriptProblem: Sendable, Hashable, CustomStringConvertible {
  package var path: String
  package var line: Int?
  package var message: String

  package init(path: String, line: Int?, message: String) {
    self.path = path
    self.line = line
    self.message = message
  }

  /// "resources/channel.lua:14: message"
  package var description: String {
    line.map { "\(path):\($0): \(message)" } ?? "\(path): \(message)"
  }
}

/// All that keeps a set of scripts from being a bundle.
package struct ScriptBundleError: Error, Sendable, Hashable, CustomStringConvertible {
  package var problems: [ScriptProblem]

  package init(problems: [ScriptProblem]) {
    self.problems = problems
  }

  /// One problem a line.
  package var description: String {
    problems.map(\.description).joined(separator: "\n")
  }
}
