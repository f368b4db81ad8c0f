import Engine
import LuaBridge
import Testing

/// The cases beside the rules that we ship.
@Suite struct ShippedCaseTests {
  /// The name of a case, for the list of tests.
  struct Named: Sendable, CustomTestStringConvertible {
    let file: CaseFile
    let item: ScriptCase
    let bundle: ScriptBundle
    var testDescription: String { "\(file.name): \(item.name)" }
  }

  static let all: [Named] = {
    guard let suite = try? ShippedScripts.suite() else { return [] }
    return suite.files.flatMap { file in
      file.cases.map { Named(file: file, item: $0, bundle: suite.bundle) }
    }
  }()

  @Test(arguments: all) func passes(_ named: Named) async {
    let run = CaseRun(
      bundle: named.bundle, limits: ScriptLimits(), runner: ScriptRunner())
    let result = await run.run(named.item, of: named.file)
    #expect(result.problems == [])
  }

  @Test func everyFileOfCasesCanBeRun() throws {
    let suite = try ShippedScripts.suite()
    #expect(suite.broken == [])
    #expect(Set(suite.files.map(\.rule.module)) == Set(ruleModules(of: suite)))
    #expect(suite.count >= 100)
  }

  @Test func theCasesRunNearlyEveryLineOfTheRules() async throws {
    let report = try await ShippedScripts.suite().run(coverage: ScriptCoverage())
    let coverage = try #require(report.coverage)
    for script in coverage.scripts where script.path.hasPrefix("resources/") {
      #expect(script.percent >= 90, "\(script.path) misses lines \(script.missedText)")
    }
  }

  private func ruleModules(of suite: CaseSuite) -> [String] {
    suite.bundle.modules.filter { $0.hasPrefix("resources.") && !$0.hasSuffix("_cases") }
  }
}
