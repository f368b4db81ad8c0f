import JSONValue

/// What the engine could not use of a function's answer.
enum RuleAnswerShape {
  /// What is wrong with a value that a function returned without a failure; nil when nothing is.
  static func problem(of value: JSONValue, from function: String) -> String? {
    switch function {
    case "observe":
      do {
        _ = try Observation(value)
        return nil
      } catch {
        return "\(error)"
      }
    case "create":
      let name = value["external_name"]?.stringValue ?? ""
      if name.isEmpty { return "create must return external_name" }
      guard let observation = value["observation"], !observation.isNull else { return nil }
      return problem(of: observation, from: "observe").map { "observation: \($0)" }
    case "find":
      // An empty table is an empty array.
      let isList = value.arrayValue?.allSatisfy { $0.stringValue != nil } ?? (value == [:])
      return isList ? nil : "find must return an array of IDs"
    case "arrange":
      let moves = value["moves"].map { $0.arrayValue ?? ($0 == [:] ? [] : nil) } ?? nil
      let isList = moves?.allSatisfy { $0["id"]?.stringValue != nil } ?? false
      return isList ? nil : "arrange must return moves, each with an id"
    default:
      return value.objectValue == nil && value != [] ? "\(function) must return a table" : nil
    }
  }
}
