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

        The pages of all, for a wiki; and in CI, whether they are what the scripts
        say:
          provider-discord runbook show --write docs/runbooks
          provider-discord runbook show --check docs/runbooks

      EXIT CODES
        0  shown, written, or up to date
        1  a page is stale, or can't be written
        2  a runbook's script or the command line is wrong
      """)

  @Argument(help: ArgumentHelp("A runbook's id.", valueName: "id"))
  var id: String?

  @Option(help: ArgumentHelp("Write the pages of all runbooks into this folder.", valueName: "dir"))
  var write: String?

  @Option(help: ArgumentHelp("Fail if this folder's pages are stale.", valueName: "dir"))
  var check: String?

  @OptionGroup var scripts: RunbookScripts

  func validate() throws {
    guard [id, write, check].count(where: { $0 != nil }) == 1 else {
      throw ValidationError("give a runbook's id, --write DIR or --check DIR")
    }
  }

  func run() throws {
    let library = try scripts.library()
    if let write {
      for page in RunbookPages(library.runbooks).pages {
        try TextFile.write(page.text, to: "\(write)/\(page.name)", mode: 0o644)
      }
      return
    }
    if let check {
      let stale = RunbookPages(library.runbooks).stale { try? TextFile.read("\(check)/\($0)") }
      for line in stale { StandardError.write("\(check)/\(line)\n") }
      guard stale.isEmpty else {
        StandardError.write("provider-discord runbook show --write \(check) makes them anew\n")
        throw ExitCode(1)
      }
      return
    }
    let id = self.id ?? ""
    guard let runbook = library.runbook(id) ?? library.check(id)?.0 else {
      throw ValidationError(
        "there is no runbook \"\(id)\"; there are "
          + library.runbooks.map(\.id).joined(separator: ", "))
    }
    print(RunbookPage.text(of: runbook), terminator: "")
    Terminal.flush()
  }
}
