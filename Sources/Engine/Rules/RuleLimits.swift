package import JSONValue
package import LuaBridge

/// The budgets that a rule asks for itself, in its table's `limits`. They only ever lower those of
/// the provider: a rule cannot give itself more than the operator allows.
package struct RuleLimits: Sendable, Hashable {
  /// Instructions of one run.
  package var instructions: Int?
  /// Bytes of one run's memory.
  package var memory: Int?
  /// Seconds that one run may compute.
  package var time: Double?
  /// Effects of one run.
  package var effects: Int?

  /// No budget of its own.
  package init() {}

  /// Reads `limits` of a rule's table.
  ///
  /// - Throws: `RuleError` naming the member that is unknown or not a positive number.
  package init(_ value: JSONValue?, module: String) throws {
    guard let value, !value.isNull else { return }
    guard let members = value.objectValue else {
      throw RuleError(module: module, message: "limits is not a table with names", field: "limits")
    }
    for (name, member) in members.sorted(by: { $0.key < $1.key }) {
      guard let number = member.doubleValue, number > 0 else {
        throw RuleError(
          module: module, message: "limits.\(name) is not a number above zero", field: "limits")
      }
      if name == "time" {
        // A Duration has no room for what a script may write here.
        time = min(number, 86_400)
        continue
      }
      guard let whole = Int(exactly: number) else {
        throw RuleError(
          module: module, message: "limits.\(name) is not a whole number", field: "limits")
      }
      switch name {
      case "instructions": instructions = whole
      case "memory": memory = whole
      case "effects": effects = whole
      default:
        throw RuleError(
          module: module, message: "limits.\(name) is no budget that exists", field: "limits")
      }
    }
  }

  /// The provider's budgets, lowered to the rule's where those are lower.
  package func lowering(_ limits: ScriptLimits) -> ScriptLimits {
    var result = limits
    result.instructions = min(limits.instructions, instructions ?? .max)
    result.memory = min(limits.memory, memory ?? .max)
    result.effects = min(limits.effects, effects ?? .max)
    if let time { result.wallClock = min(limits.wallClock, .seconds(time)) }
    return result
  }
}
