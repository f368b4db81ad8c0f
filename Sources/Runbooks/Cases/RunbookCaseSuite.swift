package import Engine
import JSONValue
package import LuaBridge
import Synchronization

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
    var results = await withTaskGroup(of: (Int, [CaseResult]).self) { group in
      for (place, file) in affected.enumerated() {
        group.addTask {
          var results: [CaseResult] = []
          for one in file.cases {
            let label = "\(file.name): \(one.name)".lowercased()
            guard filter.map({ label.contains($0.lowercased()) }) ?? true else { continue }
            results.append(await run(one, of: file, limits: limits, coverage: coverage))
          }
          return (place, results)
        }
      }
      return await group.reduce(into: [Int: [CaseResult]]()) { $0[$1.0] = $1.1 }
        .sorted { $0.key < $1.key }.flatMap(\.value)
    }
    var untouched = Set(files.map(\.source.path)).subtracting(affected.map(\.source.path))
    for one in recordings {
      guard change.mayAffect(one.modules) else {
        untouched.insert(one.path)
        continue
      }
      let label = "recordings: \(one.name)".lowercased()
      guard filter.map({ label.contains($0.lowercased()) }) ?? true else { continue }
      let start = ContinuousClock.now
      let problems = await one.problems(
        in: production, limits: limits, scripts: ScriptRunner(coverage: coverage))
      results.append(
        CaseResult(
          file: "recordings", path: one.path, line: nil, rule: one.runbooks, name: one.name,
          call: "replay", problems: problems, duration: .now - start, usage: ScriptUsage()))
    }
    return CaseReport(
      results: results, broken: broken, isFiltered: filter != nil, coverage: nil,
      duration: .now - start, untouched: untouched)
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

/// Answers effects from what a case says.
private final class CannedWorld: EffectAnswering {
  private let answers: [JSONValue]
  private let uses: Mutex<[Int]>

  init(_ answers: [JSONValue]) {
    self.answers = answers
    uses = Mutex([Int](repeating: 0, count: answers.count))
  }

  /// The answers that nothing asked for.
  var unused: [JSONValue] {
    let uses = uses.withLock { $0 }
    return answers.indices.filter { uses[$0] == 0 }.map { answers[$0] }
  }

  func answer(_ effect: JSONValue, for key: ScriptRunKey) async -> JSONValue {
    let place = uses.withLock { uses -> Int? in
      let place = answers.indices.first { place in
        let most = answers[place]["times"]?.integerValue.map { Int($0) } ?? .max
        return uses[place] < most && Self.fits(answers[place], effect)
      }
      if let place { uses[place] += 1 }
      return place
    }
    guard let answer = place.map({ answers[$0] }) else {
      return SourceFailure(
        .unreachable, "the case has no answer to \(effect.serializedText())"
      ).json
    }
    if let error = answer["error"], !error.isNull {
      return [
        "error": [
          "kind": error["kind"] ?? "error", "message": error["message"] ?? "as the case says",
        ]
      ]
    }
    var result: JSONValue = ["value": answer["value"] ?? .null]
    result["info"] = answer["info"] ?? ["source": "case"]
    return result
  }

  private static func fits(_ answer: JSONValue, _ effect: JSONValue) -> Bool {
    (answer.objectValue ?? [:]).allSatisfy { name, value in
      if ["value", "info", "error", "times"].contains(name) { return true }
      return CaseComparison.result(value, effect[name], at: name).isEmpty
    }
  }
}

extension Outcome {
  /// As a case compares it: the members that the script gave.
  fileprivate var caseValue: JSONValue {
    var value: JSONValue = [
      "status": .string(status.rawValue), "message": .string(message),
      "explains": .array(explains.map { .string($0) }),
      "lines": .array(lines.map { .string($0) }),
      "evidence": .array(evidence.map { .string($0) }),
      "plans": .array(plans.map { .string($0) }),
      "escalate": .array(
        escalations.map {
          var value: JSONValue = ["to": .string($0.to), "after": .integer($0.after)]
          value["since"] = $0.since.map {
            .string(Timestamp(millisecondsSince1970: $0).seconds)
          }
          value["why"] = $0.why.map { .string($0) }
          return value
        }),
    ]
    value["cause"] = cause.map { .string($0) }
    value["observed"] = observed
    value["threshold"] = threshold
    value["hint"] = hint.map { .string($0) }
    return value
  }
}

extension PlanProposal {
  /// As a case compares it, in the words of the script.
  fileprivate var caseValue: JSONValue {
    var value: JSONValue = [
      "why": .string(why), "manual": .array(manual.map { .string($0) }),
      "ops": .array(operations.map(\.scriptValue)),
    ]
    value["veto"] = veto.map { .string($0) }
    value["undo"] = undo.map { .string($0) }
    return value
  }
}
