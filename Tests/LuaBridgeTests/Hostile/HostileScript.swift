import LuaBridge

/// All of them.
let hostileScripts =
  loopScripts + memoryScripts + patternScripts + heavyScripts + sandboxScripts + effectScripts

/// A script that tries to stop, crash, starve or leak the process. `body` is the body of the
/// function that is run.
struct HostileScript: Sendable {
  enum Ending: Sendable, Hashable {
    /// It is ended by this budget, or with this kind of error.
    case fails(ScriptError.Kind)
    /// Its attack has no effect and it returns true.
    case isHarmless
  }

  var name: String
  var ending: Ending
  var body: String

  init(_ name: String, _ ending: Ending, _ body: String) {
    self.name = name
    self.ending = ending
    self.body = body
  }
}
