package import JSONValue
package import LuaBridge

/// Runs the functions of a rule and reads what they return.
package struct RuleRunner: Sendable {
  private let limits: ScriptLimits
  private let runner: ScriptRunner

  /// Makes a runner with the budgets of every run.
  package init(limits: ScriptLimits, runner: ScriptRunner) {
    self.limits = limits
    self.runner = runner
  }

  /// What a function returned: a value, or an expected failure.
  package typealias Answer = Result<JSONValue, RuleFailure>

  /// Runs one function.
  ///
  /// - Parameters:
  ///   - context: the bytes of `ctx`.
  ///   - observed: the second argument, for `update` and `delete`.
  ///   - perform: performs the script's effects; what it throws ends the run and is rethrown.
  /// - Throws: `ScriptError` when the script fails or exceeds a budget, or what `perform` threw.
  package func run(
    _ function: String, of rule: Rule, context: [UInt8], observed: JSONValue? = nil,
    perform: @Sendable ([UInt8]) async throws -> [UInt8]
  ) async throws -> Answer {
    var arguments = [context]
    if let observed { arguments.append(observed.serialized()) }
    let outcome = try await runner.run(
      rule.bundle, module: rule.module, function: function, arguments: arguments,
      limits: limits, performBytes: perform)
    let first = outcome.results.first ?? .null
    let second = outcome.results.count > 1 ? outcome.results[1] : nil
    if first.isNull, let failure = RuleFailure(second) { return .failure(failure) }
    return .success(first)
  }
}
