/// Why a run ended early, in terms its author understands.
package struct ScriptError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    /// `error()`, or an operation that Lua refuses.
    case runtime
    /// The instruction budget is used up.
    case instructions
    /// The memory budget is used up.
    case memory
    /// The time budget is used up.
    case wallClock
    /// The budget of effects is used up.
    case effects
    /// One effect is larger than effects may be.
    case effectTooLarge
    /// What was returned is too large, or no JSON.
    case result
    /// The module or its function is missing.
    case load
    /// The host gave bytes that are not JSON, or resumed a run that is over.
    case host
  }

  package var kind: Kind
  /// Without path and line.
  package var message: String
  /// Relative to the scripts' directory, such as "resources/channel.lua".
  package var path: String?
  /// Counted from 1.
  package var line: Int?
  /// The text of that line, without its indentation.
  package var sourceLine: String?
  /// Lines "path:line: in function 'name'", innermost first.
  package var traceback: [String]
  /// The module whose function was run.
  package var module: String
  /// The hash of that module's text.
  package var moduleHash: String
  package var usage: ScriptUsage

  /// "resources/channel.lua:14: message", then the source line on a line of its own.
  package var description: String {
    var text = location.isEmpty ? message : "\(location): \(message)"
    if let sourceLine { text += "\n    \(sourceLine)" }
    return text
  }

  /// "resources/channel.lua:14", or as much of it as is known.
  package var location: String {
    guard let path else { return "" }
    guard let line else { return path }
    return "\(path):\(line)"
  }
}
