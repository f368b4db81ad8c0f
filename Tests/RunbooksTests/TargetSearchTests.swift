import Engine
import HTTPTransport
import JSONValue
import KubeWatch
import Testing

@testable import Runbooks

@Suite struct TargetSearchTests {
  private static func search(
    _ lists: [String: JSONValue], values: RunbookValues = RunbookValues(),
    failing: TransportError? = nil
  ) async -> TargetSearch.Found {
    let (reads, _) = SourceTests.reads { request throws(TransportError) in
      if let failing { throw failing }
      if request.url.hasSuffix("/version") { return .json(["major": "1"]) }
      for (plural, items) in lists where request.url.contains("/\(plural)?") {
        return .json(["metadata": [:], "items": items])
      }
      return .json(["kind": "Status", "code": 404, "message": "not there"], status: 404)
    }
    return await TargetSearch(
      reads: reads, time: .system(), values: values, context: "prod", namespace: nil
    ).find()
  }

  /// Crossplane names the Deployment after the revision and the container package-runtime.
  @Test func findsWhatCrossplaneInstalled() async {
    let labels: JSONValue = ["pkg.crossplane.io/provider": "provider-discord"]
    let found = await Self.search([
      "providers": [
        [
          "metadata": ["name": "provider-discord"],
          "spec": [
            "package": "registry.example/provider-discord:v1",
            "runtimeConfigRef": ["name": "default"],
          ],
        ]
      ],
      "deployments": [
        [
          "metadata": ["name": "provider-discord-1a2b3c", "labels": labels],
          "spec": [
            "selector": ["matchLabels": labels],
            "template": [
              "spec": [
                "containers": [
                  ["name": "package-runtime", "ports": [["containerPort": 9_090, "name": "http"]]]
                ]
              ]
            ],
          ],
        ]
      ],
      "pods": [
        [
          "metadata": [
            "name": "old", "labels": labels, "creationTimestamp": "2026-01-01T00:00:00Z",
          ]
        ],
        [
          "metadata": [
            "name": "new", "labels": labels, "creationTimestamp": "2026-01-02T00:00:00Z",
          ]
        ],
        ["metadata": ["name": "other", "labels": ["app": "x"]]],
      ],
    ])
    #expect(found.target["flavour"]?.stringValue == "crossplane")
    #expect(found.target["deployment"]?.stringValue == "provider-discord-1a2b3c")
    #expect(found.target["container"]?.stringValue == "package-runtime")
    #expect(found.target["app_label"]?.stringValue == "pkg.crossplane.io/provider=provider-discord")
    #expect(found.target["runtime_config"]?.stringValue == "default")
    #expect(found.pod == "new")
    #expect(found.port == 9_090)
  }

  @Test func readsTheProviderConfigsAddress() async {
    let found = await Self.search([
      "providerconfigs": [
        [
          "metadata": ["name": "default"],
          "spec": [
            "baseURL": "http://127.0.0.1:9000/api/v10",
            "credentials": ["secretRef": ["namespace": "n", "name": "s", "key": "k"]],
          ],
        ]
      ]
    ])
    #expect(found.target.value(at: "discord", "host")?.stringValue == "127.0.0.1")
    #expect(found.target.value(at: "discord", "port")?.integerValue == 9_000)
    #expect(found.target.value(at: "secret", "key")?.stringValue == "k")
    #expect(found.target["flavour"]?.stringValue == "helm")
  }

  @Test func withoutAServerTheNamesAreTheUsualOnes() async throws {
    var values = RunbookValues()
    values.target = ["namespace": "discord", "container": "c"]
    let found = await Self.search(
      [:], values: values,
      failing: TransportError(kind: .timedOut, message: "slow", requestMayHaveBeenSent: true))
    #expect(!found.reportTarget.isReachable)
    #expect(found.reportTarget.problem == "slow")
    #expect(found.target["namespace"]?.stringValue == "discord")
    #expect(found.target["container"]?.stringValue == "c")
    #expect(found.target["deployment"]?.stringValue == "provider-discord")
    #expect(found.target.value(at: "discord", "host")?.stringValue == "discord.com")
    #expect(found.pod == nil)
  }

  @Test(arguments: [
    ("thresholds: {a: {b: x}}", "thresholds.a.b must be a number"),
    ("threshold: {}", "there is no \"threshold\""),
    ("target: {nam: x}", "target has no \"nam\""),
    ("contacts: [a]", "contacts must be a mapping"),
    ("a: [", "not valid YAML"),
  ])
  func aWrongValuesFileSaysWhere(text: String, message: String) {
    let error = #expect(throws: RunbookValues.ReadError.self) { try RunbookValues(yaml: text) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  @Test func whatAFileLeavesOutIsAsItsBaseHasIt() throws {
    let values = try RunbookValues(
      yaml: """
        thresholds: {sample: {much: 1}}
        contacts: {SRE Team: ours}
        """,
      over: """
        thresholds: {sample: {much: 2, little: 3}}
        contacts: {SRE Team: theirs, Platform Team: theirs}
        """)
    #expect(values.thresholds == ["sample": ["much": 1, "little": 3]])
    #expect(values.contacts == ["SRE Team": "ours", "Platform Team": "theirs"])
    // Only what the file itself sets can be misspelt in it.
    #expect(values.unknownThresholds(among: []) == ["thresholds.sample"])
    #expect(
      try RunbookValues(yaml: "", over: "thresholds: {a: {b: 1}}").unknownThresholds(among: [])
        == []
    )
  }

  @Test func aWrongFileIsNotHiddenByItsBase() {
    let error = #expect(throws: RunbookValues.ReadError.self) {
      try RunbookValues(yaml: "contacts: [a]", over: "contacts: {SRE Team: b}")
    }
    #expect(error?.description == "contacts must be a mapping of texts")
  }

  @Test func valuesOverrideWhatTheRunbookSays() throws {
    let values = try RunbookValues(
      yaml: """
        thresholds: {sample: {much: 0.5, unknown: 1}}
        contacts: {Platform Team: a@b.example}
        values: {list: [1, "2", true, null]}
        """)
    let runbook = try Scripts.runbook(
      checks: "{ id = 'SMP-001', run = 'f', title = 'a', category = 'b' }",
      functions: "function rb.f() return check.pass('x') end",
      more: "thresholds = { much = { default = 0.2, unit = 'ratio', text = 't' } },")
    #expect(values.thresholds(of: runbook) == ["much": 0.5])
    #expect(values.unknownThresholds(among: [runbook]) == ["thresholds.sample.unknown"])
    #expect(values.free["list"] == [1, "2", true, .null])
  }
}
