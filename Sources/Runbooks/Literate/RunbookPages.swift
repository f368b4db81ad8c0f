/// The pages of all runbooks, and their table of contents.
package struct RunbookPages: Sendable {
  /// A page.
  package struct Page: Sendable, Hashable {
    /// Within the folder.
    package let name: String
    package let text: String
  }

  /// The file below `docs/runbooks` that an alert's `runbook_url` leads to.
  package static func fileName(_ id: String) -> String { "\(id).md" }

  private static let note =
    "<!-- Generated from scripts/runbooks: change the script, then `make docs`. -->\n"

  /// Sorted by name.
  package let pages: [Page]

  /// The pages of these runbooks.
  package init(_ runbooks: [RunbookDescription]) {
    let pages = runbooks.map {
      Page(name: RunbookPages.fileName($0.id), text: Self.note + RunbookPage.text(of: $0))
    }
    self.pages = (pages + [Page(name: "README.md", text: Self.contents(runbooks))])
      .sorted { $0.name < $1.name }
  }

  /// What differs between the pages and a folder, one line for each; empty when nothing is stale.
  ///
  /// - Parameter read: the text of a file of the folder; nil when there is none.
  package func stale(_ read: (String) -> String?) -> [String] {
    pages.compactMap { page in
      switch read(page.name) {
      case page.text?: nil
      case nil: "\(page.name) is missing"
      default: "\(page.name) is not what the scripts say"
      }
    }
  }

  private static func contents(_ runbooks: [RunbookDescription]) -> String {
    let rows = runbooks.sorted { $0.id < $1.id }.map { runbook in
      [
        "[\(runbook.title)](\(RunbookPages.fileName(runbook.id)))",
        runbook.alerts.map { "`\($0)`" }.joined(separator: ", "), "\(runbook.checks.count)",
        "\(runbook.plans.count)", runbook.owner,
      ]
    }
    return """
      \(note)# Runbooks

      Each page is what the script `scripts/runbooks/…` says of itself. `provider-discord runbook run
      --all` runs them; [coverage](coverage.md) lists the commands of the document that they replace, and
      [Writing runbooks](../writing-runbooks.md) says how to make one.


      """
        + MarkdownTable(["Runbook", "Alerts", "Checks", "Fixes", "Owner"], rows).text
  }
}
