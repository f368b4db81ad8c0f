import Testing

@testable import Runbooks

@Suite struct RunbookPageTests {
  private static func runbook() throws -> RunbookDescription {
    try Scripts.runbook(
      checks: """
        { id = "SMP-001", run = "one", title = "the first | check", category = "metrics",
          hint = "look", covers = { "investigation-1" } },
        { id = "SMP-002", run = "one", title = "the second", category = "auth",
          needs = { "SMP-001" }, needs_any_outcome = true },
        """,
      functions: """
        function rb.one() return check.pass("x") end
        function rb.build() return { why = "w", ops = {} } end
        """,
      more: """
        thresholds = { ratio = { default = 0.2, unit = "ratio", text = "20 | %" } },
        plans = { { id = "restart", build = "build", title = "restart", risk = "low",
          verify = { "SMP-001" }, inputs = { "token" } } },
        escalations = { { to = "Platform Team", when = "at once" } },
        sections = { { title = "More", text = "Further words." } },
        rights = { { verb = "get", group = "", resource = "pods", subresource = "log",
          namespace = true } },
        """)
  }

  @Test func everythingThatTheScriptSaysIsOnThePage() throws {
    let page = try #require(
      RunbookPages([try Self.runbook()]).pages.first { $0.name == "sample.md" }
    ).text
    for text in [
      "<!-- Generated from scripts/runbooks", "provider-discord runbook run sample",
      "| SMP-001 | the first \\| check |  | look |",
      "| SMP-002 | the second | SMP-001 (any outcome) |",
      "| restart | low | SMP-001 | `sample/restart --token-stdin` |", "**Platform Team**: at once",
      "| `ratio` | 0.2 | ratio | 20 \\| % |", "| get | pods/log | the provider's namespace |",
      "## More\n\nFurther words.",
    ] {
      #expect(page.contains(text), "\(text)")
    }
    #expect(page.hasSuffix("\n") && !page.hasSuffix("\n\n"))
  }

  @Test func aPageThatIsOldOrMissingIsStale() throws {
    let pages = RunbookPages([try Self.runbook()])
    #expect(pages.pages.map(\.name) == ["README.md", "sample.md"])
    let texts = Dictionary(uniqueKeysWithValues: pages.pages.map { ($0.name, $0.text) })
    #expect(pages.stale { texts[$0] }.isEmpty)
    #expect(
      pages.stale { $0 == "sample.md" ? "old" : nil } == [
        "README.md is missing", "sample.md is not what the scripts say",
      ])
  }
}
