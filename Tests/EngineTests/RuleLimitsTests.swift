import JSONValue
import LuaBridge
import Testing

@testable import Engine

private func rule(limits: String, observe: String = "return {}") throws -> Rule {
  let text = """
    return { group = "x.example.org", version = "v1", kind = "X", plural = "xs",
      resource_type = "x", limits = \(limits), observe = function() \(observe) end }
    """
  let source = ScriptSource(module: "resources.x", path: "resources/x.lua", text: Array(text.utf8))
  return try Rule(module: "resources.x", in: ScriptBundle(sources: [source]))
}

@Test func aRuleLowersItsBudgets() throws {
  let limits = try rule(
    limits: "{ instructions = 5000, memory = 1 << 20, time = 0.5, effects = 2 }"
  ).limits.lowering(ScriptLimits())
  #expect(limits.instructions == 5_000)
  #expect(limits.memory == 1 << 20)
  #expect(limits.wallClock == .milliseconds(500))
  #expect(limits.effects == 2)
}

@Test func aRuleCannotRaiseItsBudgets() throws {
  let standard = ScriptLimits()
  let limits = try rule(
    limits: "{ instructions = 1 << 40, memory = 1 << 40, time = 1e300, effects = 1 << 40 }"
  ).limits.lowering(standard)
  #expect(limits == standard)
}

@Test func aRuleWithoutLimitsHasTheProviders() throws {
  let standard = ScriptLimits()
  #expect(try rule(limits: "nil").limits.lowering(standard) == standard)
}

@Test(arguments: [
  ("{ instruction = 5 }", "limits.instruction is no budget"),
  ("{ effects = 0 }", "limits.effects is not a number above zero"),
  ("{ effects = 1.5 }", "limits.effects is not a whole number"),
  ("{ memory = '1Mi' }", "limits.memory is not a number"),
  ("'low'", "limits is not a table"),
])
func aWrongBudgetIsNamed(_ limits: String, _ message: String) throws {
  let error = #expect(throws: RuleError.self) { try rule(limits: limits) }
  #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "")")
}

@Test func aRunEndsAtTheBudgetOfItsRule() async throws {
  let endless = try rule(limits: "{ instructions = 20000 }", observe: "while true do end")
  let runner = RuleRunner(limits: ScriptLimits(), runner: ScriptRunner())
  let error = await #expect(throws: ScriptError.self) {
    _ = try await runner.run("observe", of: endless, context: Array("{}".utf8)) { $0 }
  }
  #expect(error?.kind == .instructions)
  #expect((error?.usage.instructions ?? 0) < 30_000)
}
