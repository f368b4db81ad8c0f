import LuaBridge

/// Runs a function to its end, here and now, answering each effect alike.
@discardableResult
func drive(
  _ bundle: ScriptBundle, module: String, function: String, arguments: [[UInt8]] = [],
  answer: [UInt8] = [], limits: ScriptLimits = ScriptLimits()
) throws -> [UInt8] {
  var run = ScriptRun(
    bundle: bundle, module: module, function: function, arguments: arguments, limits: limits)
  var next: [UInt8]?
  while true {
    switch run.resume(answer: next) {
    case .sliceEnded: next = nil
    case .effect: next = answer
    case .finished(let results): return results
    case .failed(let error): throw error
    }
  }
}

/// A module from text.
func source(_ module: String, _ text: String) -> ScriptSource {
  let path = module.replacing(".", with: "/") + ".lua"
  return ScriptSource(module: module, path: path, text: Array(text.utf8))
}
