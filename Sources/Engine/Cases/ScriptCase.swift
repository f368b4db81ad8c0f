package import JSONValue

/// One case of a rule: a situation, a call, and what must come of it. docs/writing-rules.md
/// describes the format.
package struct ScriptCase: Sendable {
  /// What is true when the case passes.
  package let name: String
  /// The function of the rule.
  package let call: String
  /// `ctx.spec.forProvider`.
  package let spec: JSONValue
  package let externalName: String?
  package let createdAfter: String?
  /// `ctx.stored`: what an earlier function of the same reconcile learnt.
  package let stored: JSONValue?
  package let now: Timestamp
  /// Merged into `ctx.resource`.
  package let resource: JSONValue?
  /// The second argument of `update` and `delete`; nil for what `observe` returns.
  package let observed: JSONValue?
  /// `ctx.objects` of `arrange`.
  package let objects: JSONValue?
  /// What Discord holds.
  package let discord: JSONValue
  /// Answers to single effects, each used once.
  package let answers: [JSONValue]
  package let expectation: CaseExpectation

  /// The functions that a case can call.
  package static let calls = ["observe", "create", "update", "delete", "find", "arrange"]

  private static let members: Set<String> = [
    "name", "call", "spec", "external_name", "created_after", "stored", "now", "now_ms", "resource",
    "observed", "objects", "discord", "answers", "expect",
  ]
  private static let answerMembers: Set<String> = [
    "effect", "method", "path", "status", "code", "message", "errors", "body",
  ]
  private static let discordMembers: Set<String> = ["guild", "channels", "guilds", "me"]

  /// Reads one element of a file's `cases`.
  ///
  /// - Throws: what is missing, wrong or unknown in it.
  package init(_ value: JSONValue, number: Int) throws(CaseFileError) {
    guard let name = value["name"]?.stringValue, !name.isEmpty else {
      throw CaseFileError("case \(number) has no name")
    }
    func fail(_ message: String) -> CaseFileError { CaseFileError("\"\(name)\": \(message)") }
    try Self.check(value, knows: Self.members, what: "a case", name: name)
    guard let call = value["call"]?.stringValue, Self.calls.contains(call) else {
      throw fail("call must be one of \(Self.calls.joined(separator: ", "))")
    }
    guard let spec = value["spec"], spec.objectValue != nil else {
      throw fail("spec must be a table")
    }
    self.name = name
    self.call = call
    self.spec = spec
    externalName = value["external_name"]?.stringValue
    createdAfter = value["created_after"]?.stringValue
    stored = value["stored"]
    now = try Self.time(value, name: name)
    resource = value["resource"]
    observed = value["observed"]
    objects = value["objects"]
    discord = value["discord"] ?? [:]
    try Self.check(discord, knows: Self.discordMembers, what: "discord", name: name)
    answers = value["answers"]?.arrayValue ?? []
    for answer in answers {
      try Self.check(answer, knows: Self.answerMembers, what: "an answer", name: name)
    }
    expectation = try CaseExpectation(value["expect"] ?? [:], name: name)
  }

  /// Refuses members that a case has not.
  package static func check(
    _ value: JSONValue, knows known: Set<String>, what: String, name: String
  ) throws(CaseFileError) {
    for key in (value.objectValue ?? [:]).keys.sorted() where !known.contains(key) {
      throw CaseFileError(
        "\"\(name)\": \(what) has no member \"\(key)\"; there are "
          + known.sorted().joined(separator: ", "))
    }
  }

  private static func time(_ value: JSONValue, name: String) throws(CaseFileError) -> Timestamp {
    if let milliseconds = value["now_ms"]?.integerValue {
      return Timestamp(millisecondsSince1970: milliseconds)
    }
    let text = value["now"]?.stringValue ?? "2026-01-01T00:00:00Z"
    guard let time = Timestamp(text) else {
      throw CaseFileError("\"\(name)\": now must be a time such as 2026-01-01T00:00:00Z")
    }
    return time
  }
}

/// What must come of a case.
package struct CaseExpectation: Sendable {
  /// The members that the returned value must have; nil when any value will do.
  package let result: JSONValue?
  /// The requests that must be made, in this order.
  package let effects: [JSONValue]
  /// The members of the failure that must be returned; nil when the call must succeed.
  package let failure: JSONValue?

  init(_ value: JSONValue, name: String) throws(CaseFileError) {
    try ScriptCase.check(
      value, knows: ["result", "effects", "failure"], what: "expect", name: name)
    result = value["result"]
    effects = value["effects"]?.arrayValue ?? []
    for effect in effects {
      try ScriptCase.check(
        effect, knows: ["method", "path", "query", "body", "reason"], what: "an expected effect",
        name: name)
    }
    failure = value["failure"]
    if result != nil, failure != nil {
      throw CaseFileError("\"\(name)\": expect has a result or a failure, not both")
    }
  }
}

/// Why a file of cases cannot be run.
package struct CaseFileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong, with the case's name where it is one case's fault.
  package let description: String

  /// Says what is wrong.
  package init(_ description: String) {
    self.description = description
  }
}
