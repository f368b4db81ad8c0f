import JSONValue
import KubeWatch
package import LuaBridge

/// Checks the scripts of a directory without running a rule.
package struct ScriptChecker {
  private let directory: String?
  private let own: [ScriptSource]
  /// Of rules and of runbooks.
  private let cases: [ScriptSource]
  private let shipped: [ScriptSource]
  private let schemas: ResourceSchemas
  /// What is looked at; nil is everything.
  private let scope: ScriptScope?
  /// The scripts without their cases, when they are compiled already.
  private let compiled: ScriptBundle?
  /// Reads a runbook's description and throws what is wrong with it; nil leaves that unchecked.
  package var describeRunbook: (@Sendable (_ module: String, _ in: ScriptBundle) throws -> Void)?
  /// Reads a file of a runbook's cases, likewise.
  package var readRunbookCases:
    (@Sendable (_ file: ScriptSource, _ in: ScriptBundle) throws -> Void)?

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
    scope = nil
    compiled = nil
    own = try ScriptSource.read(directory: directory)
    cases =
      try ScriptSource.readCases(directory: directory)
      + ScriptSource.readCases(directory: directory, folder: "runbooks")
  }

  /// Checks scripts that have been read, as far as they can do something else than the shipped ones:
  /// a saved rule must not wait for what was checked before it was shipped.
  init(_ candidate: ScriptCandidate, schemas: ResourceSchemas) {
    directory = nil
    own = candidate.own
    cases = candidate.cases
    shipped = candidate.shipped
    self.schemas = schemas
    scope = ScriptScope(candidate)
    compiled = candidate.bundle
  }

  /// How many scripts there are.
  package var count: Int { own.count + cases.count }

  /// Everything that is wrong, by file and place.
  package func findings() -> [ScriptFinding] {
    let names = Set(own.map(\.module))
    let libraries = shipped.filter { $0.module.hasPrefix("lib.") && !names.contains($0.module) }
    let modules = own + libraries + shipped.map(\.asShipped)
    let api = HostAPI(modules.filter { scope?.required.contains($0.module) ?? true })
    let moduleNames = Set(modules.map(\.module))
    var findings: [ScriptFinding] = []
    if let directory, own.allSatisfy({ $0.module.hasPrefix("lib.") }) {
      findings.append(
        ScriptFinding(
          kind: .load, path: directory, position: LuaPosition(line: 1, column: 1),
          message: "neither resources/ nor runbooks/ has a script", sourceLine: nil))
    }
    let bundle: ScriptBundle?
    do {
      if let compiled, cases.isEmpty {
        bundle = compiled
      } else {
        bundle = try ScriptBundle.assemble(
          own: own, shipped: shipped, cases: cases, reusing: compiled.map { [$0] } ?? [])
      }
    } catch {
      bundle = nil
      findings += error.problems.map(finding)
    }
    for source in own + cases where scope?.checked.contains(source.module) ?? true {
      var found: [ScriptFinding] = []
      let role = role(of: source, in: bundle, findings: &found)
      var analysis = ScriptAnalysis(
        source: source, role: role, api: api, schemas: schemas, moduleNames: moduleNames)
      let seen = analysis.run()
      // Our parser knows the column; liblua also sees what is wrong beyond the grammar.
      if seen.contains(where: { $0.kind == .syntax }) {
        findings.removeAll { $0.path == source.path && $0.kind == .syntax }
      }
      // A script that does not load does so for a reason that was found with its column.
      if seen.contains(where: { $0.kind.stopsLoading }) {
        found.removeAll { $0.path == source.path && $0.kind == .load }
      }
      findings += found + seen
    }
    return findings.sorted { ($0.path, $0.position) < ($1.path, $1.position) }
  }

  /// What a script is. A rule and a file of cases are loaded, which may tell more.
  private func role(
    of source: ScriptSource, in bundle: ScriptBundle?, findings: inout [ScriptFinding]
  ) -> ScriptAnalysis.Role {
    if source.module.hasPrefix("lib.") { return .library }
    let isCases = source.path.hasSuffix("_cases.lua")
    if source.module.hasPrefix("runbooks.") {
      guard isCases else { return runbookRole(of: source, in: bundle, findings: &findings) }
      do {
        if let bundle { try readRunbookCases?(source, bundle) }
      } catch {
        addCaseFinding(error, of: source, to: &findings)
      }
      return .other
    }
    guard source.module.hasPrefix("resources.") else { return .other }
    guard let bundle else { return isCases ? .other : .rule(kind: nil, capabilities: nil) }
    do {
      if isCases {
        _ = try CaseFile(source, in: bundle)
        return .other
      }
      let rule = try Rule(module: source.module, in: bundle)
      return .rule(kind: rule.type.kind, capabilities: rule.capabilities)
    } catch {
      guard isCases else {
        findings.append(loadFinding(error, of: source))
        return .rule(kind: nil, capabilities: nil)
      }
      addCaseFinding(error, of: source, to: &findings)
    }
    return .other
  }

  /// That the rule or the runbook of some cases does not load is said where that is.
  private func addCaseFinding(
    _ error: any Error, of source: ScriptSource, to findings: inout [ScriptFinding]
  ) {
    let finding = loadFinding(error, of: source)
    let isOfCases = error is CaseFileError || error is ScriptError
    if isOfCases, finding.path == source.path { findings.append(finding) }
  }

  private func runbookRole(
    of source: ScriptSource, in bundle: ScriptBundle?, findings: inout [ScriptFinding]
  ) -> ScriptAnalysis.Role {
    guard let bundle else { return .runbook(capabilities: nil) }
    do {
      try describeRunbook?(source.module, bundle)
      let table = try bundle.describe(source.module)
      let names = table["capabilities"]?.arrayValue?.compactMap(\.stringValue) ?? []
      return .runbook(capabilities: Set(names))
    } catch {
      findings.append(loadFinding(error, of: source))
      return .runbook(capabilities: nil)
    }
  }

  /// A script that does not load, at the place where its author can mend it.
  private func loadFinding(_ error: any Error, of source: ScriptSource) -> ScriptFinding {
    let table = (try? LuaParser.parse(source.text)).map { LuaModule($0.0) }
    var position = table?.place(of: nil, element: nil, text: nil)
    var message = "\(error)"
    var path = source.path
    if let error = error as? ScriptError {
      message = "the script does not load: \(error.message)"
      path = error.path ?? path
      if let line = error.line { position = start(of: line, in: path) }
    } else if let error = error as? RuleError {
      message = error.message
      position = table?.place(of: error.field, element: error.element, text: error.text)
    } else if let error = error as? CaseFileError, let place = Self.place(of: error, in: source) {
      position = place
    }
    let place = position ?? LuaPosition(line: 1, column: 1)
    return ScriptFinding(
      kind: .load, path: path, position: place, message: message,
      sourceLine: line(place.line, of: path))
  }

  /// Where a file of cases has the name of the case that cannot be run.
  private static func place(of error: CaseFileError, in source: ScriptSource) -> LuaPosition? {
    var lexer = LuaLexer(source.text)
    while let token = try? lexer.next(), token.kind != .end {
      if case .string(let text) = token.kind, error.description.hasPrefix("\"\(text)\":") {
        return token.position
      }
    }
    return nil
  }

  private func finding(_ problem: ScriptProblem) -> ScriptFinding {
    let position = start(of: problem.line ?? 1, in: problem.path)
    return ScriptFinding(
      kind: .syntax, path: problem.path, position: position, message: problem.message,
      sourceLine: line(position.line, of: problem.path))
  }

  /// Where the text of a line begins.
  private func start(of number: Int, in path: String) -> LuaPosition {
    let indent = line(number, of: path)?.prefix { $0 == " " || $0 == "\t" }.count ?? 0
    return LuaPosition(line: number, column: indent + 1)
  }

  /// A line as its author wrote it; nil when there is none.
  private func line(_ number: Int, of path: String) -> String? {
    guard let text = (own + cases).first(where: { $0.path == path })?.text else { return nil }
    let lines = String(decoding: text, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
    return number >= 1 && number <= lines.count ? String(lines[number - 1]) : nil
  }
}
