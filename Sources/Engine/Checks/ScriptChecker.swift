import KubeWatch
package import LuaBridge

/// Checks the scripts of a directory without running a rule.
package struct ScriptChecker {
  private let own: [ScriptSource]
  private let cases: [ScriptSource]
  private let shipped: [ScriptSource]
  private let schemas: ResourceSchemas
  private let directory: String

  /// Reads a directory.
  ///
  /// - Parameters:
  ///   - shipped: the scripts that came with the binary.
  ///   - schemas: of the custom resources, for the fields of `ctx.spec.forProvider`.
  /// - Throws: `ScriptBundleError` when a file cannot be read.
  package init(directory: String, shipped: [ScriptSource], schemas: ResourceSchemas) throws {
    self.directory = directory
    self.shipped = shipped
    self.schemas = schemas
    own = try ScriptSource.read(directory: directory)
    cases = try ScriptSource.readCases(directory: directory)
  }

  /// How many scripts there are.
  package var count: Int { own.count + cases.count }

  /// Everything that is wrong, by file and place.
  package func findings() -> [ScriptFinding] {
    let names = Set(own.map(\.module))
    let libraries = shipped.filter { $0.module.hasPrefix("lib.") && !names.contains($0.module) }
    let modules = own + libraries + shipped.map(\.asShipped)
    let api = HostAPI(modules)
    let moduleNames = Set(modules.map(\.module))
    var findings: [ScriptFinding] = []
    let bundle: ScriptBundle?
    do {
      bundle = try ScriptBundle.load(directory: directory, shipped: shipped, cases: cases)
    } catch {
      bundle = nil
      findings += error.problems.map(finding)
    }
    for source in own + cases {
      var role = ScriptAnalysis.Role.other
      if source.module.hasPrefix("lib.") { role = .library }
      if source.module.hasPrefix("resources."), !source.path.hasSuffix("_cases.lua") {
        role = .rule(kind: nil, capabilities: nil)
        if let bundle { role = ruleRole(of: source, in: bundle, findings: &findings) }
      }
      var analysis = ScriptAnalysis(
        source: source, role: role, api: api, schemas: schemas, moduleNames: moduleNames)
      let found = analysis.run()
      // Our parser knows the column; liblua also sees what is wrong beyond the grammar.
      if found.contains(where: { $0.kind == .syntax }) {
        findings.removeAll { $0.path == source.path && $0.kind == .syntax }
      }
      // A script that does not load does so for a reason that was found with its column.
      if !found.isEmpty {
        findings.removeAll { $0.path == source.path && $0.kind == .load }
      }
      findings += found
    }
    return findings.sorted { ($0.path, $0.position) < ($1.path, $1.position) }
  }

  private func ruleRole(
    of source: ScriptSource, in bundle: ScriptBundle, findings: inout [ScriptFinding]
  ) -> ScriptAnalysis.Role {
    do {
      let rule = try Rule(module: source.module, in: bundle)
      return .rule(kind: rule.type.kind, capabilities: rule.capabilities)
    } catch let error as ScriptError {
      findings.append(
        ScriptFinding(
          kind: .load, path: error.path ?? source.path,
          position: LuaPosition(line: error.line ?? 1, column: 1),
          message: "the script does not load: \(error.message)", sourceLine: error.sourceLine))
    } catch {
      let message = (error as? RuleError)?.message ?? "\(error)"
      findings.append(
        ScriptFinding(
          kind: .load, path: source.path, position: LuaPosition(line: 1, column: 1),
          message: message, sourceLine: nil))
    }
    return .rule(kind: nil, capabilities: nil)
  }

  private func finding(_ problem: ScriptProblem) -> ScriptFinding {
    let line = problem.line ?? 1
    let text = (own + cases).first { $0.path == problem.path }?.text ?? []
    let lines = String(decoding: text, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
    let source = line >= 1 && line <= lines.count ? String(lines[line - 1]) : nil
    let column = (source?.prefix { $0 == " " || $0 == "\t" }.count ?? 0) + 1
    return ScriptFinding(
      kind: .syntax, path: problem.path, position: LuaPosition(line: line, column: column),
      message: problem.message, sourceLine: source)
  }
}
