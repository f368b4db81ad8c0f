package import LuaBridge

/// All cases of a scripts' directory, ready to run.
package struct CaseSuite: Sendable {
  /// A file of cases that cannot be run, with the reason.
  package struct BrokenFile: Sendable, Hashable {
    package let path: String
    package let message: String

    /// Names a file and what is wrong with it.
    package init(path: String, message: String) {
      self.path = path
      self.message = message
    }
  }

  package let bundle: ScriptBundle
  package let files: [CaseFile]
  package let broken: [BrokenFile]
  /// The modules of the folder, without those that came with the program.
  private let own: Set<String>

  /// Loads scripts and cases of a directory.
  ///
  /// - Parameters:
  ///   - shipped: the scripts that came with the binary.
  ///   - others: bundles whose modules need not be compiled again.
  /// - Throws: `ScriptBundleError` when a script does not compile.
  package init(
    directory: String, shipped: [ScriptSource], reusing others: [ScriptBundle] = []
  ) throws {
    let cases = try ScriptSource.readCases(directory: directory)
    let own = try ScriptBundle.read(directory: directory)
    self.init(
      cases, own: own,
      in: try ScriptBundle.assemble(own: own, shipped: shipped, cases: cases, reusing: others))
  }

  /// The cases of scripts that have been read.
  init(_ candidate: ScriptCandidate) throws(ScriptBundleError) {
    self.init(
      candidate.cases, own: candidate.own,
      in: try ScriptBundle.assemble(
        own: candidate.own, shipped: candidate.shipped, cases: candidate.cases,
        reusing: [candidate.bundle]))
  }

  private init(_ cases: [ScriptSource], own: [ScriptSource], in bundle: ScriptBundle) {
    var files: [CaseFile] = []
    var broken: [BrokenFile] = []
    for source in cases {
      do {
        files.append(try CaseFile(source, in: bundle))
      } catch {
        broken.append(BrokenFile(path: source.path, message: String(describing: error)))
      }
    }
    self.bundle = bundle
    self.own = Set(own.map(\.module))
    self.files = files
    self.broken = broken
  }

  /// How many cases there are.
  package var count: Int { files.reduce(0) { $0 + $1.cases.count } }

  /// Runs cases side by side.
  ///
  /// - Parameters:
  ///   - filter: a part of "FILE: NAME", in whatever letter case; nil for all cases.
  ///   - width: how many run at the same time.
  ///   - coverage: gets the lines that run.
  ///   - change: leaves out the files that it does not affect.
  package func run(
    filter: String? = nil, after change: ScriptChange = .everything, width: Int = 8,
    limits: ScriptLimits = ScriptLimits(),
    coverage: ScriptCoverage? = nil
  ) async -> CaseReport {
    let start = ContinuousClock.now
    let run = CaseRun(bundle: bundle, limits: limits, runner: ScriptRunner(coverage: coverage))
    let affected = files.filter { change.mayAffect([$0.module, $0.rule.module]) }
    let chosen = affected.flatMap { file in file.cases.map { (file, $0) } }.filter { file, item in
      filter.map { "\(file.name): \(item.name)".lowercased().contains($0.lowercased()) } ?? true
    }
    let results = await withTaskGroup(of: (Int, CaseResult).self) { group in
      var results = [CaseResult?](repeating: nil, count: chosen.count)
      var next = 0
      while next < min(width, chosen.count) {
        let place = next
        group.addTask { (place, await run.run(chosen[place].1, of: chosen[place].0)) }
        next += 1
      }
      for await (place, result) in group {
        results[place] = result
        guard next < chosen.count else { continue }
        let following = next
        group.addTask { (following, await run.run(chosen[following].1, of: chosen[following].0)) }
        next += 1
      }
      return results.compactMap(\.self)
    }
    return CaseReport(
      results: results, broken: broken, isFiltered: filter != nil,
      coverage: coverage.map { CaseCoverage($0, of: bundle, own: own) }, duration: .now - start,
      untouched: Set(files.map(\.path)).subtracting(affected.map(\.path)))
  }
}
