import JSONValue
import LuaBridge
import Synchronization
import Testing

@testable import Engine

/// What is recorded comes to the same result again, and has no secrets.
@Suite struct RecordingTests {
  private static let rule = """
    local discord = require("lib.discord")
    local thing = {
      kind = "Thing", group = "thing.example.org", version = "v1", plural = "things",
      resource_type = "channel", capabilities = { "discord.read", "discord.write" },
    }
    function thing.observe(ctx)
      local found = discord.channel("1", "9")
      return { exists = true, observed = found, at_provider = { now = ctx.now } }
    end
    function thing.update(ctx, observed)
      local topic = "a " .. ctx.spec.forProvider.topic
      discord.request({ method = "PATCH", path = "/c/" .. observed.id, body = { topic = topic } })
      return { at_provider = { topic = topic } }
    end
    function thing.delete(ctx)
      return ctx.spec.missing.field
    end
    return thing
    """

  private static func bundle(_ rule: String = rule) throws -> ScriptBundle {
    let own = ScriptSource(
      module: "resources.thing", path: "resources/thing.lua", text: Array(rule.utf8))
    return try ScriptBundle(sources: try ShippedScripts.sources.get() + [own])
  }

  private static let token = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"

  /// Records an observe, an update and a failing delete of one object.
  private static func record() async throws -> JSONValue {
    let files = Mutex<[JSONValue]>([])
    let recorder = RunRecorder(
      store: { _, bytes in
        let value = try JSONValue(parsing: bytes)
        files.withLock { $0.append(value) }
      }, onFailure: { Issue.record($0) })
    let now = Timestamp(millisecondsSince1970: 1_767_225_600_000)
    let recording = recorder.begin(kind: "Thing", namespace: "a", name: "b", now: now)
    let rule = try Rule(module: "resources.thing", in: bundle())
    let runner = RuleRunner(limits: ScriptLimits(), runner: ScriptRunner())
    let context: JSONValue = [
      "resource": [
        "apiVersion": "thing.example.org/v1", "kind": "Thing",
        "metadata": ["name": "b", "namespace": "a", "uid": "u", "token": "abc"],
        "spec": ["forProvider": ["topic": "x", "webhook": .string("see \(token)!")]],
      ],
      "spec": ["forProvider": ["topic": "x", "webhook": .string("see \(token)!")]],
      "external_name": "9", "now": "2026-01-01T00:00:00Z", "now_ms": 1_767_225_600_000,
    ]
    let perform: @Sendable ([UInt8]) async throws -> [UInt8] = { effect in
      let name = try JSONValue(parsing: effect)["effect"]?.stringValue
      let body: JSONValue =
        name == "discord.channel"
        ? ["id": "9", "webhook_url": "https://x/y", "token": "t0ps3cret"] : ["id": "9"]
      return JSONValue.object(["ok": true, "body": body]).serialized()
    }
    for function in ["observe", "update"] {
      _ = try await runner.run(
        function, of: rule, context: context.serialized(),
        observed: function == "update" ? ["id": "9"] : nil, recording: recording, perform: perform)
    }
    await #expect(throws: ScriptError.self) {
      _ = try await runner.run(
        "delete", of: rule, context: context.serialized(), recording: recording, perform: perform)
    }
    recorder.finish(recording, id: 7)
    return try #require(files.withLock { $0.first })
  }

  @Test func aReplayComesToTheSameResult() async throws {
    let recording = try Recording(try await Self.record())
    #expect(recording.object == "Thing a/b")
    #expect(recording.runs.map(\.function) == ["observe", "update", "delete"])
    #expect(try await Replay(recording).differences() == [])
  }

  @Test func onlyTheScriptsThatMatterAreKept() async throws {
    let recording = try Recording(try await Self.record())
    #expect(recording.sources.map(\.module) == ["lib.discord", "resources.thing"])
  }

  @Test func noSecretIsKept() async throws {
    let text = try await Self.record().serializedText()
    for secret in [Self.token, "t0ps3cret", "https://x/y", "\"abc\""] {
      #expect(!text.contains(secret))
    }
    #expect(text.contains("[redacted]"))
  }

  @Test func aReplayOfAnotherRuleSaysWhereItDiffers() async throws {
    let recording = try Recording(try await Self.record())
    let other = Self.rule.replacing("\"a \"", with: "\"b \"")
    let differences = try await Replay(recording, with: Self.bundle(other)).differences()
    #expect(differences.map(\.run) == [2])
    #expect(differences.first?.problem.place == "effects[1].body.topic")
    #expect(differences.first?.problem.expected == "\"a x\"")
    #expect(differences.first?.problem.actual == "\"b x\"")
  }

  @Test func anErrorThatIsGoneIsADifference() async throws {
    let recording = try Recording(try await Self.record())
    let other = Self.rule.replacing("return ctx.spec.missing.field", with: "return {}")
    let differences = try await Replay(recording, with: Self.bundle(other)).differences()
    #expect(differences.map(\.function) == ["delete"])
  }

  @Test func aSavedCasePasses() async throws {
    let recording = try Recording(try await Self.record())
    let folder = try ScriptFolder(["resources/thing.lua": Self.rule])
    try folder.write(recording.caseFile(), to: "resources/saved_cases.lua")
    try folder.write(recording.caseFile(run: 1), to: "resources/looked_cases.lua")
    let suite = try CaseSuite(
      directory: folder.path, shipped: try ShippedScripts.sources.get())
    let report = await suite.run()
    #expect(report.succeeded, "\(report.text)")
    #expect(report.results.map(\.call) == ["observe", "update"])
  }

  @Test func aRunThatFailedIsNoCase() async throws {
    let recording = try Recording(try await Self.record())
    #expect(throws: Recording.ReadError.self) { try recording.caseFile(run: 3) }
    #expect(throws: Recording.ReadError.self) { try recording.caseFile(run: 9) }
    #expect(throws: Recording.ReadError.self) { try Recording(["format": 2]) }
  }

  @Test(arguments: [
    "text with \"quotes\", a \\ and\nlines\u{1}2", "", "end", "ünï", "\u{7F}",
  ]) func aTextIsTheSameAsLua(_ text: String) throws {
    let value: JSONValue = [
      "text": .string(text), "end": 1, "a b": [1, [], [:], .null, true, 2.5],
      "big": .integer(.max), "small": .integer(.min),
    ]
    let module = "local value = \(LuaLiteral.text(of: value))\nreturn { value = value }"
    let bundle = try ScriptBundle(sources: [
      ScriptSource(module: "resources.x", path: "resources/x.lua", text: Array(module.utf8))
    ])
    #expect(try bundle.describe("resources.x")["value"] == value)
  }
}
