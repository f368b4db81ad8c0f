import JSONValue
import LuaBridge
import Testing

@Test func anErrorNamesFileLineSourceAndStack() throws {
  let rule = """
    local rule = {}
    local function topic(spec)
      return spec.forProvider.topic
    end
    function rule.run(ctx)
      local text = topic(ctx.spec)
      return text
    end
    return rule
    """
  let bundle = try bundle(rule)
  let error = try #require(throws: ScriptError.self) { try drive(bundle, [["spec": [:]]]) }
  #expect(error.kind == .runtime)
  #expect(error.location == "resources/rule.lua:3")
  #expect(error.message == "attempt to index a nil value (field 'forProvider')")
  #expect(error.sourceLine == "return spec.forProvider.topic")
  #expect(error.moduleHash == bundle.hash(of: "resources.rule"))
  #expect(
    error.description
      == """
      resources/rule.lua:3: attempt to index a nil value (field 'forProvider')
          return spec.forProvider.topic
      """)
  #expect(
    error.traceback == [
      "resources/rule.lua:3: in function 'topic'", "resources/rule.lua:6: in function 'run'",
    ])
}

@Test func indexingNullSaysSo() throws {
  let rule = "return {run = function(v) return v.topic.text end}"
  let error = try #require(throws: ScriptError.self) { try drive(bundle(rule), [["topic": .null]]) }
  #expect(error.message == "attempt to index null (field 'topic')")
}

@Test func errorObjectsGiveTheirMessage() throws {
  #expect(try failure("error({message = 'told'})")?.message == "told")
  #expect(try failure("error({reason = 'why'})")?.message == "why")
  #expect(try failure("error({})")?.message == "the error is a table, not a text")
  #expect(try failure("error()")?.message == "the error is a nil, not a text")
  #expect(try failure("error(12)")?.message == "12")
  #expect(try failure("error('plain', 0)")?.message == "plain")
}

@Test func undefinedGlobalsAreErrorsWithTheirName() throws {
  let error = try #require(try failure("return print('x')"))
  #expect(
    error.description == "resources/rule.lua:3: undefined global 'print'\n    return print('x')")
}

@Test func globalsCannotBeSet() throws {
  #expect(
    try failure("counter = 1")?.message == "the global 'counter' cannot be set (a local is meant?)")
  #expect(try failure("type = nil")?.kind == .runtime)
}

@Test func aMissingModuleOrFunctionIsALoadError() throws {
  let rule = try bundle("return {}")
  #expect(throws: ScriptError.self) { try drive(rule) }
  var run = ScriptRun(bundle: rule, module: "resources.none", function: "run", arguments: [])
  guard case .failed(let error) = run.resume() else {
    Issue.record("the run did not fail")
    return
  }
  #expect(error.kind == .load)
  #expect(error.message == "there is no module 'resources.none'")
  #expect(throws: ScriptError.self) { try drive(bundle("return 5")) }
}

@Test func anErrorWhileAModuleLoadsHasItsPlace() throws {
  let error = try #require(throws: ScriptError.self) {
    try drive(bundle("local a = {}\nlocal b = a.x.y\nreturn {}"))
  }
  #expect(error.location == "resources/rule.lua:2")
}

@Test func longPathsAreNamedInFull() throws {
  let path = "resources/" + String(repeating: "long_", count: 20) + ".lua"
  let text = Array("return {run = function()\nerror('x') end}".utf8)
  let bundle = try ScriptBundle(sources: [
    ScriptSource(module: "resources.rule", path: path, text: text)
  ])
  let error = try #require(throws: ScriptError.self) { try drive(bundle) }
  #expect(error.path == path)
  #expect(error.line == 2)
  #expect(error.message == "x")
}

@Test func aRunThatIsOverFailsWhenItIsResumed() throws {
  var run = ScriptRun(
    bundle: try bundle("return {run = function() end}"), module: "resources.rule", function: "run",
    arguments: [])
  guard case .finished = run.resume(), case .failed(let error) = run.resume() else {
    Issue.record("the run did not end")
    return
  }
  #expect(error.kind == .host)
}
