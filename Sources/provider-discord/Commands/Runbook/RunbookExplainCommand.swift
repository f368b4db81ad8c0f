import ArgumentParser
import Runbooks

/// `provider-discord runbook explain`
struct RunbookExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "What a check looks at, and what to do by hand.",
    discussion: """
      EXAMPLES
        Told HER-004 by an alert or a report:
          provider-discord runbook explain HER-004

      EXIT CODES
        0  explained
        2  there is no such check, or a runbook's script or the command line is wrong
      """)

  @Argument(help: ArgumentHelp("A check's id.", valueName: "id"))
  var id: String

  @OptionGroup var scripts: RunbookScripts

  func run() throws {
    let library = try scripts.library()
    guard let (runbook, check) = library.check(id) else {
      throw ValidationError(
        "there is no check \"\(id)\"; provider-discord runbook show ID lists a runbook's")
    }
    print(RunbookPage.explanation(of: check, in: runbook), terminator: "")
    Terminal.flush()
  }
}
