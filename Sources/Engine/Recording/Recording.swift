package import JSONValue
package import LuaBridge

/// A file that `run --record` wrote.
package struct Recording: Sendable {
  /// One run of one function.
  package struct Run: Sendable {
    package let function: String
    let arguments: [JSONValue]
    /// Each with "effect", and "answer" or "error".
    let effects: [JSONValue]
    /// What the function returned; nil when the run did not get there.
    let results: [JSONValue]?
    /// The script's error, when it ended with one.
    let error: JSONValue?
  }

  /// What was reconciled: `Channel team-a/general`.
  package let object: String
  package let recordedAt: String
  /// The rule's module.
  package let rule: String
  /// The hash of the scripts, as it is in logs and conditions.
  package let hash: String
  package let runs: [Run]
  package let sources: [ScriptSource]
  let limits: ScriptLimits

  /// A file that is no recording.
  package struct ReadError: Error, Sendable, CustomStringConvertible {
    package let description: String
  }

  /// Reads a recording.
  package init(_ value: JSONValue) throws(ReadError) {
    guard value["format"]?.integerValue == 1, let rule = value["rule"]?.stringValue,
      let runs = value["runs"]?.arrayValue
    else { throw ReadError(description: "this is no recording of provider-discord run --record") }
    self.rule = rule
    hash = value["hash"]?.stringValue ?? ""
    recordedAt = value["recorded_at"]?.stringValue ?? ""
    let place = [
      value.value(at: "object", "namespace")?.stringValue ?? "",
      value.value(at: "object", "name")?.stringValue ?? "",
    ].filter { !$0.isEmpty }.joined(separator: "/")
    object = "\(value.value(at: "object", "kind")?.stringValue ?? "") \(place)"
    self.runs = runs.map { run in
      Run(
        function: run["function"]?.stringValue ?? "",
        arguments: run["arguments"]?.arrayValue ?? [],
        effects: run["effects"]?.arrayValue ?? [], results: run["results"]?.arrayValue,
        error: run["error"])
    }
    sources = (value["sources"]?.arrayValue ?? []).map { source in
      ScriptSource(
        module: source["module"]?.stringValue ?? "", path: source["path"]?.stringValue ?? "",
        text: Array((source["text"]?.stringValue ?? "").utf8))
    }
    limits = Self.limits(value["limits"] ?? [:])
  }

  static func json(of limits: ScriptLimits) -> JSONValue {
    [
      "instructions": .integer(Int64(limits.instructions)),
      "memory": .integer(Int64(limits.memory)), "effects": .integer(Int64(limits.effects)),
      "wall_clock_ms": .integer(limits.wallClock.inMilliseconds),
    ]
  }

  private static func limits(_ value: JSONValue) -> ScriptLimits {
    var limits = ScriptLimits()
    func number(_ name: String) -> Int? { value[name]?.integerValue.map { Int($0) } }
    limits.instructions = number("instructions") ?? limits.instructions
    limits.memory = number("memory") ?? limits.memory
    limits.effects = number("effects") ?? limits.effects
    if let time = number("wall_clock_ms") { limits.wallClock = .milliseconds(time) }
    return limits
  }

  /// What of an error is the same wherever the script runs.
  static func json(of error: ScriptError) -> JSONValue {
    [
      "kind": .string(error.kind.rawValue), "message": .string(error.message),
      "location": .string(error.location),
    ]
  }
}
