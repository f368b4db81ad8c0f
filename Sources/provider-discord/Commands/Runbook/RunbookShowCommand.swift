import ArgumentParser
import Runbooks

/// `provider-discord runbook show`
struct RunbookShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "A runbook as a page to read.",
    discussion: """
      The page is made from the script, so that it says what the checks do.

      EXAMPLES
        At a terminal:
          provider-discord runbook show provider-down
      """)

  @Argument(help: ArgumentHelp("A runbook's id.", valueName: "id"))
  var id: String

  @OptionGroup var scripts: RunbookScripts

  func run() throws {
    let library = try scripts.library()
    guard let runbook = library.runbook(id) ?? library.check(id)?.0 else {
      throw ValidationError(
        "there is no runbook \"\(id)\"; there are "
          + library.runbooks.map(\.id).joined(separator: ", "))
    }
    print(RunbookPage.text(of: runbook), terminator: "")
    Terminal.flush()
  }
}

/// `provider-discord runbook explain`
struct RunbookExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "What a check looks at, and what to do by hand.",
    discussion: """
      EXAMPLES
        provider-discord runbook explain HER-004
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
