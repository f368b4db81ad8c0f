import ArgumentParser
import Engine
import JSONValue
import LuaBridge
import Runbooks

/// `provider-discord scripts test`
struct ScriptsTestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Run the cases beside the rules.",
    discussion: """
      Cases are files DIR/resources/*_cases.lua and DIR/runbooks/*_cases.lua, and recordings of \
      runbooks DIR/runbooks/recordings/*.json, whose report must come out the same. Each runs in the \
      very sandbox of production, with its budgets; nothing of the network and no cluster is \
      involved. docs/writing-rules.md and docs/writing-runbooks.md describe their format.

      EXAMPLES
        All cases, with the lines that no case runs:
          provider-discord scripts test ./scripts --coverage

        Those about topics, again with each save:
          provider-discord scripts test ./scripts --filter topic --watch

        In CI:
          provider-discord scripts test ./scripts -o junit > cases.xml

      EXIT CODES
        0  there were cases, and all passed; or SIGINT or SIGTERM ended --watch
        1  a case failed, a script or a file of cases does not load, or no case was
           found
        64 the command line is wrong
      """)

  /// How the report looks.
  enum Output: String, ExpressibleByArgument, CaseIterable {
    case text, json, junit
  }

  @Argument(help: ArgumentHelp("Folder with scripts.", valueName: "dir"))
  var directory: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("text, json or junit.", valueName: "format"))
  var output: Output = .text

  @Option(
    help: ArgumentHelp(
      "Only cases with this text in \"FILE: NAME\", in whatever letter case.", valueName: "text"))
  var filter: String?

  @Flag(help: "Print which lines of each script the cases run.")
  var coverage = false

  @Flag(help: "Stay, and run the cases again whenever a script is saved.")
  var watch = false

  func validate() throws {
    if watch, output != .text { throw ValidationError("--watch works with -o text only") }
  }

  func run() async throws {
    guard watch else {
      let outcome = try await runOnce(after: nil, reusing: [])
      if outcome?.report.succeeded != true { throw ExitCode(1) }
      return
    }
    try await Interruption.ends { try await runAtEachSave() }
  }

  private func runAtEachSave() async throws {
    let folder = try ScriptsFolder(directory)
    // From before the first run: what is saved during it is not missed.
    let watcher = ScriptDirectoryWatcher(directory: folder.path, silence: Self.silence)
    guard watcher.isWatching else {
      throw ValidationError("\(folder.path) can't be watched for changes")
    }
    var last = try await runOnce(after: nil, reusing: [])
    var compiled = last?.bundles ?? []
    for await saved in watcher {
      print("\n--- \(Timestamp.now().seconds)")
      // What a broken script kept from running is not known to be as it was.
      last = try await runOnce(after: last, reusing: compiled)
      if let last { compiled = last.bundles }
      if Task.isCancelled { return }
      print("\((ContinuousClock.now - saved).inMilliseconds) ms after the save")
      Terminal.flush()
    }
  }

  /// Enough for an editor that writes a new file and puts it in the place of the old one.
  private static let silence = Duration.milliseconds(15)

  private struct Outcome {
    let bundles: [ScriptBundle]
    let report: CaseReport
  }

  /// Runs the cases that a change since the last time can have an effect on; of the others, the last
  /// results count. Nil when the scripts cannot be compiled.
  ///
  /// - Parameter compiled: what need not be compiled again.
  private func runOnce(
    after last: Outcome?, reusing compiled: [ScriptBundle]
  ) async throws -> Outcome? {
    defer { Terminal.flush() }
    do {
      let folder = try ScriptsFolder(directory)
      let lines = coverage ? ScriptCoverage() : nil
      let rules = try CaseSuite(
        directory: folder.path, shipped: folder.shipped, reusing: compiled)
      let runbooks = try RunbookCaseSuite(
        directory: folder.path, shipped: folder.shipped, reusing: [rules.bundle] + compiled)
      let bundles = [rules.bundle, runbooks.bundle]
      // Coverage is that of all cases.
      let change =
        coverage ? nil : last.map { ScriptChange(from: $0.bundles, to: bundles) }
      async let ofRunbooks = runbooks.run(
        filter: filter, after: change ?? .everything, coverage: lines)
      let ofRules = await rules.run(filter: filter, after: change ?? .everything, coverage: lines)
      var report = ofRules.joined(with: await ofRunbooks)
      if let last { report = report.completed(by: last.report) }
      // What was interrupted has no results to show.
      if Task.isCancelled { return nil }
      switch output {
      case .text: print(report.text, terminator: "")
      case .json: print(report.json.serializedText(pretty: true))
      case .junit: print(report.junit, terminator: "")
      }
      return Outcome(bundles: bundles, report: report)
    } catch let error as ScriptBundleError {
      // While scripts are being written they may be broken for a moment.
      StandardError.write("\(error)\n")
      return nil
    }
  }
}
