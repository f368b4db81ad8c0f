import DiscordAPI
package import LuaBridge

/// The fault of a script that ended one of its runs: a budget, an error, or something that the engine
/// refuses. Label `kind` of the metrics, of which there are only these.
package enum ScriptFailureKind: Sendable, Hashable {
  /// An error of the run itself, among them the budgets.
  case run(ScriptError.Kind)
  /// An effect that does not exist, is malformed, or that the rule's capabilities do not name.
  case refusedEffect
  /// What a function returned has not the shape that the engine needs.
  case wrongAnswer

  /// The fault that an error tells of; nil when the script is not to blame.
  init?(_ error: any Error) {
    switch error {
    case let error as ScriptError: self = .run(error.kind)
    case is EffectError, DiscordError.invalidRequest: self = .refusedEffect
    case is RuleAnswerError: self = .wrongAnswer
    default: return nil
    }
  }

  /// As metrics show it.
  package var label: String {
    switch self {
    case .run(let kind): kind.rawValue
    case .refusedEffect: "refusedEffect"
    case .wrongAnswer: "wrongAnswer"
    }
  }
}
