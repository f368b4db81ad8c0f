import ArgumentParser
import Engine
import Glibc
import HTTPTransport
import JSONValue
import KubeWatch
import Runbooks

/// `provider-discord runbook fix`
struct RunbookFixCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fix",
    abstract: "Carry out a plan that a check proposes: shown, rehearsed, confirmed, verified.",
    discussion: """
      NAME is the id of a check, whose plan is taken, or RUNBOOK/PLAN. The checks run first: a plan \
      that none of them proposes is not carried out. It is shown as exact API calls and as a \
      difference, the server rehearses it (dryRun=All), you are asked, the checks and the plan's vetoes \
      are looked at once more, then it acts, step by step, and stops at the first failure. What it did \
      is in an Event on the object; how to take it back is printed and in a file. An object that \
      somebody else changed meanwhile is left alone.

      EXAMPLES
        Only look:
          provider-discord runbook fix PDN-004 --dry-run

        Replace the bot's token; it is never an argument, never printed, never
        recorded:
          provider-discord runbook fix high-error-rate/replace-token --token-stdin \\
            < token.txt

        Take it back:
          provider-discord runbook fix \\
            --undo undo-provider-down-raise-memory-20260101T000000Z.json

      EXIT CODES
        0  done and verified, or with --dry-run: the server accepts it; or there is
           nothing to fix
        1  it could not be done, or not to its end: the undo file takes back what was
           done
        2  a runbook's script or the command line is wrong; or there is nobody to ask
           and no --yes
        3  done, but a check still does not pass
        4  no check proposes this plan, or only people can carry it out
        5  you said no
        6  vetoed: it would do harm now
      """)

  /// How the result looks.
  enum Output: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  @Argument(help: ArgumentHelp("A check's id, or RUNBOOK/PLAN.", valueName: "name"))
  var name: String?

  @Flag(help: "Do not ask.")
  var yes = false

  @Flag(help: "Show it and let the server rehearse it; change nothing.")
  var dryRun = false

  @Flag(help: "Read the token from standard input.")
  var tokenStdin = false

  @Flag(help: "Carry out a plan that no check proposes now, or an undo of another cluster.")
  var force = false

  @Option(help: ArgumentHelp("Take back what this file says.", valueName: "file"))
  var undo: String?

  @Option(
    help: ArgumentHelp(
      "Where the undo is written; undo-RUNBOOK-PLAN-TIME.json here without it.", valueName: "file"))
  var undoFile: String?

  @Option(help: ArgumentHelp("How long the checks may take to pass.", valueName: "duration"))
  var wait: String = "2m"

  @Option(name: .shortAndLong, help: ArgumentHelp("text or json.", valueName: "format"))
  var output: Output = .text

  @OptionGroup var scripts: RunbookScripts
  @OptionGroup var world: RunbookWorldOptions

  func validate() throws {
    guard (name == nil) != (undo == nil) else {
      throw ValidationError("give a check's id or RUNBOOK/PLAN, or --undo FILE")
    }
    guard GoDuration.parse(wait) != nil else {
      throw ValidationError("--wait \(wait) is not a duration such as 2m")
    }
    if yes, dryRun { throw ValidationError("--yes and --dry-run exclude each other") }
  }

  func run() async throws {
    if !yes, !dryRun, !TerminalQuestion.canAsk {
      StandardError.write("there is no terminal to ask at: give --yes, or --dry-run to look only\n")
      throw ExitCode(RunbookExit.badScript.rawValue)
    }
    let secrets = try secrets()
    let access = try world.access()
    let client = KubeClient(
      access: access, transport: CurlTransport(tls: access.tls),
      version: ProviderDiscord.version)
    let time = TimeSource.system()
    let job = try await job(server: access.server, inputs: Array(secrets.keys))
    let at = time.timestamp().seconds
    let file = undoFile ?? Self.fileName(job, at: at)
    let driver = FixDriver(
      client: client, secrets: secrets, time: time, actor: Self.actor,
      seams: FixDriver.Seams(
        build: job.build, probe: job.probe, check: job.check,
        ask: { fix in
          TerminalQuestion.ask(FixReport(fix, outcome: nil).planText + "\nCarry it out?")
        },
        progress: { StandardError.write("\($0)\n") },
        record: { try TextFile.write($0.json.serializedText(pretty: true) + "\n", to: file) }))
    let fix = Fix(
      consent: dryRun ? .dryRun : yes ? .given : .toBeAsked, purpose: job.purpose,
      undo: UndoRecord(
        runbook: job.runbook, plan: job.plan, at: at, server: access.server),
      patience: GoDuration.parse(wait) ?? .seconds(120))
    let (ended, outcome) = await driver.run(fix)
    show(FixReport(ended, outcome: outcome, undoFile: file), asked: !yes && !dryRun)
    if outcome.exitCode != 0 { throw ExitCode(outcome.exitCode) }
  }

  private func show(_ report: FixReport, asked: Bool) {
    switch output {
    case .json: print(report.json.serializedText(pretty: true))
    case .text:
      // Whoever was asked has seen the plan.
      if !asked { print(report.planText) }
      print(report.outcomeText, terminator: "")
    }
    Terminal.flush()
  }

  private func job(server: String, inputs: [String]) async throws -> RunbookFixJob {
    if let undo {
      let text = try TextFile.read(undo)
      let record: UndoRecord
      do throws(RemediationError) {
        record = try UndoRecord(parsing: text)
      } catch {
        throw ValidationError("\(undo): \(error)")
      }
      guard record.server == server || force else {
        throw ValidationError(
          "\(undo) was written for \(record.server), and this is \(server): choose another context, or "
            + "give --force")
      }
      return RunbookFixJob(undoing: record)
    }
    return try await RunbookFixJob.find(
      name ?? "", in: scripts.library(), world: world, inputs: inputs, force: force)
  }

  private func secrets() throws -> [String: SecretInput] {
    guard tokenStdin else { return [:] }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4_096)
    while bytes.count <= 8_192 {
      let count = unsafe read(STDIN_FILENO, &chunk, chunk.count)
      guard count > 0 else { break }
      bytes += chunk[..<count]
    }
    do throws(RemediationError) {
      return ["token": try SecretInput(String(decoding: bytes, as: UTF8.self))]
    } catch {
      throw ValidationError(error.message)
    }
  }

  private static func fileName(_ job: RunbookFixJob, at time: String) -> String {
    let stamp = time.filter { $0 != "-" && $0 != ":" }
    return "undo-\(job.runbook)-\(job.plan)-\(stamp).json"
  }

  /// Who acts, for the Event: the machine's user, as the API server's own log knows the other.
  private static var actor: String {
    var name = utsname()
    let hasName = unsafe uname(&name) == 0
    let host =
      hasName
      ? unsafe withUnsafeBytes(of: &name.nodename) {
        unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      } : "unknown"
    let user = unsafe getenv("USER").map { unsafe String(cString: $0) } ?? "uid \(getuid())"
    return "\(user)@\(host)"
  }
}
