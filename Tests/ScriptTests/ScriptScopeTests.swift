import LuaBridge
import Testing

@testable import Engine

/// What a reload checks, of all that is there.
@Suite struct ScriptScopeTests {
  private static func source(_ module: String, _ text: String) -> ScriptSource {
    ScriptSource(
      module: module, path: module.split(separator: ".").joined(separator: "/") + ".lua",
      text: Array(text.utf8))
  }

  private static let shipped = [
    source("lib.names", "return {}"),
    source("lib.colors", "-- what rules require of a color\nreturn {}"),
    source("resources.channel", "local names = require(\"lib.names\")\nreturn {}"),
    source("resources.role", "local colors = require 'lib.colors'\nreturn {}"),
    source("runbooks.down", "local names = require(\"lib.names\")\nreturn {}"),
  ]

  private static func scope(
    _ changes: [ScriptSource], cases: [ScriptSource] = []
  ) throws -> ScriptScope {
    let names = Set(changes.map(\.module))
    return ScriptScope(
      try ScriptCandidate(
        own: shipped.filter { !names.contains($0.module) } + changes, cases: cases,
        shipped: shipped))
  }

  @Test func whatIsAsShippedIsNotCheckedAgain() throws {
    let scope = try Self.scope([])
    #expect(scope.checked.isEmpty && scope.required.isEmpty)
  }

  @Test func aChangedRuleIsCheckedWithWhatItRequires() throws {
    let rule = Self.source(
      "resources.channel", "return require(\"shipped.channel\"), require(\"lib.names\")")
    let scope = try Self.scope([rule])
    #expect(scope.checked == ["resources.channel"])
    #expect(scope.required == ["resources.channel", "shipped.channel", "lib.names"])
  }

  @Test func aChangedLibraryIsCheckedWithTheRulesThatRequireIt() throws {
    let scope = try Self.scope([Self.source("lib.names", "return { other = 1 }")])
    #expect(scope.checked == ["lib.names", "resources.channel"])
  }

  @Test func aRunbookIsNoBusinessOfAReload() throws {
    let scope = try Self.scope([Self.source("runbooks.down", "return nothing")])
    #expect(scope.checked.isEmpty)
  }

  /// Which module it is cannot be told, so it may be any.
  @Test func aComputedNameReachesEverything() throws {
    let rule = Self.source("resources.role", "local n = \"lib.x\"\nreturn require(n)")
    let scope = try Self.scope([rule, Self.source("lib.names", "return { other = 1 }")])
    #expect(scope.checked == ["resources.role", "lib.names", "resources.channel", "runbooks.down"])
  }

  @Test func casesBesideARuleAreChecked() throws {
    let cases = Self.source("resources.role_cases", "return {}")
    #expect(try Self.scope([], cases: [cases]).checked == ["resources.role_cases"])
  }
}
