import ArgumentParser
import Engine
import JSONValue
import Runbooks

/// `provider-discord scripts check`
struct ScriptsCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Find faults in scripts without running them.",
    discussion: """
      Finds what is no Lua, globals, modules and functions that do not exist, fields that neither \
      ctx, the CustomResourceDefinitions nor an effect have, answers of the wrong shape, missing \
      capabilities, and locals that nothing uses. Each finding has file, line, column and the line \
      itself.

      EXAMPLES
        Before you save a rule into a cluster:
          provider-discord scripts check ./scripts

        In a GitHub workflow, with marks at the lines:
          provider-discord scripts check ./scripts -o github

        Against your own CustomResourceDefinitions:
          provider-discord scripts check ./scripts --crds ./crds

      EXIT CODES
        0  nothing was found
        1  something was found, or a file can't be read
        64 the command line is wrong
      """)

  /// How the findings look.
  enum Output: String, ExpressibleByArgument, CaseIterable {
    case text, json, github
  }

  @Argument(help: ArgumentHelp("Folder with scripts.", valueName: "dir"))
  var directory: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("text, json or github.", valueName: "format"))
  var output: Output = .text

  @Option(
    help: ArgumentHelp(
      "Folder with CustomResourceDefinitions; those of the provider without it.", valueName: "dir"))
  var crds: String?

  func run() throws {
    let folder = try ScriptsFolder(directory)
    var checker = try ScriptChecker(
      directory: folder.path, shipped: folder.shipped,
      schemas: try CustomResources.schemas(in: crds))
    checker.describeRunbook = { _ = try RunbookDescription(module: $0, in: $1) }
    checker.readRunbookCases = { try RunbookCaseSuite.read($0, in: $1) }
    let findings = checker.findings()
    switch output {
    case .text: print(FindingReport.text(findings, scripts: checker.count), terminator: "")
    case .json:
      print(FindingReport.json(findings, scripts: checker.count).serializedText(pretty: true))
    case .github: print(FindingReport.github(findings, folder: folder.path), terminator: "")
    }
    Terminal.flush()
    if !findings.isEmpty { throw ExitCode(1) }
  }
}
