package import JSONValue

/// Drives runs: gives way to other tasks between time slices, performs effects, watches the clock.
package struct ScriptRunner: Sendable {
  private let now: @Sendable () -> ContinuousClock.Instant
  private let giveWay: @Sendable () async -> Void
  private let coverage: ScriptCoverage?
  private static let longStretch = Duration.milliseconds(1)

  /// - Parameters:
  ///   - giveWay: lets other tasks go first, between two time slices of a run.
  ///   - coverage: gets the lines that run; nil in production.
  package init(
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
    giveWay: @escaping @Sendable () async -> Void = { await Task.yield() },
    coverage: ScriptCoverage? = nil
  ) {
    self.now = now
    self.giveWay = giveWay
    self.coverage = coverage
  }

  /// Runs a function to its end. Throws ``ScriptError``, what `perform` throws (which ends the
  /// run), or CancellationError.
  ///
  /// - Parameters:
  ///   - arguments: each one JSON text.
  ///   - perform: performs one effect and gives the answer.
  package func run(
    _ bundle: ScriptBundle, module: String, function: String, arguments: [[UInt8]],
    limits: ScriptLimits = ScriptLimits(),
    perform: @Sendable (JSONValue) async throws -> JSONValue
  ) async throws -> (results: [JSONValue], usage: ScriptUsage) {
    try await run(
      bundle, module: module, function: function, arguments: arguments, limits: limits
    ) { (effect: [UInt8]) in
      try await perform(JSONValue(parsing: effect)).serialized()
    }
  }

  /// The same, with effects and answers as JSON texts: for answers that are at hand as bytes.
  ///
  /// - Parameter meter: learns what was used, however the run ends.
  package func run(
    _ bundle: ScriptBundle, module: String, function: String, arguments: [[UInt8]],
    limits: ScriptLimits = ScriptLimits(), meter: UsageMeter? = nil,
    performBytes: @Sendable ([UInt8]) async throws -> [UInt8]
  ) async throws -> (results: [JSONValue], usage: ScriptUsage) {
    var run = ScriptRun(
      bundle: bundle, module: module, function: function, arguments: arguments, limits: limits)
    if coverage != nil { run.collectLines() }
    var times = ScriptUsage()
    defer { meter?.note(run.usage.with(times)) }
    var stretchBegan = now()
    var answer: [UInt8]?
    while true {
      let step = run.resume(answer: answer)
      answer = nil
      if let coverage, step.isLast { run.addLines(to: coverage) }
      let instant = now()
      let stretch = stretchBegan.duration(to: instant)
      times.scriptTime += stretch
      stretchBegan = instant
      // A caller that runs one script after the other must not keep its thread to itself.
      if stretch >= Self.longStretch, step.isLast { await giveWay() }
      switch step {
      case .sliceEnded:
        try Task.checkCancellation()
        guard times.scriptTime <= limits.wallClock else {
          var error = run.expire()
          error.usage = run.usage.with(times)
          throw error
        }
        await giveWay()
        // The turn of others is not the script's time.
        stretchBegan = now()
      case .effect(let effect):
        answer = try await performBytes(effect)
        stretchBegan = now()
        times.effectTime += instant.duration(to: stretchBegan)
      case .finished(let bytes):
        return (try JSONValue(parsing: bytes).arrayValue ?? [], run.usage.with(times))
      case .failed(var error):
        error.usage = run.usage.with(times)
        throw error
      }
    }
  }
}

extension ScriptUsage {
  fileprivate func with(_ times: ScriptUsage) -> ScriptUsage {
    var usage = self
    usage.scriptTime = times.scriptTime
    usage.effectTime = times.effectTime
    return usage
  }
}
