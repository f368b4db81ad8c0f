import Engine
package import JSONValue

/// The report for programs: schema `runbook.discord/v1`.
package enum JSONReport {
  /// The schema's name, in each document.
  package static let schema = "runbook.discord/v1"

  /// One runbook's report as it is; several under `runbooks`, with the verdict on all.
  package static func value(of report: RunReport) -> JSONValue {
    if report.runbooks.count == 1, let runbook = report.runbooks.first {
      return value(of: runbook, in: report)
    }
    var value: JSONValue = [
      "schema": .string(schema), "id": "all", "verdict": .string(report.verdict.rawValue),
      "startedAt": .string(report.startedAt.milliseconds),
      "durationMs": .integer(report.milliseconds), "target": json(report.target),
      "escalateNow": .bool(report.mustEscalate),
      "runbooks": .array(report.runbooks.map { self.value(of: $0, in: report) }),
    ]
    value["rootCause"] = report.rootCause.map(json)
    value["alert"] = report.alert.map(alert)
    return value
  }

  /// One runbook's report.
  package static func value(of runbook: RunbookReport, in report: RunReport) -> JSONValue {
    var value: JSONValue = [
      "schema": .string(schema), "id": .string(runbook.id), "title": .string(runbook.title),
      "verdict": .string(runbook.verdict.rawValue),
      "startedAt": .string(runbook.startedAt.milliseconds),
      "durationMs": .integer(runbook.milliseconds), "target": json(report.target),
      "checks": .array(runbook.checks.map(json)), "plans": .array(runbook.plans.map(json)),
      "vetoes": .array(
        runbook.vetoes.map {
          ["plan": .string($0.id), "reason": .string($0.veto ?? "")]
        }),
      "escalations": .array(runbook.escalations.map(json)),
      "evidence": .array(runbook.evidence.map(json)),
      "faults": .array(runbook.faults.map { .string($0) }),
    ]
    value["rootCause"] = runbook.rootCause.map(json)
    value["alert"] = report.alert.map(alert)
    return value
  }

  private static func alert(_ alert: JSONValue) -> JSONValue {
    var value: JSONValue = [:]
    value["fingerprint"] = alert["fingerprint"]
    value["startsAt"] = alert["starts_at"]
    value["status"] = alert["status"]
    value["labels"] = alert["labels"]
    return value
  }

  private static func json(_ target: ReportTarget) -> JSONValue {
    var value: JSONValue = [
      "namespace": .string(target.namespace), "deployment": .string(target.deployment),
      "flavour": .string(target.flavour), "reachable": .bool(target.isReachable),
    ]
    value["context"] = target.context.map { .string($0) }
    value["problem"] = target.problem.map { .string($0) }
    return value
  }

  private static func json(_ root: RootCause) -> JSONValue {
    var value: JSONValue = [
      "runbook": .string(root.runbook), "check": .string(root.check),
      "message": .string(root.message), "explains": .array(root.victims.map { .string($0) }),
    ]
    value["cause"] = root.cause.map { .string($0) }
    return value
  }

  private static func json(_ check: CheckReport) -> JSONValue {
    let outcome = check.outcome
    var value: JSONValue = [
      "id": .string(check.id), "title": .string(check.title),
      "category": .string(check.category), "status": .string(outcome.status.rawValue),
      "message": .string(outcome.message), "durationMs": .integer(check.milliseconds),
      "cause": outcome.cause.map { .string($0) } ?? .null, "observed": outcome.observed ?? .null,
      "threshold": outcome.threshold ?? .null,
      "explains": .array(outcome.explains.map { .string($0) }),
      "hint": check.hint.map { .string($0) } ?? .null,
      "lines": .array(outcome.lines.map { .string($0) }),
      "evidence": .array(outcome.evidence.map { .string($0) }),
      "plans": .array(outcome.plans.map { .string($0) }),
    ]
    value["explainedBy"] = check.explainedBy.map { .string($0) }
    return value
  }

  /// A plan, with its operations as they were proposed.
  package static func json(_ plan: PlanProposal) -> JSONValue {
    var value: JSONValue = [
      "id": .string(plan.id), "runbook": .string(plan.runbook), "title": .string(plan.title),
      "risk": .string(plan.risk), "why": .string(plan.why),
      "ops": .array(plan.operations.map(json)),
      "verify": .array(plan.verify.map { .string($0) }),
      "inputs": .array(plan.inputs.map { .string($0) }),
      "manual": .array(plan.manual.map { .string($0) }),
      "proposedBy": .array(plan.proposedBy.map { .string($0) }),
    ]
    value["veto"] = plan.veto.map { .string($0) }
    value["undo"] = plan.undo.map { .string($0) }
    return value
  }

  private static func json(_ operation: PlanOperation) -> JSONValue {
    var value: JSONValue = ["verb": .string(operation.verb.rawValue)]
    if let type = operation.resource {
      value["gvr"] = [
        "group": .string(type.group), "version": .string(type.version),
        "resource": .string(type.resource),
      ]
    }
    value["namespace"] = operation.namespace.map { .string($0) }
    value["name"] = operation.name.map { .string($0) }
    value["patchType"] = operation.patchType.map { .string($0) }
    value["body"] = operation.body
    value["probe"] = operation.probe
    value["note"] = operation.note.map { .string($0) }
    if !operation.preconditions.isEmpty {
      value["preconditions"] = .object(operation.preconditions.mapValues { .string($0) })
    }
    return value
  }

  private static func json(_ line: EscalationLine) -> JSONValue {
    var value: JSONValue = [
      "to": .string(line.to), "after": .string("\(line.after)s"),
      "due": .string(line.due.seconds), "now": .bool(line.isDue), "check": .string(line.check),
    ]
    value["contact"] = line.contact.map { .string($0) }
    value["why"] = line.why.map { .string($0) }
    return value
  }

  private static func json(_ item: EvidenceItem) -> JSONValue {
    [
      "id": .string(item.id), "name": .string(item.name), "check": .string(item.check),
      "sha256": .string(item.sha256), "bytes": .integer(Int64(item.bytes.count)),
    ]
  }
}
