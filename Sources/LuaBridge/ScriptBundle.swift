internal import CLua

/// One immutable generation of scripts, compiled. Runs keep the generation they began with.
@safe
package final class ScriptBundle: Sendable {
  /// A hash of all module names, paths and texts.
  package let hash: String
  /// Sorted by name.
  package let modules: [String]

  private let sources: [String: ScriptSource]
  private let hashes: [String: String]
  private let textsByPath: [String: [UInt8]]
  // Written in init only; running from a bundle reads it.
  nonisolated(unsafe) private let compiled: OpaquePointer

  /// Compiles every source. The error lists each one that fails, with its line.
  ///
  /// - Parameter others: bundles whose modules are taken over where the source is the same: most of
  ///   the next generation is what the last one was.
  package init(
    sources: [ScriptSource], reusing others: [ScriptBundle] = []
  ) throws(ScriptBundleError) {
    guard let compiled = unsafe clua_bundle_create() else {
      throw ScriptBundleError(problems: [Self.noMemory(path: "")])
    }
    let sorted = sources.sorted { $0.module < $1.module }
    var problems: [ScriptProblem] = []
    var byModule: [String: ScriptSource] = [:]
    var hashes: [String: String] = [:]
    for source in sorted {
      if byModule.updateValue(source, forKey: source.module) != nil {
        let message = "there are two modules '\(source.module)'"
        problems.append(ScriptProblem(path: source.path, line: nil, message: message))
      } else if let other = others.first(where: { $0.sources[source.module] == source }),
        unsafe clua_bundle_share(compiled, other.compiled, source.module)
      {
        hashes[source.module] = other.hashes[source.module]
      } else if let problem = unsafe Self.compile(source, into: compiled) {
        problems.append(problem)
      }
    }
    guard problems.isEmpty else {
      unsafe clua_bundle_free(compiled)
      throw ScriptBundleError(problems: problems.sorted { $0.path < $1.path })
    }
    unsafe self.compiled = compiled
    self.sources = byModule
    modules = sorted.map(\.module)
    textsByPath = Dictionary(sorted.map { ($0.path, $0.text) }) { first, _ in first }
    for source in sorted where hashes[source.module] == nil {
      var hash = ContentHash()
      hash.add(source.text)
      hashes[source.module] = hash.text
    }
    self.hashes = hashes
    var whole = ContentHash()
    for source in sorted {
      whole.add(source.module.utf8)
      whole.add(source.path.utf8)
      whole.add(source.text)
    }
    hash = whole.text
  }

  deinit { unsafe clua_bundle_free(compiled) }

  /// The hash of one module's text.
  package func hash(of module: String) -> String? { hashes[module] }

  /// The source of one module.
  package func source(of module: String) -> ScriptSource? { sources[module] }

  /// The lines of a module that can run, ascending; nil when that cannot be told.
  func runnableLines(of module: String) -> [Int]? {
    guard let text = sources[module]?.text else { return nil }
    let count = text.count { $0 == UInt8(ascii: "\n") } + 2
    var flags = [UInt8](repeating: 0, count: count)
    let isKnown = unsafe flags.withUnsafeMutableBufferPointer { flags in
      guard let start = flags.baseAddress else { return false }
      return unsafe clua_bundle_lines(compiled, module, start, flags.count)
    }
    return isKnown ? flags.indices.filter { flags[$0] != 0 } : nil
  }

  /// The paths of all sources.
  var paths: some Sequence<String> { textsByPath.keys }

  /// One line of a source, without its indentation; lines count from 1.
  func sourceLine(path: String, line: Int) -> String? {
    guard line > 0, let text = textsByPath[path] else { return nil }
    let lines = text.split(
      separator: UInt8(ascii: "\n"), maxSplits: line, omittingEmptySubsequences: false)
    guard lines.count >= line else { return nil }
    let blanks: [UInt8] = [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")]
    var bytes = lines[line - 1].drop { blanks.contains($0) }
    while let last = bytes.last, blanks.contains(last) { bytes.removeLast() }
    return String(decoding: bytes.prefix(200), as: UTF8.self)
  }

  /// A run's handle; nil when there is no memory for it.
  @unsafe
  func makeRun(module: String, function: String?, limits: ScriptLimits) -> OpaquePointer? {
    var limits = clua_limits(limits)
    return unsafe clua_run_create(compiled, module, function, &limits)
  }

  private static func compile(_ source: ScriptSource, into bundle: OpaquePointer) -> ScriptProblem?
  {
    var message = [CChar](repeating: 0, count: 512)
    let succeeded = unsafe source.text.withUnsafeBufferPointer { text in
      unsafe message.withUnsafeMutableBufferPointer { message in
        guard let start = message.baseAddress else { return false }
        return unsafe clua_bundle_add(
          bundle, source.module, source.path, source.isPrivileged, text.baseAddress, text.count,
          start, message.count)
      }
    }
    guard !succeeded else { return nil }
    let bytes = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let (location, rest) = ScriptLocation.split(text, paths: [source.path]) else {
      return ScriptProblem(path: source.path, line: nil, message: text)
    }
    return ScriptProblem(path: source.path, line: location.line, message: rest)
  }

  private static func noMemory(path: String) -> ScriptProblem {
    ScriptProblem(path: path, line: nil, message: "not enough memory")
  }
}

extension clua_limits {
  init(_ limits: ScriptLimits) {
    let (seconds, attoseconds) = limits.sliceDuration.components
    self.init(
      instructions: UInt64(max(0, limits.instructions)),
      slice_instructions: UInt64(max(1, limits.timeSlice)),
      slice_nanoseconds: UInt64(max(0, seconds)) * 1_000_000_000
        + UInt64(max(0, attoseconds)) / 1_000_000_000,
      memory_bytes: max(0, limits.memory),
      string_bytes: max(0, limits.stringBytes),
      effects: UInt64(max(0, limits.effects)),
      effect_bytes: max(0, limits.effectBytes),
      result_bytes: max(0, limits.resultBytes))
  }
}
