package import Engine
import JSONValue
package import LuaBridge

/// All cases of a scripts' directory that are about runbooks: files `runbooks/NAME_cases.lua`, and
/// recordings `runbooks/recordings/NAME.json`.
package struct RunbookCaseSuite: Sendable {
  private struct File: Sendable {
    let source: ScriptSource
    let runbook: RunbookDescription
    let cases: [RunbookCase]
    let lines: CaseLines

    var name: String { String(source.module.split(separator: ".").last ?? "") }
  }

  private let files: [File]
  private let recordings: [RecordedCase]
  private let production: ScriptBundle
  /// All scripts, with the files of cases.
  package let bundle: ScriptBundle
  private let broken: [CaseSuite.BrokenFile]

  /// Loads runbooks and cases of a directory.
  ///
  /// - Parameters:
  ///   - shipped: the scripts that came with the binary.
  ///   - others: bundles whose modules need not be compiled again.
  /// - Throws: `ScriptBundleError` when a script does not compile.
  package init(
    directory: String, shipped: [ScriptSource], reusing others: [ScriptBundle] = []
  ) throws {
    let cases = try ScriptSource.readCases(directory: directory, folder: "runbooks")
    let own = try ScriptSource.read(directory: directory)
    production = try ScriptBundle.assemble(own: own, shipped: shipped, reusing: others)
    let bundle = try ScriptBundle.assemble(
      own: own, shipped: shipped, cases: cases, reusing: [production] + others)
    var files: [File] = []
    var broken: [CaseSuite.BrokenFile] = []
    for source in cases {
      do {
        files.append(try Self.file(source, in: bundle))
      } catch {
        broken.append(CaseSuite.BrokenFile(path: source.path, message: "\(error)"))
      }
    }
    var recordings: [RecordedCase] = []
    for (name, bytes) in try ScriptSource.readRecordings(
      directory: directory, folder: RecordedCase.folder)
    {
      let path = "\(RecordedCase.folder)/\(name).json"
      do throws(CaseFileError) {
        recordings.append(try RecordedCase(name: name, path: path, bytes: bytes))
      } catch {
        broken.append(CaseSuite.BrokenFile(path: path, message: "\(error)"))
      }
    }
    self.bundle = bundle
    self.files = files
    self.recordings = recordings
    self.broken = broken
  }

  /// How many cases there are.
  package var count: Int { files.reduce(recordings.count) { $0 + $1.cases.count } }

  /// Reads a file of cases.
  ///
  /// - Throws: `CaseFileError` for what is wrong in it, `RunbookError` when its runbook is wrong.
  package static func read(_ source: ScriptSource, in bundle: ScriptBundle) throws {
    _ = try file(source, in: bundle)
  }

  private static func file(_ source: ScriptSource, in bundle: ScriptBundle) throws -> File {
    let content = try bundle.describe(source.module, limits: ScriptLimits())
    guard let module = content["runbook"]?.stringValue, bundle.modules.contains(module) else {
      throw CaseFileError(
        "the file must end with return { runbook = \"runbooks.…\", cases = … }, naming a module "
          + "that exists")
    }
    let runbook = try RunbookDescription(module: module, in: bundle)
    guard let list = content["cases"]?.arrayValue, !list.isEmpty else {
      throw CaseFileError("the file has no cases")
    }
    var cases: [RunbookCase] = []
    var names: Set<String> = []
    for (offset, value) in list.enumerated() {
      let one = try RunbookCase(value, number: offset + 1, of: runbook)
      guard names.insert(one.name).inserted else {
        throw CaseFileError("two cases have the name \"\(one.name)\"")
      }
      cases.append(one)
    }
    return File(
      source: source, runbook: runbook, cases: cases, lines: CaseLines(of: names, in: source))
  }

  /// Runs cases.
  ///
  /// - Parameters:
  ///   - filter: a part of "FILE: NAME", in whatever letter case; nil for all cases.
  ///   - change: leaves out the files that it does not affect.
  ///   - coverage: gets the lines that run; the rules' report shows them.
  package func run(
    filter: String? = nil, after change: ScriptChange = .everything,
    limits: ScriptLimits = ScriptLimits(), coverage: ScriptCoverage? = nil
  ) async -> CaseReport {
    let start = ContinuousClock.now
    let affected = files.filter { change.mayAffect([$0.source.module, $0.runbook.module]) }
    let replayed = recordings.filter { change.mayAffect($0.modules) }
    let untouched = Set(files.map(\.source.path) + recordings.map(\.path))
      .subtracting(affected.map(\.source.path) + replayed.map(\.path))
    let isWanted: @Sendable (String) -> Bool = { label in
      filter.map { label.lowercased().contains($0.lowercased()) } ?? true
    }
    let results = await withTaskGroup(of: (Int, [CaseResult]).self) { group in
      // These first: each is a run of whole runbooks, and the last to end would be waited for alone.
      for (place, one) in replayed.enumerated() where isWanted("recordings: \(one.name)") {
        group.addTask {
          (affected.count + place, [await replay(one, limits: limits, coverage: coverage)])
        }
      }
      for (place, file) in affected.enumerated() {
        group.addTask {
          var results: [CaseResult] = []
          for one in file.cases where isWanted("\(file.name): \(one.name)") {
            results.append(await run(one, of: file, limits: limits, coverage: coverage))
          }
          return (place, results)
        }
      }
      return await group.reduce(into: [Int: [CaseResult]]()) { $0[$1.0] = $1.1 }
        .sorted { $0.key < $1.key }.flatMap(\.value)
    }
    return CaseReport(
      results: results, broken: broken, isFiltered: filter != nil, coverage: nil,
      duration: .now - start, untouched: untouched)
  }

  private func replay(
    _ one: RecordedCase, limits: ScriptLimits, coverage: ScriptCoverage?
  ) async -> CaseResult {
    let start = ContinuousClock.now
    let problems = await one.problems(
      in: production, limits: limits, scripts: ScriptRunner(coverage: coverage))
    return CaseResult(
      file: "recordings", path: one.path, line: nil, rule: one.runbooks, name: one.name,
      call: "replay", problems: problems, duration: .now - start, usage: ScriptUsage())
  }

  private func run(
    _ one: RunbookCase, of file: File, limits: ScriptLimits, coverage: ScriptCoverage?
  ) async -> CaseResult {
    let start = ContinuousClock.now
    let world = CannedWorld(one.answers)
    let runner = CheckRunner(
      answers: world, limits: limits, runner: ScriptRunner(coverage: coverage))
    var context: JSONValue
    var problems: [CaseProblem]
    switch one.call {
    case .check(let check):
      context = one.situation.context("check", check.id, of: file.runbook, results: [:])
      context["results"] = one.results
      let (outcome, _) = await runner.run(check, of: file.runbook, context: context)
      if let fault = outcome.scriptFault {
        problems = [CaseProblem("", "the runbook failed: \(fault)")]
      } else {
        problems = Self.compare(one.expectation, outcome.caseValue)
      }
    case .plan(let plan):
      context = one.situation.context("plan", plan.id, of: file.runbook, results: [:])
      context["results"] = one.results
      do throws(CheckRunner.ScriptFaultText) {
        let proposal = try await runner.propose(
          plan, of: file.runbook, context: context, proposedBy: [])
        problems = Self.compare(one.expectation, proposal.caseValue)
      } catch {
        problems = [CaseProblem("", "the runbook failed: \(error.text)")]
      }
    }
    problems += world.unused.map {
      CaseProblem("answers", expected: $0, actual: nil, message: "nothing asked for this answer")
    }
    return CaseResult(
      file: file.name, path: file.source.path, line: file.lines[one.name],
      rule: file.runbook.module, name: one.name, call: one.call.name, problems: problems,
      duration: .now - start, usage: ScriptUsage())
  }

  /// Of the expectation the given members; of a message, texts that it contains.
  private static func compare(_ want: JSONValue, _ got: JSONValue) -> [CaseProblem] {
    (want.objectValue ?? [:]).sorted { $0.key < $1.key }.flatMap { name, value -> [CaseProblem] in
      guard ["message", "why", "veto", "hint"].contains(name), !value.isNull, value != false else {
        return CaseComparison.result(value == false ? .null : value, got[name], at: name)
      }
      if value == true {
        return got[name] == nil
          ? [CaseProblem(name, expected: value, actual: nil, message: "is missing")] : []
      }
      let text = got[name]?.stringValue ?? ""
      return (value.arrayValue ?? [value]).compactMap(\.stringValue).filter { !text.contains($0) }
        .map {
          CaseProblem(
            name, expected: .string($0), actual: got[name], message: "does not contain the text")
        }
    }
  }
}
