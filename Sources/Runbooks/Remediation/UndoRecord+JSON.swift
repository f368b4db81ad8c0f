package import JSONValue

extension UndoRecord {
  /// The record as a file holds it.
  package var json: JSONValue {
    [
      "schema": .string(Self.schema), "runbook": .string(runbook), "plan": .string(plan),
      "at": .string(at), "server": .string(server), "ops": .array(operations.map(\.json)),
      "remarks": .array(remarks.map { .string($0) }),
    ]
  }

  /// Reads a file that `json` wrote.
  package init(parsing text: String) throws(RemediationError) {
    guard let value = try? JSONValue(parsing: text), value["schema"]?.stringValue == Self.schema,
      let runbook = value["runbook"]?.stringValue, let plan = value["plan"]?.stringValue,
      let ops = value["ops"]?.arrayValue
    else {
      throw RemediationError("this is no undo record (schema \(Self.schema)) of runbook fix")
    }
    var operations: [RemediationOperation] = []
    for (number, operation) in ops.enumerated() {
      operations.append(try RemediationOperation(parsing: operation, at: "ops[\(number + 1)]"))
    }
    self.init(
      runbook: runbook, plan: plan, at: value["at"]?.stringValue ?? "",
      server: value["server"]?.stringValue ?? "", operations: operations,
      remarks: (value["remarks"]?.arrayValue ?? []).compactMap(\.stringValue))
  }
}
