package import JSONValue
package import LuaBridge

/// Runs the functions of a rule and reads what they return.
package struct RuleRunner: Sendable {
  private let limits: ScriptLimits
  private let runner: ScriptRunner
  private let report: Report

  /// Learns of the end of each run: what it used, and the kind of the script's fault that ended it,
  /// one of ``ScriptFailureKind``.
  package typealias Report =
    @Sendable (
      _ module: String, _ function: String, _ usage: ScriptUsage, _ failure: ScriptFailureKind?
    ) -> Void

  /// Makes a runner with the budgets of every run.
  package init(
    limits: ScriptLimits, runner: ScriptRunner, report: @escaping Report = { _, _, _, _ in }
  ) {
    self.limits = limits
    self.runner = runner
    self.report = report
  }

  /// What a function returned: a value, or an expected failure.
  package typealias Answer = Result<JSONValue, RuleFailure>

  /// Runs one function.
  ///
  /// - Parameters:
  ///   - context: the bytes of `ctx`.
  ///   - observed: the second argument, for `update` and `delete`.
  ///   - recording: gets what goes in and out.
  ///   - perform: performs the script's effects; what it throws ends the run and is rethrown.
  /// - Throws: `ScriptError` when the script fails or exceeds a budget, or what `perform` threw.
  package func run(
    _ function: String, of rule: Rule, context: [UInt8], observed: JSONValue? = nil,
    recording: ReconcileRecording? = nil,
    perform: @Sendable ([UInt8]) async throws -> [UInt8]
  ) async throws -> Answer {
    var arguments = [context]
    if let observed { arguments.append(observed.serialized()) }
    let meter = UsageMeter()
    let outcome: (results: [JSONValue], usage: ScriptUsage)
    do {
      let limits = rule.limits.lowering(limits)
      outcome = try await run(
        function, of: rule, arguments, limits: limits, meter, recording, perform: perform)
    } catch {
      report(rule.module, function, meter.usage, ScriptFailureKind(error))
      throw error
    }
    report(rule.module, function, outcome.usage, nil)
    let first = outcome.results.first ?? .null
    let second = outcome.results.count > 1 ? outcome.results[1] : nil
    if first.isNull, let failure = RuleFailure(second) { return .failure(failure) }
    return .success(first)
  }

  private func run(
    _ function: String, of rule: Rule, _ arguments: [[UInt8]], limits: ScriptLimits,
    _ meter: UsageMeter, _ recording: ReconcileRecording?,
    perform: @Sendable ([UInt8]) async throws -> [UInt8]
  ) async throws -> (results: [JSONValue], usage: ScriptUsage) {
    guard let recording else {
      return try await runner.run(
        rule.bundle, module: rule.module, function: function, arguments: arguments,
        limits: limits, meter: meter, performBytes: perform)
    }
    return try await recording.record(
      function, of: rule, arguments: arguments, limits: limits, perform: perform
    ) { noted in
      try await runner.run(
        rule.bundle, module: rule.module, function: function, arguments: arguments,
        limits: limits, meter: meter, performBytes: noted)
    }
  }
}
