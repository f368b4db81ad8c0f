import LuaBridge
import Testing

@testable import Engine

/// Which cases a saved script makes run again.
@Suite struct ScriptChangeTests {
  private static let before = [
    "lib.names": "return {}",
    "lib.fields": "local names = require(\"lib.names\") return { names }",
    "resources.channel": "local fields = require 'lib.fields' return { fields }",
    "resources.guild": "return {}",
    "resources.guild_cases": "return {}",
  ]

  private func change(_ changes: [String: String?]) throws -> ScriptChange {
    let after = changes.reduce(into: Self.before) { $0[$1.key] = $1.value }
    return ScriptChange(from: [try bundle(Self.before)], to: [try bundle(after)])
  }

  private func bundle(_ texts: [String: String]) throws -> ScriptBundle {
    try ScriptBundle(
      sources: texts.map {
        ScriptSource(
          module: $0, path: $0.replacing(".", with: "/") + ".lua", text: Array($1.utf8))
      })
  }

  @Test func aModuleAffectsWhoeverRequiresIt() throws {
    let change = try change(["lib.names": "return { 1 }"])
    #expect(change.mayAffect(["resources.channel"]))
    #expect(change.mayAffect(["resources.guild", "lib.fields"]))
    #expect(!change.mayAffect(["resources.guild", "resources.guild_cases"]))
  }

  @Test func aFileOfCasesAffectsItselfOnly() throws {
    let change = try change(["resources.guild_cases": "return { 1 }"])
    #expect(change.mayAffect(["resources.guild_cases"]))
    #expect(!change.mayAffect(["resources.guild"]))
  }

  @Test func whatIsNewOrGoneAffectsThoseThatRequireIt() throws {
    #expect(try change(["lib.names": nil]).mayAffect(["resources.channel"]))
    #expect(try !change(["lib.new": "return {}"]).mayAffect(["resources.channel"]))
  }

  @Test func aNameThatIsComputedMayMeanAnyModule() throws {
    let guild = "return require('lib' .. '.names')"
    let before = try bundle(Self.before.merging(["resources.guild": guild]) { $1 })
    let after = try bundle(
      Self.before.merging(["resources.guild": guild, "lib.names": "return { 1 }"]) { $1 })
    #expect(ScriptChange(from: [before], to: [after]).mayAffect(["resources.guild"]))
  }

  @Test func whenNoScriptDiffersEverythingMay() throws {
    #expect(try change([:]).mayAffect(["resources.guild"]))
    #expect(ScriptChange.everything.mayAffect([]))
  }
}
