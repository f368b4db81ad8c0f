import LuaBridge
import Testing

@testable import Runbooks

@Suite struct DescriptionTests {
  private static let check = """
    { id = "SMP-001", run = "first", title = "first", category = "things" }
    """
  private static let function = "function rb.first() return check.pass('fine') end"

  @Test func readsWhatARunbookSays() throws {
    let runbook = try Scripts.runbook(
      checks: """
        \(Self.check),
        { id = "SMP-002", run = "first", title = "second", category = "things",
          needs = { "SMP-001" }, needs_any_outcome = true, timeout = 2.5, hint = "look",
          covers = { "investigation-1" } }
        """,
      functions: Self.function + "\nfunction rb.act() return {} end",
      more: """
        alerts = { "ProviderDiscordDown" }, timeout = 30, capabilities = { "kube.read" },
        rights = { { verb = "get", group = "apps", resource = "deployments", namespace = true } },
        thresholds = { much = { default = 0.2, unit = "ratio", text = "too much" } },
        plans = { { id = "act", build = "act", title = "Act", risk = "low",
          verify = { "SMP-001" }, inputs = { "token" } } },
        """)
    #expect(runbook.id == "sample")
    #expect(runbook.alerts == ["ProviderDiscordDown"])
    #expect(runbook.timeout == .seconds(30))
    #expect(runbook.checks.map(\.timeout) == [.seconds(10), .milliseconds(2500)])
    #expect(runbook.checks[1].needs == ["SMP-001"])
    #expect(runbook.checks[1].needsAnyOutcome)
    #expect(runbook.rights.first?.namespace?.isEmpty == true)
    #expect(runbook.thresholds.first?.standard == 0.2)
    #expect(runbook.plan("act")?.inputs == ["token"])
  }

  @Test(arguments: [
    (Self.check, "", "runbok = 1,", "runbok: there is no such member"),
    (Self.check, "", "timeout = 1e9,", "timeout: must be seconds above 0 and at most 600"),
    (Self.check, "", "alerts = 'x',", "alerts: must be an array of texts"),
    (Self.check, "", "capabilities = { 'kube.write' },", "\"kube.write\" is no capability"),
    ("", "", "", "checks: the runbook has no check"),
    (Self.check + "," + Self.check, "", "", "checks, SMP-001: there are two checks"),
    ("{ id = 'SMP-1', run = 'first', title = 'a', category = 'b' }", "", "", "three digits"),
    ("{ id = 'SMP-001', run = 'second', title = 'a', category = 'b' }", "", "", "run names"),
    (
      "{ id = 'SMP-001', run = 'first', title = 'a', category = 'b', needs = { 'SMP-002' } }", "",
      "", "needs SMP-002, which does not exist"
    ),
    (
      Self.check, "", "plans = { { id = 'a', build = 'b', title = 'c', risk = 'none' } },",
      "plans[1].risk: must be low, medium or high"
    ),
  ])
  func saysWhatIsWrong(checks: String, functions: String, more: String, message: String) throws {
    let error = #expect(throws: RunbookError.self) {
      try Scripts.runbook(checks: checks, functions: Self.function + functions, more: more)
    }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "no error")")
  }
}
