import Testing

/// `provider-discord scripts` as it is called.
@Suite struct ScriptCommandTests {
  @Test func ourOwnScriptsHaveNoFinding() async throws {
    let outcome = try await Program.run(["scripts", "check", "scripts"])
    #expect(outcome.output.hasSuffix("scripts, 0 findings\n"), "\(outcome.output)")
    #expect(outcome.status == 0)
  }

  /// Those of the runbooks and their recordings too, which no other test runs.
  @Test func ourOwnCasesAndRecordingsPass() async throws {
    let outcome = try await Program.run(["scripts", "test", "scripts"])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.error)")
    #expect(outcome.output.contains(" cases, "))
  }

  @Test func ourDefinitionsAreUpToDate() async throws {
    let outcome = try await Program.run(["scripts", "types", "--check"])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.error)")
  }

  @Test func definitionsThatAreNotUpToDateMakeTheCheckFail() async throws {
    let folder = try ScriptFolder([:])
    let target = folder.path + "/types"
    #expect(try await Program.run(["scripts", "types", "--check", "-o", target]).status == 1)
    #expect(try await Program.run(["scripts", "types", "-o", target]).status == 0)
    #expect(try await Program.run(["scripts", "types", "--check", "-o", target]).status == 0)
    try folder.write("-- changed", to: "types/rules/channel.lua")
    try folder.write("-- of a kind that is gone", to: "types/rules/thread.lua")
    let outcome = try await Program.run(["scripts", "types", "--check", "-o", target])
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("rules/channel.lua is not up to date"))
    #expect(outcome.output.contains("rules/thread.lua is not up to date"))
  }

  @Test func aFindingMakesCheckFail() async throws {
    let folder = try ScriptFolder(["resources/a.lua": "return pirnt\n"])
    let outcome = try await Program.run(["scripts", "check", folder.path])
    #expect(outcome.output.contains("resources/a.lua:1:8: undefined global 'pirnt'"))
    #expect(outcome.status == 1)
  }

  @Test func findingNoCasesIsAFailure() async throws {
    let folder = try ScriptFolder(["resources/role.lua": "return require(\"shipped.role\")\n"])
    let outcome = try await Program.run(["scripts", "test", folder.path])
    #expect(outcome.output.contains("no cases found"))
    #expect(outcome.status == 1)
  }

  @Test func aScriptThatDoesNotCompileMakesTestFail() async throws {
    let folder = try ScriptFolder(["resources/role.lua": "return return\n"])
    let outcome = try await Program.run(["scripts", "test", folder.path])
    #expect(outcome.error.contains("resources/role.lua:1:"))
    #expect(outcome.output.isEmpty)
    #expect(outcome.status == 1)
  }

  @Test func aWrongCommandLineIsCode64() async throws {
    let parsed = try await Program.run(["scripts", "test", "-o", "pdf"])
    #expect(parsed.status == 64)
    #expect(parsed.error.contains("Usage: provider-discord scripts test "), "\(parsed.error)")
    let run = try await Program.run(["scripts", "check", "/nowhere"])
    #expect(run.status == 64)
    #expect(run.error == "Error: /nowhere can't be read, or is not there\n", "no other usage")
  }
}
