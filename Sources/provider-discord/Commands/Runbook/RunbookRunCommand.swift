import ArgumentParser
import Engine
import JSONValue
import LuaBridge
import Runbooks

/// `provider-discord runbook run`
struct RunbookRunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Look at everything that a runbook checks, and say what is wrong.",
    discussion: """
      Names are ids of runbooks (high-error-rate), their codes (HER), alerts, or ids of checks \
      (HER-004), which bring along what they need. Nothing is changed anywhere. Each check and each \
      source has a deadline, so that a report comes also when the provider, Prometheus or the API \
      server is down; what could not be told is "unknown" then.

      EXAMPLES
        Everything:
          provider-discord runbook run --all

        With a Prometheus server, for an alert of half an hour ago:
          provider-discord runbook run ProviderDiscordHighErrorRate --since 45m \\
            --prometheus http://127.0.0.1:9090

        For a ticket:
          provider-discord runbook run --all -o markdown > report.md

        The same report again, anywhere, from what was seen:
          provider-discord runbook run --all --record incident.json
          provider-discord runbook run --replay incident.json

        As a case of "scripts test", and again after its report was meant to change:
          provider-discord runbook run provider-down --without-scripts \\
            --record scripts/runbooks/recordings/out-of-memory.json
          provider-discord runbook run --scripts scripts --without-scripts \\
            --replay scripts/runbooks/recordings/out-of-memory.json \\
            --record scripts/runbooks/recordings/out-of-memory.json

        After a change, until all is well again:
          provider-discord runbook run provider-down reconciliation-stuck --wait 5m

        In CI, where warnings shall not fail:
          provider-discord runbook run --all -o junit --fail-on fail > report.xml

      EXIT CODES
      \(RunbookCommand.exitCodes)
      """)

  /// The mildest verdict that does not end with 0.
  enum FailOn: String, ExpressibleByArgument, CaseIterable {
    case fail, warn, unknown, never

    var verdict: Verdict? { Verdict(rawValue: rawValue) }
  }

  @Argument(help: ArgumentHelp("Runbooks, alerts or checks.", valueName: "name"))
  var names: [String] = []

  @Flag(help: "Every runbook.")
  var all = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("table, short, json, junit or markdown.", valueName: "format"))
  var output: ReportFormat = .table

  @Option(
    help: ArgumentHelp(
      "Write all that was seen, and the report, into this file. With --replay: what the scripts make "
        + "of the recorded world.", valueName: "file"))
  var record: String?

  @Flag(
    help: "Leave the scripts out of --record's file: for a case, which runs with those beside it.")
  var withoutScripts = false

  @Option(
    help: ArgumentHelp("Ask nobody: make the report from this recording.", valueName: "file"))
  var replay: String?

  @Option(
    help: ArgumentHelp(
      "Write the report and its evidence for a ticket: a folder, or a file FILE.tar. Nothing is "
        + "written when it would hold a secret.", valueName: "dir"))
  var evidence: String?

  @Option(
    name: .customLong("fail-on"),
    help: ArgumentHelp(
      "The mildest verdict that does not end with 0: fail, warn, unknown or never.",
      valueName: "verdict"))
  var failOn: FailOn = .unknown

  @Option(
    help: ArgumentHelp("The most that one runbook may take.", valueName: "duration"))
  var timeout: String?

  @Option(
    help: ArgumentHelp(
      "Run again until the exit code is 0, for so long; the last report is shown.",
      valueName: "duration"))
  var wait: String?

  @OptionGroup var scripts: RunbookScripts
  @OptionGroup var world: RunbookWorldOptions

  func validate() throws {
    if replay != nil {
      guard names.isEmpty, !all, wait == nil else {
        throw ValidationError(
          "--replay runs what the recording holds: give no names, no --all and no --wait")
      }
    } else {
      guard all != !names.isEmpty else {
        throw ValidationError("give names of runbooks, or --all")
      }
    }
    if withoutScripts, record == nil {
      throw ValidationError("--without-scripts is about --record")
    }
    if let wait, GoDuration.parse(wait).map({ $0 > .zero }) != true {
      throw ValidationError("--wait \(wait) is not a duration such as 5m")
    }
    if let timeout, GoDuration.parse(timeout).map({ $0 >= .milliseconds(100) }) != true {
      throw ValidationError("--timeout \(timeout) is not a duration of at least 100ms, such as 30s")
    }
  }

  func run() async throws {
    let report: RunReport
    if let replay { report = try await replayed(replay) } else { report = try await live() }
    if let evidence { try EvidenceFiles.write(report, to: evidence, scripts: scripts) }
    print(output.text(of: report, isTerminal: Terminal.isStandardOutput), terminator: "")
    Terminal.flush()
    let exit = report.exit(failOn: failOn.verdict)
    if exit != .pass { throw ExitCode(exit.rawValue) }
  }

  private func live() async throws -> RunReport {
    let library = try scripts.library()
    let (chosen, only) =
      all ? (library.runbooks, nil) : try RunbookScripts.choose(names, from: library)
    let runbooks = chosen.map { runbook in
      timeout.flatMap(GoDuration.parse).map { runbook.limited(to: $0) } ?? runbook
    }
    let time = TimeSource.system()
    var patience = RunPatience(until: wait.flatMap(GoDuration.parse) ?? .zero)
    while true {
      let report = try await once(runbooks, only: only, library: library)
      let exit = report.exit(failOn: failOn.verdict)
      guard let pause = patience.pause(after: exit, at: time.uptime()) else { return report }
      let cause = report.rootCause.map { ": \($0.check) \($0.message)" } ?? ""
      RunbookProgress(total: 0).say("\(report.verdict.rawValue)\(cause); again in \(pause)")
      try await time.sleep(pause)
    }
  }

  private func once(
    _ runbooks: [RunbookDescription], only: Set<String>?, library: RunbookLibrary
  ) async throws -> RunReport {
    let progress = RunbookProgress(
      total: runbooks.reduce(0) { $0 + (only?.count ?? $1.checks.count) })
    progress.say("looking for the provider")
    let session = try await world.session()
    for name in session.situation.values.unknownThresholds(among: library.runbooks) {
      throw ValidationError("the values file sets \(name), which no runbook has")
    }
    let recorder = record.map { _ in RunbookRecorder(world: session.world, next: progress) }
    let runner = RunbookRunner(
      answers: recorder ?? session.world as any EffectAnswering, situation: session.situation,
      time: .system(), observer: recorder ?? progress as any RunbookRunner.Observer)
    let report = await runner.run(runbooks, only: only)
    progress.clear()
    if let recorder, let record {
      try write(
        recorder.finished(
          runbooks, situation: session.situation, only: only, report: report,
          hasSources: !withoutScripts), to: record)
    }
    await session.shutdown()
    return report
  }

  private func replayed(_ path: String) async throws -> RunReport {
    let recording: RunRecording
    do {
      recording = try RunRecording(JSONValue(parsing: TextFile.read(path)))
    } catch let error as TextFile.Failure {
      throw error
    } catch {
      throw ValidationError("\(path): \(error)")
    }
    // With --scripts, what a changed runbook makes of the same world.
    let isOwn = scripts.scripts != nil || recording.sources.isEmpty
    let own = isOwn ? try scripts.library().bundle : nil
    guard let record else { return try await recording.replay(with: own) }
    let (report, content) = try await recording.rerecorded(
      with: own, hasSources: !withoutScripts)
    try write(content, to: record)
    return report
  }

  private func write(_ recording: JSONValue, to path: String) throws {
    if let slash = path.lastIndex(of: "/") {
      try TextFile.makeFolder(String(path[..<slash]))
    }
    try TextFile.write(recording.serializedText(pretty: true) + "\n", to: path)
  }
}

extension ReportFormat: ExpressibleByArgument {}
