import Engine
import JSONValue

extension Outcome {
  /// As a case compares it: the members that the script gave.
  var caseValue: JSONValue {
    var value: JSONValue = [
      "status": .string(status.rawValue), "message": .string(message),
      "explains": .array(explains.map { .string($0) }),
      "lines": .array(lines.map { .string($0) }),
      "evidence": .array(evidence.map { .string($0) }),
      "plans": .array(plans.map { .string($0) }),
      "escalate": .array(
        escalations.map {
          var value: JSONValue = ["to": .string($0.to), "after": .integer($0.after)]
          value["since"] = $0.since.map {
            .string(Timestamp(millisecondsSince1970: $0).seconds)
          }
          value["why"] = $0.why.map { .string($0) }
          return value
        }),
    ]
    value["cause"] = cause.map { .string($0) }
    value["observed"] = observed
    value["threshold"] = threshold
    value["hint"] = hint.map { .string($0) }
    return value
  }
}

extension PlanProposal {
  /// As a case compares it, in the words of the script.
  var caseValue: JSONValue {
    var value: JSONValue = [
      "why": .string(why), "manual": .array(manual.map { .string($0) }),
      "ops": .array(operations.map(\.scriptValue)),
    ]
    value["veto"] = veto.map { .string($0) }
    value["undo"] = undo.map { .string($0) }
    return value
  }
}
