internal import CLua

/// One run of one function, in a Lua state of its own that ends with it.
@safe
package struct ScriptRun: ~Copyable {
  package let bundle: ScriptBundle
  package let module: String
  package private(set) var slices = 0
  private let handle: OpaquePointer?

  /// Prepares a run of `function` of the table that `module` returns. Each argument is one JSON
  /// text; at most eight. Whatever is wrong shows at the first resume.
  package init(
    bundle: ScriptBundle, module: String, function: String, arguments: [[UInt8]],
    limits: ScriptLimits = ScriptLimits()
  ) {
    self.bundle = bundle
    self.module = module
    unsafe handle = bundle.makeRun(module: module, function: function, limits: limits)
    for argument in arguments { addArgument(argument) }
  }

  /// A run whose result is [the module's data, the names of its functions].
  init(bundle: ScriptBundle, module: String, describing: Void, limits: ScriptLimits) {
    self.bundle = bundle
    self.module = module
    unsafe handle = bundle.makeRun(module: module, function: nil, limits: limits)
  }

  deinit { unsafe clua_run_free(handle) }

  /// Runs on: to the end of a time slice, the next effect, or the end. After an effect, `answer` is
  /// what it gave, as JSON; without one the script gets nil.
  package mutating func resume(answer: [UInt8]? = nil) -> ScriptStep {
    guard let handle = unsafe handle else { return .failed(error(.memory, "not enough memory")) }
    slices += 1
    if let answer {
      unsafe answer.withUnsafeBufferPointer { bytes in
        _ = unsafe clua_run_answer(handle, bytes.baseAddress, bytes.count)
      }
    }
    switch unsafe clua_run_resume(handle) {
    case CLUA_SLICE_ENDED: return .sliceEnded
    case CLUA_EFFECT: return .effect(unsafe Self.copy(clua_run_output(handle)))
    case CLUA_FINISHED: return .finished(unsafe Self.copy(clua_run_output(handle)))
    default: return .failed(unsafe failure(of: clua_run_failure(handle)))
    }
  }

  /// Notes from now on which lines run; before the first resume.
  func collectLines() {
    guard let handle = unsafe handle else { return }
    _ = unsafe clua_run_collect_lines(handle)
  }

  /// Adds the lines that ran.
  func addLines(to coverage: ScriptCoverage) {
    guard let handle = unsafe handle else { return }
    for module in bundle.modules {
      let flags = unsafe Self.copy(clua_run_lines(handle, module))
      guard !flags.isEmpty else { continue }
      coverage.add(Set(flags.indices.filter { flags[$0] != 0 }), of: module)
    }
  }

  /// What the run used so far; times are the runner's to add.
  package var usage: ScriptUsage {
    var usage = ScriptUsage()
    usage.slices = slices
    guard let handle = unsafe handle else { return usage }
    let counts = unsafe clua_run_usage(handle)
    usage.instructions = Int(clamping: counts.instructions)
    usage.effects = Int(clamping: counts.effects)
    usage.peakMemory = counts.peak_memory_bytes
    return usage
  }

  /// Ends a suspended run because its time is over; the error names the line where it stands.
  package mutating func expire() -> ScriptError {
    guard let handle = unsafe handle else { return error(.memory, "not enough memory") }
    unsafe clua_run_expire(handle)
    return unsafe failure(of: clua_run_failure(handle))
  }

  /// An error of this run that has no place in a script.
  func error(_ kind: ScriptError.Kind, _ message: String) -> ScriptError {
    ScriptError(
      kind: kind, message: message, path: bundle.source(of: module)?.path, line: nil,
      sourceLine: nil, traceback: [], module: module, moduleHash: bundle.hash(of: module) ?? "",
      usage: usage)
  }

  private func addArgument(_ argument: [UInt8]) {
    guard let handle = unsafe handle else { return }
    unsafe argument.withUnsafeBufferPointer { bytes in
      _ = unsafe clua_run_add_argument(handle, bytes.baseAddress, bytes.count)
    }
  }

  private static func copy(_ bytes: clua_bytes) -> [UInt8] {
    unsafe Array(UnsafeBufferPointer(start: bytes.bytes, count: bytes.length))
  }

  private func failure(of failure: clua_failure) -> ScriptError {
    let text = unsafe String(decoding: Self.copy(failure.message), as: UTF8.self)
    let traceback = unsafe String(decoding: Self.copy(failure.traceback), as: UTF8.self)
      .split(separator: "\n").map(String.init)
    let kind = unsafe Self.kind(of: failure.kind)
    var result = error(kind, text)
    result.traceback = traceback
    if let (location, rest) = ScriptLocation.split(text, paths: bundle.paths) {
      result.path = location.path
      result.line = location.line
      result.message = rest
    } else if kind != .result, kind != .load, let place = innermostPlace(in: traceback) {
      result.path = place.path
      result.line = place.line
    }
    // The only userdata that scripts know is `null`.
    result.message = result.message.replacing("a userdata value", with: "null")
    if let path = result.path, let line = result.line {
      result.sourceLine = bundle.sourceLine(path: path, line: line)
    }
    return result
  }

  private func innermostPlace(in traceback: [String]) -> ScriptLocation? {
    for frame in traceback {
      if let (place, _) = ScriptLocation.split(frame, paths: bundle.paths) { return place }
    }
    return nil
  }

  private static func kind(of kind: clua_failure_kind) -> ScriptError.Kind {
    switch kind {
    case CLUA_INSTRUCTIONS: .instructions
    case CLUA_MEMORY: .memory
    case CLUA_EFFECTS: .effects
    case CLUA_EFFECT_TOO_LARGE: .effectTooLarge
    case CLUA_RESULT: .result
    case CLUA_LOAD: .load
    case CLUA_HOST: .host
    case CLUA_WALL_CLOCK: .wallClock
    default: .runtime
    }
  }
}
