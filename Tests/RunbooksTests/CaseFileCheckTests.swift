import Engine
import Foundation
import LuaBridge
import Testing

@testable import Runbooks

/// `scripts check` looks at the cases of runbooks as well.
@Suite struct CaseFileCheckTests {
  private static let runbook = """
    local check = require("lib.check")
    local rb = {
      runbook = "sample", code = "SMP", title = "Sample", owner = "Team", reviewed = "2026-11-25",
      summary = "A sample.",
      checks = { { id = "SMP-001", run = "fine", title = "fine", category = "a" } },
    }
    function rb.fine() return check.pass("fine") end
    return rb
    """

  private static func cases(_ more: String, check: String = "SMP-001") -> String {
    """
    local want = { status = "pass" }
    return {
      runbook = "runbooks.sample",
      cases = {
        { name = "all is well", check = "\(check)", expect = want },
        \(more)
      },
    }
    """
  }

  private static func findings(
    _ cases: String, runbook: String = runbook
  ) throws -> [ScriptFinding] {
    let folder = FileManager.default.temporaryDirectory.path + "/check-\(UUID())"
    try FileManager.default.createDirectory(
      atPath: "\(folder)/runbooks", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (name, text) in [("sample", runbook), ("sample_cases", cases)] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/runbooks/\(name).lua"))
    }
    var checker = try ScriptChecker(
      directory: folder, shipped: Scripts.library, schemas: ResourceSchemas(definitions: []))
    checker.describeRunbook = { _ = try RunbookDescription(module: $0, in: $1) }
    checker.readRunbookCases = { try RunbookCaseSuite.read($0, in: $1) }
    return checker.findings()
  }

  @Test func goodCasesHaveNoFinding() throws {
    #expect(try Self.findings(Self.cases("")) == [])
  }

  @Test(arguments: [
    (#"{ name = "b", check = "SMP-001", exepct = want },"#, "exepct"),
    (#"{ name = "b", check = "SMP-009", expect = want },"#, "the runbook has no check SMP-009"),
    (
      #"{ name = "b", check = "SMP-001", expect = want, answers = { { effect = "x.y" } } },"#,
      "the name of one that exists"
    ),
    (#"{ name = "b", check = "SMP-001", thresholds = { a = 1 }, expect = want },"#, "threshold a"),
  ])
  func whatIsWrongInACaseIsFoundWhereItIs(line: String, message: String) throws {
    let found = try Self.findings(Self.cases(line))
    #expect(found.map(\.kind) == [.load], "\(found)")
    #expect(found.first?.path == "runbooks/sample_cases.lua")
    #expect(found.first?.position.line == 6, "\(found)")
    #expect(found.first?.message.contains(message) == true, "\(found)")
  }

  @Test func theLuaOfCasesIsLookedAtToo() throws {
    let found = try Self.findings("local unused = 1\n" + Self.cases(""))
    #expect(found.map(\.kind) == [.unusedLocal], "\(found)")
    #expect(found.first?.path == "runbooks/sample_cases.lua")
  }

  @Test func aWrongRunbookIsNotSaidTwice() throws {
    let found = try Self.findings(
      Self.cases(""), runbook: Self.runbook.replacing("\"SMP\"", with: "\"smp\""))
    #expect(found.map(\.path) == ["runbooks/sample.lua"], "\(found)")
  }
}
