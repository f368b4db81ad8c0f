import JSONValue
import LuaBridge
import Synchronization
import Testing

private let loop = """
  local host = require("lib.host")
  return { run = function(count)
    local answers = array()
    for i = 1, count do answers[i] = host.perform{ effect = "echo", i = i } end
    return answers
  end }
  """

@Test func anEffectIsAnsweredAndTheScriptGoesOn() throws {
  let results = try drive(bundle(loop), [3]) { effect in
    ["seen": effect["i"] ?? .null]
  }.results
  #expect(results == [[["seen": 1], ["seen": 2], ["seen": 3]]])
}

@Test func onlyLibrariesReceivePerform() throws {
  let rule = "local perform = ...; return { run = function() return perform == nil end }"
  #expect(try drive(bundle(rule)).results == [true])
}

@Test func aNullAnswerIsNullAndAMissingOneNil() throws {
  let rule = """
    local host = require("lib.host")
    return { run = function() return host.perform{effect = "x"} == null end }
    """
  #expect(try drive(bundle(rule)) { _ in .null }.results == [true])
  var run = ScriptRun(
    bundle: try bundle(rule), module: "resources.rule", function: "run", arguments: [])
  guard case .effect = run.resume(), case .finished(let bytes) = run.resume() else {
    Issue.record("the run did not end")
    return
  }
  #expect(String(decoding: bytes, as: UTF8.self) == "[false]")
}

@Test func anEffectMayBePerformedInsidePcallAndWhileSorting() throws {
  let rule = """
    local host = require("lib.host")
    return { run = function()
      local ok, answer = pcall(host.perform, {effect = "one"})
      local list = {3, 1, 2}
      table.sort(list, function(a, b) return host.perform{effect = "less", a = a, b = b} end)
      return ok, answer, list
    end }
    """
  let results = try drive(bundle(rule)) { effect in
    guard effect["effect"] == "less" else { return "answered" }
    return .bool((effect["a"]?.integerValue ?? 0) < (effect["b"]?.integerValue ?? 0))
  }.results
  #expect(results == [true, "answered", [1, 2, 3]])
}

@Test func anEffectInsideACallbackOfCIsAnOrdinaryError() throws {
  let error = try #require(
    try failure(
      #"return (("x"):gsub(".", function() return require("lib.host").perform{effect = "x"} end))"#)
  )
  #expect(error.kind == .runtime)
  #expect(error.message.contains("callback of a built-in function"))
}

@Test func theRunnerPerformsEffectsAndReportsWhatWasUsed() async throws {
  let (results, usage) = try await ScriptRunner().run(
    bundle(loop), module: "resources.rule", function: "run", arguments: [Array("2".utf8)]
  ) { (effect: JSONValue) in effect["i"] ?? .null }
  #expect(results == [[1, 2]])
  #expect(usage.effects == 2)
  #expect(usage.instructions > 0)
  #expect(usage.peakMemory > 0)
}

@Test func anErrorOfAnEffectEndsTheRunAndIsRethrown() async throws {
  struct Refused: Error {}
  let performed = Mutex(0)
  await #expect(throws: Refused.self) {
    try await ScriptRunner().run(
      bundle(loop), module: "resources.rule", function: "run", arguments: [Array("2".utf8)]
    ) { (_: JSONValue) in
      performed.withLock { $0 += 1 }
      throw Refused()
    }
  }
  #expect(performed.withLock { $0 } == 1)
}

@Test func theTimeBudgetCountsTheScriptAndNotItsEffects() async throws {
  let clock = Mutex(ContinuousClock.now)
  let runner = ScriptRunner(now: { clock.withLock { $0 } })
  let limits = ScriptLimits(wallClock: .seconds(1))
  let (_, usage) = try await runner.run(
    bundle(loop), module: "resources.rule", function: "run", arguments: [Array("1".utf8)],
    limits: limits
  ) { (_: JSONValue) in
    clock.withLock { $0 += .seconds(60) }
    return 1
  }
  #expect(usage.effectTime == .seconds(60))
  #expect(usage.scriptTime == .zero)

  let ticking = ScriptRunner(now: {
    clock.withLock {
      $0 += .milliseconds(300)
      return $0
    }
  })
  let error = await #expect(throws: ScriptError.self) {
    try await ticking.run(
      bundle("return {run = function() while true do end end}"), module: "resources.rule",
      function: "run", arguments: [], limits: limits
    ) { (effect: JSONValue) in effect }
  }
  #expect(error?.kind == .wallClock)
  #expect(error?.location == "resources/rule.lua:1")
  #expect((error?.usage.instructions ?? 0) < 1_000_000)
}

@Test func aCancelledTaskEndsItsRun() async throws {
  let endless = try bundle("return {run = function() while true do end end}")
  let task = Task {
    try await ScriptRunner().run(
      endless, module: "resources.rule", function: "run", arguments: [],
      limits: ScriptLimits(instructions: .max, wallClock: .seconds(3600))
    ) { (effect: JSONValue) in effect }
  }
  task.cancel()
  await #expect(throws: CancellationError.self) { try await task.value }
}

@Test func otherTasksRunWhileAScriptBurnsItsBudget() async throws {
  let burning = try bundle("return {run = function() while true do end end}")
  let quick = try bundle("return {run = function() return 1 end}")
  let limits = ScriptLimits(instructions: 40_000_000)
  let order = await withTaskGroup(of: String.self) { group in
    for _ in 0..<4 {
      group.addTask {
        _ = try? await ScriptRunner().run(
          burning, module: "resources.rule", function: "run", arguments: [], limits: limits
        ) { (effect: JSONValue) in effect }
        return "burning"
      }
    }
    for _ in 0..<20 {
      group.addTask {
        _ = try? await ScriptRunner().run(
          quick, module: "resources.rule", function: "run", arguments: []
        ) { (effect: JSONValue) in effect }
        return "quick"
      }
    }
    return await group.reduce(into: [String]()) { $0.append($1) }
  }
  #expect(order.prefix(20).allSatisfy { $0 == "quick" })
}
