import Engine
import JSONValue
import LuaBridge
import Testing

/// What a case can go wrong with, and what is said then.
@Suite struct CaseRunTests {
  private static let rule = """
    local discord = require("lib.discord")
    local thing = {
      kind = "Thing", group = "thing.example.org", version = "v1", plural = "things",
      resource_type = "channel", capabilities = { "discord.read", "discord.write" },
    }
    function thing.observe(ctx)
      local found = discord.channel("1", ctx.external_name or "9")
      if not found then
        return { exists = false }
      end
      return { exists = true, observed = found, diff = { { field = "topic", want = 1, got = 2 } } }
    end
    function thing.create(ctx)
      if ctx.spec.forProvider.broken then
        return ctx.spec.missing.field
      end
      if ctx.spec.forProvider.refused then
        return nil, { reason = "Refused", message = "the topic is too rude" }
      end
      local made = discord.request({ method = "POST", path = "/c", body = { topic = "t" } })
      return { external_name = made.id, at_provider = { now = ctx.now, stored = ctx.stored } }
    end
    function thing.update(_, observed)
      discord.request({ method = "PATCH", path = "/c/" .. observed.id, body = { n = null } })
      return {}
    end
    function thing.find()
      discord.request({ method = "DELETE", path = "/c/1" })
      return array({})
    end
    return thing
    """

  private func report(
    _ cases: String, filter: String? = nil, coverage: ScriptCoverage? = nil
  ) async throws -> CaseReport {
    let folder = try ScriptFolder([
      "resources/thing.lua": Self.rule,
      "resources/thing_cases.lua":
        "local cases = {\n\(cases)\n}\nreturn { rule = \"resources.thing\", cases = cases }\n",
    ])
    let suite = try CaseSuite(
      directory: folder.path,
      shipped: try ScriptSource.read(directory: ShippedScripts.directory))
    return await suite.run(filter: filter, coverage: coverage)
  }

  private func problems(of scriptCase: String) async throws -> [CaseProblem] {
    let report = try await report(scriptCase)
    #expect(report.broken == [])
    return try #require(report.results.first).problems
  }

  @Test func aCaseThatComesAsExpectedPasses() async throws {
    let report = try await report(
      """
      { name = "a", call = "create", spec = {}, stored = { x = 1 }, now = "2026-02-03T04:05:06Z",
        expect = {
          effects = { { method = "POST", path = "/c", body = { topic = "t" } } },
          result = { external_name = "1000000000000000000",
            at_provider = { now = "2026-02-03T04:05:06Z", stored = { x = 1 } } },
        } },
      """)
    #expect(report.succeeded)
    #expect(report.text.hasPrefix("1 case, 1 passed, 0 failed"))
  }

  @Test func aDifferentResultNamesThePlaceAndBothValues() async throws {
    let problems = try await problems(
      of: """
        { name = "a", call = "observe", spec = {}, external_name = "5",
          discord = { channels = { { id = "5" } } },
          expect = { result = { diff = { { field = "topic", want = 3 } } } } },
        """)
    #expect(problems.map(\.place) == ["result.diff[1].want"])
    #expect(problems.first?.expected == "3")
    #expect(problems.first?.actual == "1")
  }

  @Test func aDifferentRequestNamesThePlace() async throws {
    let problems = try await problems(
      of: """
        { name = "a", call = "create", spec = {},
          expect = { effects = { { path = "/d", body = { topic = "u" } }, { method = "PATCH" } } } },
        """)
    #expect(problems.map(\.place) == ["effects[1].body.topic", "effects[1].path", "effects[2]"])
    #expect(problems.last?.message == "not made")
  }

  @Test func nullAndMissingAreDifferentInABody() async throws {
    let problems = try await problems(
      of: """
        { name = "a", call = "update", spec = {}, observed = { id = "5" },
          expect = { effects = { { body = {} } } } },
        """)
    #expect(problems.map(\.place) == ["effects[1].body.n"])
    #expect(problems.first?.expected == "nothing")
    #expect(problems.first?.actual == "null")
  }

  @Test func aRequestThatNobodyExpectsFails() async throws {
    let problems = try await problems(of: "{ name = \"a\", call = \"create\", spec = {} },")
    #expect(problems.map(\.message) == ["not expected"])
  }

  @Test func updateGetsWhatObserveReturns() async throws {
    let report = try await report(
      """
      { name = "a", call = "update", spec = {}, external_name = "5",
        discord = { channels = { { id = "5" } } },
        expect = { effects = { { path = "/c/5" } } } },
      """)
    #expect(report.succeeded)
  }

  @Test func anUnusedAnswerFails() async throws {
    let problems = try await problems(
      of: """
        { name = "a", call = "observe", spec = {}, answers = { { method = "GET" } },
          expect = { result = { exists = false } } },
        """)
    #expect(problems.map(\.place) == ["answers"])
  }

  @Test func aFailureMustBeExpectedAndContainTheText() async throws {
    let unexpected = try await problems(
      of: "{ name = \"a\", call = \"create\", spec = { refused = true } },")
    #expect(unexpected.map(\.message) == ["it returned a failure"])
    let other = try await problems(
      of: """
        { name = "a", call = "create", spec = { refused = true },
          expect = { failure = { reason = "Refused", message = { "too rude", "too long" } } } },
        """)
    #expect(other.map(\.expected) == ["\"too long\""])
    let none = try await problems(
      of: """
        { name = "a", call = "observe", spec = {}, expect = { failure = { reason = "Refused" } } },
        """)
    #expect(none.map(\.message) == ["it did not fail"])
  }

  @Test func aWriteInFindIsRefusedAsInProduction() async throws {
    let problems = try await problems(of: "{ name = \"a\", call = \"find\", spec = {} },")
    #expect(problems.first?.message?.contains("this function may only read") == true)
  }

  @Test func aBrokenRuleShowsItsLineAndStack() async throws {
    let problems = try await problems(
      of: "{ name = \"a\", call = \"create\", spec = { broken = true } },")
    let message = try #require(problems.first?.message)
    #expect(message.contains("resources/thing.lua:15: attempt to index a nil value"))
    #expect(message.contains("return ctx.spec.missing.field"))
    #expect(message.contains("in function 'create'"))
  }

  @Test(arguments: [
    ("{ call = \"find\", spec = {} },", "case 1 has no name"),
    ("{ name = \"a\", call = \"destroy\", spec = {} },", "call must be one of"),
    ("{ name = \"a\", call = \"find\" },", "spec must be a table"),
    ("{ name = \"a\", call = \"find\", spec = {}, expcet = {} },", "no member \"expcet\""),
    (
      "{ name = \"a\", call = \"find\", spec = {}, expect = { effect = {} } },",
      "no member \"effect\""
    ),
    ("", "the file has no cases"),
    (
      "{ name = \"a\", call = \"find\", spec = {} }, { name = \"a\", call = \"find\", spec = {} }",
      "two cases have the name \"a\""
    ),
    ("error(\"no\")", "resources/thing_cases.lua:2"),
  ]) func aFileThatCannotBeRunIsAFailure(_ cases: String, _ message: String) async throws {
    let report = try await report(cases)
    #expect(!report.succeeded)
    #expect(report.broken.first?.message.contains(message) == true)
  }

  @Test func findingNoCaseIsAFailure() async throws {
    let report = try await report(
      "{ name = \"a\", call = \"observe\", spec = {} },", filter: "something else")
    #expect(report.results.isEmpty)
    #expect(!report.succeeded)
    #expect(report.text.contains("no case matches"))
  }

  @Test func theFilterLooksAtFileAndName() async throws {
    let cases = """
      { name = "one", call = "observe", spec = {} }, { name = "Two", call = "observe", spec = {} },
      """
    #expect(try await report(cases, filter: "two").results.map(\.name) == ["Two"])
    #expect(try await report(cases, filter: "thing_cases: o").results.map(\.name) == ["one"])
  }

  @Test func coverageKnowsTheLinesThatDidNotRun() async throws {
    let report = try await report(
      "{ name = \"a\", call = \"observe\", spec = {} },", coverage: ScriptCoverage())
    let script = try #require(report.coverage?.scripts.first { $0.path == "resources/thing.lua" })
    #expect(script.missedText == "11, 14-21, 24-25, 28-29")
    // What came with the program is not the author's to cover.
    #expect(report.coverage?.scripts.map(\.path) == ["resources/thing.lua"])
    #expect(script.percent < 100)
  }

  @Test func reportsForProgramsHaveEveryCase() async throws {
    let report = try await report(
      """
      { name = "good", call = "observe", spec = {} }, { name = "b<d", call = "create", spec = {} },
      """)
    #expect(report.json["cases"]?.integerValue == 2)
    #expect(report.json["failed"]?.integerValue == 1)
    #expect(report.json.value(at: "results")?[1]?["passed"] == false)
    #expect(report.junit.contains("tests=\"2\" failures=\"1\" errors=\"0\""))
    #expect(report.junit.contains("name=\"b&lt;d\""))
  }
}
