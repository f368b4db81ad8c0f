import Engine
import JSONValue
import LuaBridge
import Synchronization
import Testing

import struct KubeWatch.AccessError

@testable import Runbooks

@Suite struct RunnerTests {
  /// A failure with a cause, its victim, a plan, an escalation, evidence, and what could not be told.
  private static func incident() throws -> RunbookDescription {
    try Scripts.runbook(
      checks: """
        { id = "SMP-001", run = "ratio", title = "error ratio", category = "metrics" },
        { id = "SMP-002", run = "token", title = "token", category = "auth", hint = "replace it" },
        { id = "SMP-003", run = "fine", title = "bits", category = "auth", needs = { "SMP-002" } },
        { id = "SMP-004", run = "cpu", title = "CPU", category = "node" },
        { id = "SMP-005", run = "fine", title = "names", category = "node" }
        """,
      functions: """
        local metrics = require("lib.metrics")
        local reads = require("lib.discord_reads")
        local evidence = require("lib.evidence")
        local kube = require("lib.kube")
        function rb.ratio(ctx)
          local rate, info = metrics.rate("ops")
          return check.fail("error ratio " .. rate .. " > " .. ctx.thresholds.much,
            { cause = "errors", observed = { value = rate, samples = info.count } })
        end
        function rb.token(ctx)
          local answer = reads.get("/users/@me")
          local id = evidence.add("me.json", answer)
          return check.fail("GET /users/@me -> " .. answer.status, {
            cause = "auth.401", explains = { "SMP-001" }, evidence = { id },
            plans = { "replace", "restart" }, lines = { "changed 14m ago" },
            escalate = { { to = "Security", why = "auth" },
              { to = "On-call", after = 1800, since = "2025-12-31T23:48:00Z" } } })
        end
        function rb.cpu(ctx)
          local usage, err = kube.usage({ metadata = { name = "p", namespace = "n" } })
          return check.no_answer("metrics.k8s.io", err)
        end
        function rb.fine() return check.pass("fine") end
        function rb.replace(ctx)
          return { why = "because " .. ctx.results["SMP-002"].cause, ops = {
            { verb = "patch", gvr = kube.types.secrets, namespace = "n", name = "s",
              patch_type = "merge", body = { stringData = { token = { ["$input"] = "token" } } } } } }
        end
        function rb.restart() return { why = "hope", veto = "near the ban", ops = {} } end
        """,
      more: """
        capabilities = { "metrics.read", "discord.read", "kube.read" },
        thresholds = { much = { default = 0.2, unit = "ratio", text = "too much" } },
        plans = {
          { id = "replace", build = "replace", title = "Replace", risk = "medium",
            verify = { "SMP-002" }, inputs = { "token" } },
          { id = "restart", build = "restart", title = "Restart", risk = "high" },
        },
        """)
  }

  private static func world() -> NamedAnswers {
    NamedAnswers([
      "metrics.rate": ["value": 0.5, "info": ["source": "scrape", "count": 9]],
      "discord.get": ["value": ["status": 401, "headers": [:], "ms": 3, "body": .null]],
      "kube.usage": SourceFailure(.notfound, "no metrics-server").json,
    ])
  }

  private static func report(_ world: any EffectAnswering) async throws -> RunReport {
    await RunbookRunner(
      answers: world, situation: .sample, time: .standing
    ).run([try incident()])
  }

  @Test func namesTheCauseAndItsVictims() async throws {
    let report = try await Self.report(Self.world())
    let runbook = try #require(report.runbooks.first)
    #expect(runbook.verdict == .fail)
    #expect(runbook.rootCause?.check == "SMP-002")
    #expect(runbook.rootCause?.cause == "auth.401")
    #expect(runbook.rootCause?.victims == ["SMP-001", "SMP-003"])
    #expect(runbook.checks.map(\.outcome.status) == [.fail, .fail, .skip, .unknown, .pass])
    #expect(runbook.checks[0].outcome.message == "error ratio 0.5 > 0.2")
    #expect(runbook.checks[0].explainedBy == "SMP-002")
    #expect(runbook.checks[3].outcome.message.contains("not found (no metrics-server)"))
    #expect(runbook.plans.map(\.why) == ["because auth.401", "hope"])
    #expect(runbook.vetoes.map(\.id) == ["restart"])
    #expect(runbook.evidence.map(\.id) == ["SMP-002.1"])
    #expect(runbook.escalations.map(\.to) == ["Security", "On-call"])
    #expect(runbook.escalations.map(\.isDue) == [true, false])
    #expect(runbook.escalations[1].due.seconds == "2026-01-01T00:18:00Z")
    #expect(report.exit() == .escalateNow)
    #expect(report.exit(failOn: nil) == .pass)
  }

  @Test func aBugOfAScriptIsUnknownWithItsLine() async throws {
    let runbook = try Scripts.runbook(
      checks: "{ id = 'SMP-001', run = 'f', title = 'a', category = 'b' }",
      functions: "function rb.f(ctx) return ctx.alert.labels end")
    let report = await RunbookRunner(
      answers: Self.world(), situation: .sample, time: .standing
    ).run([runbook])
    #expect(report.verdict == .unknown)
    #expect(report.exit() == .badScript)
    #expect(report.runbooks[0].faults.first?.contains("runbooks/sample.lua:") == true)
  }

  @Test func anEffectWithoutItsCapabilityIsABug() async throws {
    let runbook = try Scripts.runbook(
      checks: "{ id = 'SMP-001', run = 'f', title = 'a', category = 'b' }",
      functions: """
        local kube = require("lib.kube")
        function rb.f() kube.list("v1/pods") return check.pass("fine") end
        """)
    let world = Self.world()
    let report = await RunbookRunner(
      answers: world, situation: .sample, time: .standing
    ).run([runbook])
    #expect(report.runbooks[0].faults.first?.contains("do not name \"kube.read\"") == true)
    #expect(world.counts["kube.list"] == nil)
  }

  @Test(arguments: [
    ("return { status = 'fail', message = 'no cause' }", "a failure needs a cause"),
    ("return { status = 'great', message = 'x' }", "must be pass, warn, fail, skip or unknown"),
    ("return check.pass('x', { plan = { 'y' } })", "there is no such member"),
    ("return check.pass('x', { plans = { 'y' } })", "is no plan of this runbook"),
    ("return nil", "must be a table"),
  ])
  func anOutcomeOfTheWrongShapeIsABug(body: String, message: String) async throws {
    let runbook = try Scripts.runbook(
      checks: "{ id = 'SMP-001', run = 'f', title = 'a', category = 'b' }",
      functions: "function rb.f() \(body) end")
    let report = await RunbookRunner(
      answers: Self.world(), situation: .sample, time: .standing
    ).run([runbook])
    let fault = report.runbooks[0].faults.first ?? ""
    #expect(fault.contains(message), "\(fault)")
  }

  @Test func aCheckThatHangsIsGivenUpAtItsDeadline() async throws {
    let runbook = try Scripts.runbook(
      checks: "{ id = 'SMP-001', run = 'f', title = 'a', category = 'b', timeout = 3 }",
      functions: """
        local kube = require("lib.kube")
        function rb.f() kube.list("v1/pods") return check.pass("fine") end
        """, more: "capabilities = { 'kube.read' },")
    let report = await RunbookRunner(
      answers: HangingWorld(), situation: .sample, time: SleepersClock().source
    ).run([runbook])
    #expect(report.runbooks[0].checks[0].outcome.message == "no result within 3 s, its time")
    #expect(report.runbooks[0].milliseconds == 3_000)
    var dead = RunbookSituation.sample
    dead.searchMilliseconds = 20_000
    let late = await RunbookRunner(
      answers: HangingWorld(), situation: dead, time: SleepersClock().source
    ).run([runbook])
    #expect(late.runbooks[0].milliseconds == 23_000)
    #expect(late.milliseconds == 23_000)
  }

  /// Who waits for a dead API server is not told that it took no time.
  @Test func theSearchForTheProviderIsTimed() async {
    let seconds = Mutex<Int64>(0)
    let system = TimeSource.system()
    let time = TimeSource(
      origin: system.origin,
      uptime: {
        seconds.withLock { number in
          number += 1
          return .seconds(number)
        }
      },
      wallMilliseconds: system.wallMilliseconds, sleep: system.sleep)
    let session = await RunbookSession(
      .init(access: .failure(AccessError("there is no cluster"))), time: time)
    #expect(session.situation.searchMilliseconds >= 1_000)
    await session.shutdown()
  }

  @Test func aReplayIsTheSameByteForByte() async throws {
    let runbook = try Self.incident()
    let recorder = RunbookRecorder(world: Self.world())
    var situation = RunbookSituation.sample
    situation.searchMilliseconds = 20_000
    let report = await RunbookRunner(
      answers: recorder, situation: situation, time: .standing, observer: recorder
    ).run([runbook])
    let file = recorder.finished([runbook], situation: situation, only: nil, report: report)
      .serialized()
    let again = try await RunRecording(JSONValue(parsing: file)).replay()
    for format in ReportFormat.allCases {
      #expect(
        format.text(of: again, isTerminal: true) == format.text(of: report, isTerminal: true),
        "\(format)")
    }
  }

  @Test func aReplayHasTheDeadlinesOfThen() async throws {
    let runbook = try Scripts.runbook(
      checks: "{ id = 'SMP-001', run = 'f', title = 'a', category = 'b', timeout = 3 }",
      functions: """
        local kube = require("lib.kube")
        function rb.f() kube.list("v1/pods") return check.pass("fine") end
        """, more: "capabilities = { 'kube.read' },")
    let recorder = RunbookRecorder(world: HangingWorld())
    let report = await RunbookRunner(
      answers: recorder, situation: .sample, time: SleepersClock().source, observer: recorder
    ).run([runbook])
    let file = recorder.finished([runbook], situation: .sample, only: nil, report: report)
    let again = try await RunRecording(file).replay()
    #expect(JSONReport.value(of: again) == JSONReport.value(of: report))
  }

  @Test func otherScriptsSeeTheSameWorld() async throws {
    let recorder = RunbookRecorder(world: Self.world())
    let runbook = try Self.incident()
    let report = await RunbookRunner(
      answers: recorder, situation: .sample, time: .standing, observer: recorder
    ).run([runbook])
    let recording = try RunRecording(
      recorder.finished([runbook], situation: .sample, only: nil, report: report))
    let changed = recording.sources.map { source in
      var source = source
      let text = String(decoding: source.text, as: UTF8.self)
      source.text = Array(text.replacing("check.fail(\"error", with: "check.warn(\"error").utf8)
      return source
    }
    let again = try await recording.replay(with: ScriptBundle(sources: changed))
    #expect(again.runbooks[0].checks[0].outcome.status == .warn)
  }

  @Test func theReportsAreAsPeopleKnowThem() async throws {
    let report = try await Self.report(Self.world())
    let table = ReportFormat.table.text(of: report, isTerminal: false)
    #expect(!table.contains("\u{1B}"))
    for line in [
      "× error ratio 0.5 > 0.2  [SMP-001]  cause: errors",
      "    explained by SMP-002",
      "- bits  skipped: needs SMP-002  [SMP-003]",
      "? CPU  unknown: metrics.k8s.io: not found (no metrics-server)  [SMP-004]",
      "√ fine  [SMP-005]",
      "Root cause  SMP-002 auth.401: GET /users/@me -> 401 (explains SMP-001, SMP-003)",
      "Fix         [1] replace  risk: medium  "
        + "provider-discord runbook fix sample/replace --token-stdin",
      "Vetoed      restart: near the ban",
      "ESCALATE    Security NOW (auth) · On-call in 18m",
      "2 failed · 0 warned · 1 unknown · 1 skipped · 1 passed",
    ] { #expect(table.contains(line + "\n"), "\(line)\n\(table)") }
    #expect(ReportFormat.table.text(of: report, isTerminal: true).contains("\u{1B}[31m×"))
    let json = JSONReport.value(of: report)
    #expect(json["schema"]?.stringValue == "runbook.discord/v1")
    #expect(json["vetoes"]?[0]?["plan"]?.stringValue == "restart")
    let junit = ReportFormat.junit.text(of: report, isTerminal: false)
    #expect(junit.contains("tests=\"5\" failures=\"2\" errors=\"1\" skipped=\"1\""))
    #expect(junit.contains("GET /users/@me -&gt; 401"))
    let markdown = ReportFormat.markdown.text(of: report, isTerminal: false)
    #expect(markdown.contains("| × | SMP-002 token | GET /users/@me -> 401<br>changed 14m ago |"))
    #expect(
      ReportFormat.short.text(of: report, isTerminal: false).contains(
        "  × SMP-002 auth.401: GET /users/@me -> 401\n"))
  }
}

/// Answers nothing, ever.
private struct HangingWorld: EffectAnswering {
  func answer(_ effect: JSONValue, for key: ScriptRunKey) async -> JSONValue {
    let (never, _) = AsyncStream<Void>.makeStream()
    for await _ in never {}
    return .null
  }
}
