import Testing

@testable import Runbooks

@Suite struct RunbookLintTests {
  private static func runbook(
    more: String = "", functions: String = "function rb.one() return check.pass('x') end"
  ) throws -> RunbookDescription {
    try Scripts.runbook(
      checks: #"{ id = "SMP-001", run = "one", title = "one", category = "c" }"#,
      functions: functions, more: more)
  }

  private static let rules = """
    apiVersion: monitoring.coreos.com/v1
    kind: PrometheusRule
    spec:
      groups:
        - name: g
          rules:
            - record: x
              expr: up
            - alert: ProviderDiscordDown
              expr: absent(up == 1)
              annotations:
                runbook_url: https://example.org/docs/runbooks/sample.md
    """

  private static let scrape = ScrapeShape(
    """
    # HELP provider_discord_api_operations_total x
    # TYPE provider_discord_api_operations_total counter
    provider_discord_api_operations_total{resource_type="guild",operation="get",status="a\\"b, c"} 3
    # TYPE provider_discord_api_duration_seconds histogram
    provider_discord_api_duration_seconds_bucket{operation="get",le="0.5"} 1
    provider_discord_api_duration_seconds_bucket{operation="get",le="10"} 1
    provider_discord_api_duration_seconds_bucket{operation="get",le="+Inf"} 1
    provider_discord_api_duration_seconds_sum{operation="get"} 1
    provider_discord_api_duration_seconds_count{operation="get"} 1
    # TYPE process_resident_memory_bytes gauge
    """)

  private static func findings(
    _ runbook: RunbookDescription, rules: String? = nil, scrape: ScrapeShape? = nil
  ) async throws -> [LintFinding] {
    let all = try await RunbookLint([runbook], scripts: "scripts").findings(
      alerts: try rules.map { try AlertRules(yaml: $0, file: "rules.yaml") }, scrape: scrape)
    // The shipped library is part of every bundle, and reads more than this small scrape has.
    return all.filter { !$0.file.hasPrefix("scripts/lib/") }
  }

  @Test func alertsAndRunbooksThatAgreeAreFine() async throws {
    let runbook = try Self.runbook(more: #"alerts = { "ProviderDiscordDown" },"#)
    #expect(try await Self.findings(runbook, rules: Self.rules).isEmpty)
  }

  @Test func anAlertWithoutARunbookIsFoundAtItsLine() async throws {
    let found = try await Self.findings(try Self.runbook(), rules: Self.rules)
    #expect(found.map(\.rule) == [.alertWithoutRunbook])
    #expect(found.first?.file == "rules.yaml")
    #expect(found.first?.line == 9)
    #expect(
      found.first?.github.hasPrefix(
        "::error file=rules.yaml,line=9,title=alert-without-runbook::") == true)
  }

  @Test func aRunbookWithoutItsAlertIsFoundAndTheLikelyNameSaid() async throws {
    let runbook = try Self.runbook(
      more: #"alerts = { "ProviderDiscordDown", "ProviderDiscordDwn" },"#)
    let found = try await Self.findings(runbook, rules: Self.rules)
    #expect(found.map(\.rule) == [.runbookWithoutAlert])
    #expect(found.first?.hint == "did you mean ProviderDiscordDown?")
    #expect(found.first?.file == "scripts/runbooks/sample.lua")
  }

  @Test func aLinkElsewhereIsFound() async throws {
    let runbook = try Self.runbook(more: #"alerts = { "ProviderDiscordDown" },"#)
    let rules =
      Self.rules.split(separator: "sample.md").joined(separator: "wiki#down")
      + "wiki#down"
    let found = try await Self.findings(runbook, rules: rules)
    #expect(found.map(\.rule) == [.wrongRunbookURL])
  }

  @Test func metricsAndLabelsOfCallsAreHeldAgainstTheScrape() async throws {
    let runbook = try Self.runbook(
      functions: #"""
        local metrics = require("lib.metrics")
        local OPERATIONS <const> = "provider_discord_api_operations_total"
        -- "provider_discord_in_a_comment" is none
        function rb.one()
          metrics.sum_rate(OPERATIONS, { labels = { status = { ["not"] = "x" } }, by = { "verb" } })
          metrics.value("provider_discord_api_operation_total", { status = "x" })
          metrics.series(OPERATIONS, { code = "401" })
          metrics.quantile(0.95, "provider_discord_api_duration_seconds", { by = { "operation" } })
          metrics.rate("provider_discord_api_duration_seconds_count", { window = 300 })
          metrics.value("process_resident_memory_bytes", { whatever = "1" })
          return check.pass("x")
        end
        """#)
    let found = try await Self.findings(runbook, scrape: Self.scrape)
    #expect(
      found.map(\.message) == [
        "provider_discord_api_operations_total has no label verb",
        "the scrape has no metric provider_discord_api_operation_total",
        "provider_discord_api_operations_total has no label code",
      ])
    #expect(found[1].hint == "did you mean provider_discord_api_operations_total?")
    #expect(found[0].line + 1 == found[1].line)
  }

  @Test func metricsAndLabelsOfPromQLAreHeldAgainstTheScrape() async throws {
    let runbook = try Self.runbook(
      functions: #"""
        local prom = require("lib.prom")
        function rb.one()
          prom.query([[sum by (operation, le) (
            rate(provider_discord_api_duration_seconds_bucket{job="x",kind!="}"}[5m]))]])
          return check.pass("x")
        end
        """#)
    let found = try await Self.findings(runbook, scrape: Self.scrape)
    #expect(
      found.map(\.message) == ["provider_discord_api_duration_seconds_bucket has no label kind"])
  }

  @Test(arguments: [("9.9", true), ("10", false), ("12", false)])
  func aThresholdMustBeWithinItsBuckets(value: String, isFine: Bool) async throws {
    let runbook = try Self.runbook(
      more: """
        thresholds = { slow = { default = \(value), unit = "s", text = "t",
          metric = "provider_discord_api_duration_seconds" } },
        """)
    let found = try await Self.findings(runbook, scrape: Self.scrape)
    #expect(found.map(\.rule) == (isFine ? [] : [.unreachableThreshold]))
  }

  private static let manifest = """
    kind: ClusterRole
    metadata: { name: runbook-reader }
    rules:
      - { apiGroups: [""], resources: [pods, pods/log], verbs: [get, list] }
      - { apiGroups: [""], resources: [secrets], resourceNames: [x], verbs: [get, list] }
    ---
    kind: RoleBinding
    metadata: { name: b, namespace: ns }
    roleRef: { kind: ClusterRole, name: runbook-reader }
    subjects: [{ kind: ServiceAccount, name: provider-discord-runbooks }]
    ---
    kind: ClusterRole
    metadata: { name: other }
    rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }]
    ---
    kind: ClusterRoleBinding
    metadata: { name: c }
    roleRef: { kind: ClusterRole, name: other }
    subjects: [{ kind: ServiceAccount, name: somebody }]
    """

  @Test func rightsAreThoseOfTheRunbooksAccount() async throws {
    let runbook = try Self.runbook(
      more: """
        rights = {
          { verb = "get", group = "", resource = "pods", subresource = "log", namespace = true },
          { verb = "get", group = "", resource = "secrets", namespace = true },
          { verb = "list", group = "", resource = "secrets", namespace = true },
          { verb = "list", group = "", resource = "pods", cluster = true },
          { verb = "list", group = "apps", resource = "deployments", namespace = true },
        },
        """)
    let rights = try GrantedRights(yaml: Self.manifest, file: "m.yaml", account: nil)
    let found = try await RunbookLint([runbook], scripts: "").findings(rights: {
      rights.allow($0)
    })
    #expect(
      Set(found.map(\.message)) == [
        "sample needs to list secrets in the provider's namespace",
        "sample needs to list pods in the cluster",
        "sample needs to list deployments.apps in the provider's namespace",
      ])
    let all = try GrantedRights(yaml: Self.manifest, file: "m.yaml", account: "somebody")
    #expect(
      try await RunbookLint([runbook], scripts: "").findings(rights: { all.allow($0) }).isEmpty)
  }

  @Test func filesThatSayNothingAreErrorsAndNotFine() {
    #expect(throws: RemediationError.self) { try AlertRules(yaml: "a: 1", file: "f") }
    #expect(throws: RemediationError.self) { try AlertRules(yaml: "a: [", file: "f") }
    #expect(throws: RemediationError.self) {
      try GrantedRights(yaml: "kind: Role", file: "f", account: nil)
    }
  }
}
