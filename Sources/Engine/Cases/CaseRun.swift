import JSONValue
import KubeWatch
package import LuaBridge

/// What came of one case.
package struct CaseResult: Sendable {
  /// The file's name, `channel_cases`, and its path in the scripts' directory.
  package let file: String
  package let path: String
  /// The line that has the case's name; nil when the name is put together by the script.
  package let line: Int?
  package let rule: String
  package let name: String
  package let call: String
  /// Empty when the case passes.
  package let problems: [CaseProblem]
  package let duration: Duration
  package let usage: ScriptUsage

  /// What came of a case.
  package init(
    file: String, path: String, line: Int?, rule: String, name: String, call: String,
    problems: [CaseProblem], duration: Duration, usage: ScriptUsage
  ) {
    self.file = file
    self.path = path
    self.line = line
    self.rule = rule
    self.name = name
    self.call = call
    self.problems = problems
    self.duration = duration
    self.usage = usage
  }

  /// Whether everything came as expected.
  package var passed: Bool { problems.isEmpty }
}

/// Runs single cases, in the sandbox and with the budgets of production.
package struct CaseRun: Sendable {
  private let bundle: ScriptBundle
  private let limits: ScriptLimits
  private let runner: ScriptRunner

  /// Makes a runner over a bundle that has the rules.
  package init(bundle: ScriptBundle, limits: ScriptLimits, runner: ScriptRunner) {
    self.bundle = bundle
    self.limits = limits
    self.runner = runner
  }

  /// Runs one case. Cancellation shows as a problem of the case.
  package func run(_ scriptCase: ScriptCase, of file: CaseFile) async -> CaseResult {
    let start = ContinuousClock.now
    var usage = ScriptUsage()
    var problems: [CaseProblem]
    do {
      problems = try await problemsOf(scriptCase, rule: file.rule, usage: &usage)
    } catch let error as ScriptError {
      let stack = error.traceback.map { "\n      \($0)" }.joined()
      problems = [CaseProblem("", "the rule failed (\(error.kind)): \(error)\(stack)")]
    } catch {
      problems = [CaseProblem("", "\(error)")]
    }
    return CaseResult(
      file: file.name, path: file.path, line: file.lines[scriptCase.name],
      rule: file.rule.module, name: scriptCase.name, call: scriptCase.call, problems: problems,
      duration: .now - start, usage: usage)
  }

  private func problemsOf(
    _ scriptCase: ScriptCase, rule: Rule, usage: inout ScriptUsage
  ) async throws -> [CaseProblem] {
    let world = CaseWorld(scriptCase, rule: rule)
    let context = Self.context(of: scriptCase, rule: rule)
    var arguments = [context.serialized()]
    if scriptCase.call == "update" || scriptCase.call == "delete" {
      if let observed = scriptCase.observed {
        arguments.append(observed.serialized())
      } else {
        let seen = try await call("observe", arguments, of: rule, world, isCounted: false)
        guard seen.first?.isNull == false else {
          let failure = RuleFailure(seen.results.dropFirst().first)
          return [
            CaseProblem(
              "",
              "observe, which gives \(scriptCase.call) its argument, failed: "
                + (failure?.text ?? "it returned nothing"))
          ]
        }
        arguments.append((seen.first?["observed"] ?? .null).serialized())
      }
    }
    let answer = try await call(scriptCase.call, arguments, of: rule, world, isCounted: true)
    usage = answer.usage
    var problems = Self.compare(answer.results, with: scriptCase)
    problems += CaseComparison.effects(scriptCase.expectation.effects, world.requests)
    problems += world.unusedAnswers.map {
      CaseProblem("answers", expected: $0, actual: nil, message: "nothing asked for this answer")
    }
    return problems
  }

  private struct Answer {
    let results: [JSONValue]
    let usage: ScriptUsage
    var first: JSONValue? { results.first }
  }

  private func call(
    _ function: String, _ arguments: [[UInt8]], of rule: Rule, _ world: CaseWorld, isCounted: Bool
  ) async throws -> Answer {
    let mayWrite = !ScriptEnvironment.readers.contains(function)
    let outcome = try await runner.run(
      bundle, module: rule.module, function: function, arguments: arguments,
      limits: rule.limits.lowering(limits)
    ) { (effect: JSONValue) in
      try world.perform(effect, mayWrite: mayWrite, isCounted: isCounted)
    }
    return Answer(results: outcome.results, usage: outcome.usage)
  }

  private static func compare(
    _ results: [JSONValue], with scriptCase: ScriptCase
  ) -> [CaseProblem] {
    let expectation = scriptCase.expectation
    let value = results.first ?? .null
    if value.isNull, results.count > 1, RuleFailure(results[1]) != nil {
      guard let want = expectation.failure else {
        return [
          CaseProblem("", expected: nil, actual: results[1], message: "it returned a failure")
        ]
      }
      return CaseComparison.failure(want, results[1])
    }
    if let want = expectation.failure {
      return [
        CaseProblem("failure", expected: want, actual: value, message: "it did not fail")
      ]
    }
    if let problem = RuleAnswerShape.problem(of: value, from: scriptCase.call) {
      return [CaseProblem("result", expected: nil, actual: value, message: problem)]
    }
    return expectation.result.map { CaseComparison.result($0, value, at: "result") } ?? []
  }

  /// `ctx` as production gives it.
  static func context(of scriptCase: ScriptCase, rule: Rule) -> JSONValue {
    var metadata: JSONValue = ["name": "case", "namespace": "default"]
    if let name = scriptCase.externalName {
      metadata["annotations"] = .object([Annotation.externalName: .string(name)])
    }
    var resource: JSONValue = [
      "apiVersion": .string(rule.type.apiVersion), "kind": .string(rule.type.kind),
      "metadata": metadata, "spec": ["forProvider": scriptCase.spec],
    ]
    if let change = scriptCase.resource { resource = resource.applying(mergePatch: change) }
    var context: JSONValue = [
      "resource": resource, "spec": ["forProvider": scriptCase.spec],
      "now": .string(scriptCase.now.seconds),
      "now_ms": .integer(scriptCase.now.millisecondsSince1970),
    ]
    context["external_name"] = scriptCase.externalName.map { .string($0) }
    context["created_after"] = scriptCase.createdAfter.map { .string($0) }
    context["stored"] = scriptCase.stored
    context["objects"] = scriptCase.objects
    return context
  }
}
