import ArgumentParser
import Engine
import JSONValue
import LuaBridge

/// `provider-discord scripts replay`
struct ScriptsReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Run the scripts of a recording again, with the answers of then.",
    discussion: """
      provider-discord run --record DIR writes a file for each reconcile. It has the scripts, what \
      they were given, what they asked Discord for, and the answers; tokens and the like are taken \
      out. A replay needs neither cluster nor Discord and comes to the same result anywhere.

      EXAMPLES
        Does it come to the same result here?
          provider-discord scripts replay \\
            recordings/2026-01-01T00-00-00.000Z_channel_team_general_7.run.json

        And with the rule that I have changed meanwhile?
          provider-discord scripts replay FILE --scripts ./scripts

        Make a case of it:
          provider-discord scripts replay FILE \\
            --save-case ./scripts/resources/bug_cases.lua

      EXIT CODES
        0  everything as recorded
        1  something differs, or a file can't be read or written
        64 the command line is wrong
      """)

  @Argument(help: ArgumentHelp("A recording.", valueName: "file"))
  var file: String

  @Option(
    help: ArgumentHelp(
      "Folder with scripts to run instead of the recorded ones.", valueName: "dir"))
  var scripts: String?

  @Option(
    help: ArgumentHelp("Write a case for scripts test to this new file.", valueName: "file"))
  var saveCase: String?

  @Option(
    help: ArgumentHelp(
      "The run that becomes the case, counted from 1; without it the last that did more than look.",
      valueName: "number"))
  var run: Int?

  func run() async throws {
    let recording = try read()
    if let saveCase {
      guard (try? TextFile.read(saveCase)) == nil else {
        throw ValidationError("\(saveCase) exists: give a new file")
      }
      try TextFile.write(recording.caseFile(run: run), to: saveCase)
    }
    var bundle: ScriptBundle?
    if let scripts {
      let folder = try ScriptsFolder(scripts)
      bundle = try ScriptBundle.load(directory: folder.path, shipped: folder.shipped)
    }
    let replay = try Replay(recording, with: bundle)
    let differences = await replay.differences()
    let functions = recording.runs.map(\.function).joined(separator: ", ")
    print("\(recording.object) at \(recording.recordedAt): \(functions)")
    for difference in differences {
      let problem = difference.problem
      print("DIFFERS run \(difference.run), \(difference.function): \(problem.place)")
      if let message = problem.message { print("  \(message)") }
      if let expected = problem.expected { print("  then  \(expected)") }
      if let actual = problem.actual { print("  now   \(actual)") }
    }
    print(differences.isEmpty ? "the same result" : "\(differences.count) differences")
    if let saveCase { print("case written to \(saveCase)") }
    Terminal.flush()
    if !differences.isEmpty { throw ExitCode(1) }
  }

  private func read() throws -> Recording {
    let text = try TextFile.read(file)
    do {
      return try Recording(JSONValue(parsing: text))
    } catch {
      throw ValidationError("\(file): \(error)")
    }
  }
}
