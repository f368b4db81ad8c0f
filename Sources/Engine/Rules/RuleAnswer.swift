package import JSONValue

/// What `observe` found.
package struct Observation: Sendable {
  /// Whether the external resource exists.
  package let exists: Bool
  /// The script's own findings, handed to `update` and `delete`.
  package let observed: JSONValue
  /// The managed fields that differ.
  package let differences: [FieldDifference]
  /// What goes into `status.atProvider`; nil leaves it.
  package let atProvider: JSONValue?
  /// Whether the resource can be used.
  package let isReady: Bool
  /// The external name of a resource that was adopted.
  package let externalName: String?

  /// There is nothing in Discord.
  package static let absent = Observation(exists: false)

  private init(exists: Bool) {
    self.exists = exists
    observed = .null
    differences = []
    atProvider = nil
    isReady = false
    externalName = nil
  }

  /// Reads the first value that `observe` returned.
  package init(_ value: JSONValue) throws(RuleAnswerError) {
    guard let exists = value["exists"]?.boolValue else {
      throw RuleAnswerError(function: "observe", message: "\"exists\" must be true or false")
    }
    self.exists = exists
    observed = value["observed"] ?? .null
    differences = (value["diff"]?.arrayValue ?? []).compactMap { FieldDifference($0) }
    atProvider = value["at_provider"].flatMap { $0.objectValue == nil ? nil : $0 }
    isReady = value["ready"]?.boolValue ?? exists
    externalName = value["external_name"]?.stringValue
  }
}

/// A managed field whose value in Discord is not the wanted one.
package struct FieldDifference: Sendable, Hashable {
  /// The field in the terms of the spec.
  package let field: String
  package let want: JSONValue
  package let got: JSONValue

  init?(_ value: JSONValue) {
    guard let field = value["field"]?.stringValue else { return nil }
    self.field = field
    want = value["want"] ?? .null
    got = value["got"] ?? .null
  }
}

/// An expected failure, returned by a rule as its second value.
package struct RuleFailure: Error, Sendable, Hashable {
  /// One CamelCase word, e.g. `InvalidSpec`.
  package let reason: String
  /// What is wrong and what to do.
  package let message: String
  /// The spec's path, where there is one.
  package let field: String?
  /// Whether another try is pointless until the object changes.
  package let isTerminal: Bool
  /// The least wait before another try.
  package let retryAfter: Duration?

  /// Reads the second value that a rule's function returned; nil when it is no failure.
  package init?(_ value: JSONValue?) {
    guard let value, value.objectValue != nil else { return nil }
    reason = value["reason"]?.stringValue ?? "ReconcileError"
    message = value["message"]?.stringValue ?? "the rule gave no message"
    field = value["field"]?.stringValue
    isTerminal = value["terminal"]?.boolValue ?? false
    retryAfter = value["retry_after"]?.doubleValue.map { .milliseconds(Int64($0 * 1000)) }
  }

  /// Makes a failure of the engine's own.
  package init(
    reason: String, message: String, field: String? = nil, isTerminal: Bool = false,
    retryAfter: Duration? = nil
  ) {
    self.reason = reason
    self.message = message
    self.field = field
    self.isTerminal = isTerminal
    self.retryAfter = retryAfter
  }

  /// The failure as one line for a condition.
  package var text: String {
    field.map { "\(reason): \($0): \(message)" } ?? "\(reason): \(message)"
  }
}

/// A rule's function returned something that the engine cannot read: a bug of the script.
package struct RuleAnswerError: Error, Sendable, CustomStringConvertible {
  /// The function's name.
  package let function: String
  /// What is wrong with its answer.
  package let message: String

  package var description: String { "\(function) returned a wrong shape: \(message)" }
}
