import Engine
import Foundation
import JSONValue
import LuaBridge
import Testing

@testable import Runbooks

/// Recordings beside runbooks are cases: `scripts test` replays them with the runbooks as they are.
@Suite struct RecordedCaseTests {
  private static let script = """
    local check = require("lib.check")
    local metrics = require("lib.metrics")
    local rb = {
      runbook = "sample", code = "SMP", title = "Sample", owner = "Team", reviewed = "2026-11-25",
      summary = "A sample.", capabilities = { "metrics.read" },
      checks = {
        { id = "SMP-001", run = "first", title = "first", category = "a" },
        { id = "SMP-002", run = "ratio", title = "ratio", category = "a" },
      },
    }
    function rb.first() return check.pass("fine") end
    function rb.ratio()
      return check.fail("error ratio " .. metrics.rate("ops"), { cause = "errors" })
    end
    return rb
    """

  /// A folder with the runbook, and a recording of it beside it, until the body ends.
  private static func folder(
    hasSources: Bool = false, _ body: (_ folder: String, _ recording: String) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/recorded-\(UUID())"
    let recording = "\(folder)/runbooks/recordings/incident.json"
    try FileManager.default.createDirectory(
      atPath: "\(folder)/runbooks/recordings", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try write(script, to: "\(folder)/runbooks/sample.lua")
    let runbook = try RunbookDescription(module: "runbooks.sample", in: Scripts.bundle(script))
    let recorder = RunbookRecorder(
      world: NamedAnswers(["metrics.rate": ["value": 0.5, "info": ["source": "scrape"]]]))
    let report = await RunbookRunner(
      answers: recorder, situation: .sample, time: .standing, observer: recorder
    ).run([runbook])
    let content = recorder.finished(
      [runbook], situation: .sample, only: nil, report: report, hasSources: hasSources)
    try write(content.serializedText(pretty: true) + "\n", to: recording)
    try await body(folder, recording)
  }

  private static func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  private static func change(_ folder: String, _ old: String, _ new: String) throws {
    try write(script.replacing(old, with: new), to: "\(folder)/runbooks/sample.lua")
  }

  private static func run(_ folder: String, filter: String? = nil) async throws -> CaseReport {
    try await RunbookCaseSuite(directory: folder, shipped: Scripts.library).run(filter: filter)
  }

  @Test func anUnchangedRunbookPasses() async throws {
    try await Self.folder { folder, _ in
      let report = try await Self.run(folder)
      #expect(report.results.map(\.name) == ["incident"])
      #expect(report.succeeded, "\(report.text)")
    }
  }

  @Test func aChangedRunbookFailsWithWhatDiffers() async throws {
    try await Self.folder { folder, _ in
      try Self.change(folder, "error ratio ", "share of errors ")
      let report = try await Self.run(folder)
      #expect(!report.succeeded)
      for part in [
        "runbooks/recordings/incident.json", "report.checks.SMP-002.message",
        "error ratio 0.5", "share of errors 0.5",
      ] {
        #expect(report.text.contains(part), "\(report.text)")
      }
      #expect(!report.text.contains("SMP-001"), "\(report.text)")
    }
  }

  @Test func aNewCheckIsNamedAndTheOthersAreNot() async throws {
    try await Self.folder { folder, _ in
      try Self.change(
        folder, "checks = {",
        "checks = { { id = 'SMP-000', run = 'first', title = 'new', category = 'a' },")
      let report = try await Self.run(folder)
      #expect(report.text.contains("report.checks.SMP-000"), "\(report.text)")
      #expect(!report.text.contains("SMP-002"), "\(report.text)")
    }
  }

  @Test func anotherOrderIsAnotherReport() async throws {
    let one: JSONValue = ["checks": [["id": "a"], ["id": "b"]]]
    let two: JSONValue = ["checks": [["id": "b"], ["id": "a"]]]
    #expect(RecordedCase.differences(one, one) == [])
    #expect(
      RecordedCase.differences(one, two) == [CaseProblem("report", "the same, in another order")])
  }

  @Test func aQuestionThatWasNotAskedThenHasNoAnswer() async throws {
    try await Self.folder { folder, _ in
      try Self.change(folder, "metrics.rate(\"ops\")", "(metrics.rate(\"others\") or 'none')")
      let report = try await Self.run(folder)
      #expect(report.text.contains("error ratio none"), "\(report.text)")
    }
  }

  /// The way to accept a changed report.
  @Test func aRecordingIsMadeAnewFromItsWorld() async throws {
    try await Self.folder { folder, path in
      try Self.change(folder, "error ratio ", "share of errors ")
      let text = try String(contentsOfFile: path, encoding: .utf8)
      let library = try RunbookLibrary(directory: folder, shipped: Scripts.library)
      let (_, content) = try await RunRecording(JSONValue(parsing: Array(text.utf8)))
        .rerecorded(with: library.bundle, hasSources: false)
      try Self.write(content.serializedText(pretty: true) + "\n", to: path)
      #expect(try await Self.run(folder).succeeded)
      let fresh = try String(contentsOfFile: path, encoding: .utf8)
      // Nothing else than the report changed.
      #expect(fresh == text.replacing("error ratio ", with: "share of errors "))
    }
  }

  @Test(arguments: [
    ("{}", "this is no recording"), ("{", "JSON"),
    (#"{"format":"runbook-recording/v1","situation":{},"runbooks":[],"answers":[]}"#, "no report"),
  ])
  func aFileThatIsNoRecordingIsNamed(text: String, message: String) async throws {
    try await Self.folder { folder, path in
      try Self.write(text, to: path)
      let report = try await Self.run(folder)
      #expect(!report.succeeded)
      #expect(report.broken.map(\.path) == ["runbooks/recordings/incident.json"])
      #expect(report.broken[0].message.contains(message), "\(report.broken[0].message)")
    }
  }

  @Test func theFilterChoosesThem() async throws {
    try await Self.folder { folder, _ in
      let chosen = try await Self.run(folder, filter: "recordings: inc")
      #expect(chosen.results.count == 1)
      let none = try await Self.run(folder, filter: "other")
      #expect(none.results.isEmpty)
    }
  }

  @Test func aRecordingWithoutScriptsSaysWhatItWants() async throws {
    try await Self.folder { _, path in
      let data = try Data(contentsOf: URL(fileURLWithPath: path))
      let recording = try RunRecording(JSONValue(parsing: Array(data)))
      #expect(recording.sources.isEmpty)
      let error = await #expect(throws: RunRecording.ReadError.self) {
        try await recording.replay()
      }
      #expect(error?.description.contains("the recording has no scripts") == true)
    }
  }
}
