import JSONValue
import LuaBridge
import Synchronization
import Testing

extension HostileScript: CustomTestStringConvertible {
  var testDescription: String { name }
}

@Test func thereAreAtLeastEightyHostileScripts() {
  #expect(hostileScripts.count >= 80)
  #expect(Set(hostileScripts.map(\.name)).count == hostileScripts.count)
}

@Test(arguments: hostileScripts) func hostileScriptEndsAsItMust(_ script: HostileScript) throws {
  let limits = ScriptLimits()
  let rule = "local rule = {}\nfunction rule.run(...)\n\(script.body)\nend\nreturn rule"
  let bundle = try bundle(rule)
  do {
    let results = try drive(bundle, limits: limits).results
    #expect(script.ending == .isHarmless)
    #expect(results == [true])
  } catch let error as ScriptError {
    #expect(script.ending == .fails(error.kind), "\(error)")
    #expect(error.usage.peakMemory <= limits.memory)
    #expect(error.usage.effects <= limits.effects)
    // What ends a run may be a callback that cannot be ended where it stands.
    #expect(error.usage.instructions < limits.instructions + 10_000)
    #expect(!error.message.isEmpty)
  }
  // The same bundle still serves other runs.
  #expect(try run("return 1") == [1])
}

@Test func deepRecursionOfCFitsTheStackOfAPoolThread() async throws {
  for name in ["recursion through gsub", "recursion through sort", "recursion through __tostring"] {
    let script = try #require(memoryScripts.first { $0.name == name })
    let bundle = try bundle("return {run = function() \(script.body) end}")
    let error = await #expect(throws: ScriptError.self) {
      try await ScriptRunner().run(
        bundle, module: "resources.rule", function: "run", arguments: []
      ) { (effect: JSONValue) in effect }
    }
    #expect(error?.kind == .runtime)
  }
}

@Test func aHeavyInstructionCannotHoldItsSliceForLong() throws {
  // Each comparison of two equal megabytes is one instruction.
  let rule = """
    return { run = function()
      local a, b = ("x"):rep(999999) .. "y", ("x"):rep(999999) .. "z"
      while a < b do end
    end }
    """
  var run = ScriptRun(
    bundle: try bundle(rule), module: "resources.rule", function: "run", arguments: [],
    limits: ScriptLimits(timeSlice: .max))
  for _ in 0..<5 {
    guard case .sliceEnded = run.resume() else {
      Issue.record("the slice did not end")
      return
    }
  }
  #expect(run.usage.instructions < 1_000_000)
}

/// While one script burns its budget the others get their turn after so many instructions, whatever it
/// does: only a callback that cannot be left may go on, for 500,000 more.
@Test(arguments: loopScripts) func aSliceHasABound(_ script: HostileScript) throws {
  var run = ScriptRun(
    bundle: try bundle("return { run = function()\n\(script.body)\nend }"),
    module: "resources.rule", function: "run", arguments: [],
    limits: ScriptLimits(timeSlice: 50_000, sliceDuration: .seconds(60)))
  var before = 0
  while case .sliceEnded = run.resume() {
    #expect(run.usage.instructions - before < 550_000 + 1_000)
    before = run.usage.instructions
  }
  #expect(run.usage.instructions - before < 550_000 + 1_000)
}

@Test func anEffectThatIsAnsweredAtOnceDoesNotBeginANewSlice() throws {
  let rule = """
    local perform = require("lib.host").perform
    return { run = function()
      for i = 1, 100 do for j = 1, 1000 do end perform{effect = "x"} end
    end }
    """
  var run = ScriptRun(
    bundle: try bundle(rule), module: "resources.rule", function: "run", arguments: [],
    limits: ScriptLimits(timeSlice: 10_000, sliceDuration: .seconds(60)))
  var before = 0
  var ended = 0
  steps: while true {
    switch run.resume(answer: Array("1".utf8)) {
    case .effect: #expect(run.usage.instructions - before < 12_000)
    case .sliceEnded:
      ended += 1
      before = run.usage.instructions
    case .finished: break steps
    case .failed(let error): throw error
    }
  }
  #expect(ended >= 9)
}

@Test func oneCallCannotOverdrawTheAccount() throws {
  // Found by the fuzzer: 2^40 elements to move were charged in full.
  let error = try failure("return table.move({}, 1, 1 << 40, 2)")
  #expect(error?.kind == .instructions)
  #expect((error?.usage.instructions ?? .max) < 10_010_000)
}

@Test func sortingLongStringsGivesWay() throws {
  let rule = """
    return { run = function()
      local text, list = ("x"):rep(500000), {}
      for i = 1, 20 do list[i] = text .. i % 7 end
      table.sort(list)
      for i = 2, 20 do if list[i] < list[i - 1] then return false end end
      return true
    end }
    """
  let (results, usage) = try drive(bundle(rule), limits: ScriptLimits(sliceDuration: .seconds(60)))
  #expect(results == [true])
  // 20 strings take about 60 comparisons, each of them 7,800 instructions.
  #expect(usage.slices > 3)
}

@Test func aTextThatIsTooLongIsGivenUpWhileItIsBuilt() throws {
  for body in [
    "return ((('x'):rep(100000)):gsub('.', ('y'):rep(10000)))",
    "local s, t = ('x'):rep(100000), {} for i = 1, 10000 do t[i] = s end return table.concat(t)",
  ] {
    let error = try failure(body)
    #expect(error?.kind == .memory)
    #expect((error?.usage.peakMemory ?? .max) < 8 << 20)
  }
}

@Test func memoryIsGivenBackWhenARunEnds() throws {
  let bundle = try bundle(
    "return {run = function() local t = {} while true do t[#t + 1] = {} end end}")
  for _ in 0..<100 {
    #expect(throws: ScriptError.self) { try drive(bundle) }
  }
  #expect(residentBytes() < 1 << 30)
}

@Test func manyRunsLeaveResidentMemoryFlat() throws {
  let bundle = try bundle("return {run = function(v) return {v, v} end}")
  let argument: JSONValue = ["name": "general", "list": [1, 2, 3]]
  for _ in 0..<2_000 { _ = try drive(bundle, [argument]) }
  let before = residentBytes()
  for _ in 0..<20_000 { _ = try drive(bundle, [argument]) }
  // Twenty thousand states that leak are 640 MiB; other tests run beside this one, and
  // AddressSanitizer keeps up to 256 MiB of what was freed.
  #expect(residentBytes() - before < 288 << 20)
}
