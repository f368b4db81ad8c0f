package import LuaBridge

/// The runbooks of a scripts' directory and those that came with the binary: a file of the same name
/// replaces ours.
package struct RunbookLibrary: Sendable {
  package let bundle: ScriptBundle
  /// By title.
  package let runbooks: [RunbookDescription]

  /// A library that cannot be used as a whole.
  package struct LoadError: Error, Sendable, CustomStringConvertible {
    /// One line for each thing that is wrong.
    package let description: String
  }

  /// Loads and reads all runbooks.
  ///
  /// - Parameters:
  ///   - directory: laid out as `scripts/`; nil for the shipped runbooks alone.
  ///   - shipped: the scripts that came with the binary.
  /// - Throws: `ScriptBundleError` when a script does not compile, `LoadError` naming what is wrong
  ///   in which runbook.
  package init(directory: String?, shipped: [ScriptSource]) throws {
    let own = try directory.map { directory throws(ScriptBundleError) in
      try ScriptSource.read(directory: directory)
    }
    try self.init(sources: own ?? [], shipped: shipped)
  }

  /// Loads and reads all runbooks.
  ///
  /// - Parameter sources: a team's own scripts.
  package init(sources: [ScriptSource], shipped: [ScriptSource]) throws {
    let names = Set(sources.map(\.module))
    let ours = shipped.filter {
      !names.contains($0.module)
        && ($0.module.hasPrefix("lib.") || $0.module.hasPrefix("runbooks."))
    }
    // Rules are not needed here, and must not keep a runbook from running.
    let own = sources.filter { !$0.module.hasPrefix("resources.") }
    try self.init(bundle: ScriptBundle(sources: own + ours + shipped.map(\.asShipped)))
  }

  /// Reads all modules `runbooks.*` of a bundle.
  package init(bundle: ScriptBundle) throws {
    self.bundle = bundle
    var found: [RunbookDescription] = []
    var problems: [String] = []
    for module in bundle.modules.sorted() where module.hasPrefix("runbooks.") {
      do {
        found.append(try RunbookDescription(module: module, in: bundle))
      } catch {
        problems.append("\(error)")
      }
    }
    problems += Self.clashes(of: found)
    guard problems.isEmpty else {
      throw LoadError(description: problems.joined(separator: "\n"))
    }
    guard !found.isEmpty else {
      throw LoadError(description: "there is no runbook: runbooks/ has no script")
    }
    runbooks = found
  }

  private static func clashes(of runbooks: [RunbookDescription]) -> [String] {
    var problems: [String] = []
    var seen: [String: String] = [:]
    for runbook in runbooks {
      for name in ["id \(runbook.id)", "code \(runbook.code)"]
        + runbook.alerts.map({ "alert \($0)" })
      {
        if let other = seen.updateValue(runbook.module, forKey: name) {
          problems.append("\(runbook.module): the \(name) is already that of \(other)")
        }
      }
    }
    return problems
  }

  /// The runbook with an id, a code, or a module's name.
  package func runbook(_ name: String) -> RunbookDescription? {
    runbooks.first {
      $0.id == name || $0.code == name.uppercased() || $0.module == "runbooks.\(name)"
    }
  }

  /// The runbook and the check with this id.
  package func check(_ id: String) -> (RunbookDescription, CheckDescription)? {
    for runbook in runbooks {
      if let check = runbook.check(id.uppercased()) { return (runbook, check) }
    }
    return nil
  }

  /// The runbook that answers an alert.
  package func runbook(forAlert alert: String) -> RunbookDescription? {
    runbooks.first { $0.alerts.contains(alert) }
  }
}
