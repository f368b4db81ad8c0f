import ArgumentParser
import JSONValue
import Runbooks

/// `provider-discord runbook list`
struct RunbookListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "The runbooks that there are.",
    discussion: """
      EXAMPLES
        Ours and your own:
          provider-discord runbook list --scripts ./scripts

        For programs:
          provider-discord runbook list -o json

      EXIT CODES
        0  listed
        2  a runbook's script or the command line is wrong
      """)

  /// How the list looks.
  enum Output: String, ExpressibleByArgument, CaseIterable {
    case table, json
  }

  @OptionGroup var scripts: RunbookScripts

  @Option(name: .shortAndLong, help: ArgumentHelp("table or json.", valueName: "format"))
  var output: Output = .table

  func run() throws {
    let runbooks = try scripts.library().runbooks
    switch output {
    case .table:
      let rows = runbooks.map {
        [$0.id, $0.code, "\($0.checks.count)", $0.alerts.joined(separator: ","), $0.title]
      }
      print(
        TextTable.text([["RUNBOOK", "CODE", "CHECKS", "ALERTS", "TITLE"]] + rows), terminator: "")
    case .json:
      let list = runbooks.map { runbook -> JSONValue in
        [
          "id": .string(runbook.id), "code": .string(runbook.code),
          "title": .string(runbook.title), "owner": .string(runbook.owner),
          "reviewed": .string(runbook.reviewed),
          "alerts": .array(runbook.alerts.map { .string($0) }),
          "checks": .array(
            runbook.checks.map { ["id": .string($0.id), "title": .string($0.title)] }),
          "plans": .array(
            runbook.plans.map { ["id": .string($0.id), "risk": .string($0.risk)] }),
        ]
      }
      print(JSONValue.array(list).serializedText(pretty: true))
    }
    Terminal.flush()
  }
}
