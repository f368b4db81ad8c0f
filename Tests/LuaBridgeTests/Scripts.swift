import JSONValue
import LuaBridge

/// A bundle of one resource rule, "resources.rule", beside a library that performs effects.
func bundle(_ rule: String, library: String = performing) throws -> ScriptBundle {
  try ScriptBundle(sources: [
    ScriptSource(module: "lib.host", path: "lib/host.lua", text: Array(library.utf8)),
    ScriptSource(module: "resources.rule", path: "resources/rule.lua", text: Array(rule.utf8)),
  ])
}

/// `require("lib.host")(effect)` performs an effect.
let performing = """
  local perform = ...
  return { perform = perform }
  """

/// The values that `rule.run(…)` returns; `body` is the body of that function.
func run(
  _ body: String, _ arguments: JSONValue..., limits: ScriptLimits = ScriptLimits(),
  perform: (JSONValue) -> JSONValue = { $0 }
) throws -> [JSONValue] {
  let rule = "local rule = {}\nfunction rule.run(...)\n\(body)\nend\nreturn rule"
  return try drive(bundle(rule), arguments, limits: limits, perform: perform).results
}

/// Runs `resources.rule`'s function `run` to its end, here and now.
func drive(
  _ bundle: ScriptBundle, _ arguments: [JSONValue] = [], limits: ScriptLimits = ScriptLimits(),
  perform: (JSONValue) -> JSONValue = { $0 }
) throws -> (results: [JSONValue], usage: ScriptUsage) {
  var run = ScriptRun(
    bundle: bundle, module: "resources.rule", function: "run",
    arguments: arguments.map { $0.serialized() }, limits: limits)
  var answer: [UInt8]?
  while true {
    let step = run.resume(answer: answer)
    answer = nil
    switch step {
    case .sliceEnded: continue
    case .effect(let effect): answer = perform(try JSONValue(parsing: effect)).serialized()
    case .finished(let results):
      return (try JSONValue(parsing: results).arrayValue ?? [], run.usage)
    case .failed(let error): throw error
    }
  }
}

/// The error that a body ends with; nil when it ends well.
func failure(
  _ body: String, limits: ScriptLimits = ScriptLimits()
) throws -> ScriptError? {
  do {
    _ = try run(body, limits: limits)
    return nil
  } catch let error as ScriptError {
    return error
  }
}
