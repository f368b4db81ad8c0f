import JSONValue
import KubeWatch
import Testing

@testable import Runbooks

@Suite struct ReportTextTests {
  /// Of the form of a bot's token; nobody's.
  static let token = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.abcdefghijklmnopqrstuvwxyz0123456789AB"

  static func report(
    cause: String? = "HER-004: token rejected *now*", markdown: String = "# Report",
    verdict: String = "fail",
    deployment: ObjectKey = ObjectKey(namespace: "crossplane-system", name: "provider-discord")
  ) -> ReportSummary {
    ReportSummary(
      runbook: "high-error-rate", title: "High Error Rate", verdict: verdict, rootCause: cause,
      fixes: ["provider-discord runbook fix HER-004 --token-stdin"],
      escalations: ["Platform Team now @everyone"], markdown: markdown,
      json: ["schema": "runbook.discord/v1", "text": .string(markdown)],
      startedAt: "2026-01-01T00:00:00Z", duration: 1.5, deployment: deployment)
  }

  static func job(_ trigger: RunbookJob.Trigger) -> RunbookJob {
    RunbookJob(
      number: 1, runbook: "high-error-rate", trigger: trigger,
      alerts: [
        Alert(
          status: trigger == .resolved ? .resolved : .firing,
          labels: ["alertname": "ProviderDiscordHighErrorRate"], startsAt: "2026-01-01T00:00:00Z",
          fingerprint: "f")
      ])
  }

  @Test func aMessageSaysWhatAndWhomAndHow() {
    let text = DiscordMessage.content(Self.report(), job: Self.job(.alert), place: "the place")
    #expect(
      text == """
        🔴 **High Error Rate**: fail
        ProviderDiscordHighErrorRate fires since 2026-01-01T00:00:00Z
        **Root cause** HER-004: token rejected \\*now\\*
        **Escalate** Platform Team now @everyone
        **Fix** `provider-discord runbook fix HER-004 --token-stdin`
        Report: `the place`

        """)
    let body = DiscordMessage.body(Self.report(), job: Self.job(.alert), place: "x")
    #expect(body["allowed_mentions"] == ["parse": []])
  }

  @Test func anEndedAlertSaysWhetherItIsTrue() {
    func text(_ verdict: String) -> String {
      DiscordMessage.content(
        Self.report(verdict: verdict), job: Self.job(.resolved), place: "x")
    }
    #expect(text("pass").contains("has ended, and the checks agree"))
    #expect(text("fail").contains("has ended, but the checks do not agree"))
  }

  @Test func aMessageFitsAndHoldsNoSecret() {
    let long = Self.report(cause: String(repeating: "🔥 very long ", count: 400))
    let text = DiscordMessage.content(long, job: Self.job(.alert), place: "x")
    #expect(text.utf16.count <= 2_000)
    #expect(text.hasSuffix("…"))
    let leak = Self.report(cause: "the log says \(Self.token)")
    let clean = DiscordMessage.content(leak, job: Self.job(.alert), place: "x")
    #expect(!clean.contains("GabcdE"))
  }

  @Test func aConfigMapIsBoundedAndKeepsItsHistory() throws {
    let big = Self.report(markdown: String(repeating: "täxt ", count: 100_000))
    var history: String?
    for _ in 0..<52 {
      let body = ReportConfigMap.body(big, trigger: .schedule, namespace: "ns", history: history)
      history = body.value(at: "data", "history")?.stringValue
      #expect(body.value(at: "metadata", "name") == "provider-discord-runbook-high-error-rate")
    }
    #expect(history?.split(separator: "\n").count == 50)
    let body = ReportConfigMap.body(big, trigger: .alert, namespace: "ns", history: history)
    #expect(body.serialized().count < 512 << 10)
    let text = try #require(body.value(at: "data", "report.json")?.stringValue)
    let json = try JSONValue(parsing: text)
    #expect(json["truncated"] != nil)
    #expect(json["verdict"] == "fail")
  }

  @Test func aConfigMapHoldsNoSecret() {
    let leak = Self.report(
      cause: "token \(Self.token)", markdown: "Authorization: Bot \(Self.token)")
    let body = ReportConfigMap.body(leak, trigger: .alert, namespace: "ns", history: nil)
    #expect(!body.serializedText().contains("GabcdE"))
    #expect(body.serializedText().contains("[redacted]"))
  }
}
