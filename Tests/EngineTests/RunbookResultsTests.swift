import Engine
import JSONValue
import Synchronization
import Testing

@Suite("The last results of runbooks")
struct RunbookResultsTests {
  private struct Unreachable: Error, CustomStringConvertible { let description = "no route" }

  private let moment = Timestamp("2026-11-25T15:01:00Z")

  private func map(_ name: String, history: String, verdict: String? = nil) -> JSONValue {
    var map: JSONValue = [
      "metadata": ["name": .string(name)], "data": ["history": .string(history)],
    ]
    if let verdict { map.set(.string(verdict), at: ["data", "verdict"]) }
    return map
  }

  private func results(_ maps: [JSONValue]) -> RunbookResults {
    RunbookResults(namespace: "here") { namespace, selector in
      #expect(namespace == "here")
      #expect(selector == "app.kubernetes.io/component=runbook-report")
      return try JSONDocument(parsing: JSONValue.array(maps).serialized()).root.elements
    }
  }

  @Test("the newest line of each ConfigMap is shown, the newest run first")
  func newest() async throws {
    let now = try #require(moment)
    let results = results([
      map(
        "provider-discord-runbook-high-memory",
        history: "2026-11-25T14:00:00Z schedule pass\n2026-11-25T13:00:00Z alert fail · old\n",
        verdict: "pass"),
      map(
        "provider-discord-runbook-high-error-rate",
        history: "2026-11-25T15:00:00Z alert fail · HER-004: token · rejected\n"),
    ])
    await results.refresh()
    let expected: JSONValue = [
      "failure": .null,
      "results": [
        [
          "runbook": "high-error-rate", "verdict": "fail", "message": "HER-004: token · rejected",
          "startedAt": "2026-11-25T15:00:00Z", "ageSeconds": 60,
        ],
        [
          "runbook": "high-memory", "verdict": "pass", "message": .null,
          "startedAt": "2026-11-25T14:00:00Z", "ageSeconds": 3660,
        ],
      ],
    ]
    #expect(results.report(now: now) == expected)
  }

  @Test("ConfigMaps of another shape are left out")
  func strangers() async throws {
    let now = try #require(moment)
    let results = results([
      map("provider-discord-runbook-empty", history: ""),
      map("provider-discord-runbook-short", history: "pass\n"),
      map("somebody-elses", history: "2026-11-25T14:00:00Z schedule pass\n"), ["metadata": [:]],
    ])
    await results.refresh()
    #expect(results.report(now: now)["results"] == [])
  }

  @Test("what can't be read leaves the last results and says why")
  func failing() async throws {
    let now = try #require(moment)
    let fails = Mutex(false)
    let document = try JSONDocument(
      parsing: JSONValue.array([
        map("provider-discord-runbook-rate-limit", history: "2026-11-25T15:00:30Z alert warn\n")
      ]).serialized())
    let results = RunbookResults(namespace: "here") { _, _ in
      if fails.withLock({ $0 }) { throw Unreachable() }
      return document.root.elements
    }
    await results.refresh()
    fails.withLock { $0 = true }
    await results.refresh()
    let report = results.report(now: now)
    #expect(report["failure"] == "no route")
    #expect(report["results"]?.arrayValue?.count == 1)
  }
}
