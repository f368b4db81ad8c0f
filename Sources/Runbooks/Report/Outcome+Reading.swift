import Engine
import JSONValue

extension Outcome {
  /// Reads what a check's function returned.
  ///
  /// - Parameters:
  ///   - checks: the ids of the runbook's plans, for a mistake in `plans`.
  /// - Throws: `RunbookError` for what the report could not use.
  init(
    _ value: JSONValue, of check: CheckDescription, in runbook: RunbookDescription
  ) throws(RunbookError) {
    let reader = TableReader(
      module: runbook.module, value: value, place: "what \(check.function) returned")
    try reader.knows([
      "status", "message", "cause", "explains", "observed", "threshold", "lines", "evidence",
      "plans", "escalate", "hint",
    ])
    guard let status = CheckStatus(rawValue: try reader.text("status")) else {
      throw reader.wrong("status", "must be pass, warn, fail, skip or unknown")
    }
    self.init(status, try reader.text("message"))
    cause = try reader.optionalText("cause")
    if status == .fail, cause == nil { throw reader.wrong("cause", "a failure needs a cause") }
    explains = try reader.texts("explains")
    observed = value["observed"].flatMap { $0.isNull ? nil : $0 }
    threshold = value["threshold"].flatMap { $0.isNull ? nil : $0 }
    lines = try reader.texts("lines")
    evidence = try reader.texts("evidence")
    plans = try reader.texts("plans")
    for plan in plans where runbook.plan(plan) == nil {
      throw reader.wrong("plans", "\"\(plan)\" is no plan of this runbook")
    }
    escalations = try reader.list("escalate").map { one throws(RunbookError) in
      try EscalationRequest(reading: one)
    }
    hint = try reader.optionalText("hint")
  }
}

extension EscalationRequest {
  init(reading reader: TableReader) throws(RunbookError) {
    try reader.knows(["to", "after", "since", "why"])
    to = try reader.text("to")
    after = Int64(clamping: Int((reader.value["after"]?.doubleValue ?? 0).rounded(.up)))
    why = try reader.optionalText("why")
    switch reader.value["since"] {
    case nil, .null?: since = nil
    case .string(let text)?:
      guard let time = Timestamp(text) else {
        throw reader.wrong("since", "must be a time such as 2026-01-01T00:00:00Z")
      }
      since = time.millisecondsSince1970
    case let number?:
      guard let milliseconds = number.doubleValue else {
        throw reader.wrong("since", "must be a time")
      }
      since = Int64(milliseconds)
    }
  }
}

extension PlanProposal {
  /// Reads what a plan's function returned.
  init(
    _ value: JSONValue, of plan: PlanDescription, in runbook: RunbookDescription,
    proposedBy: [String]
  ) throws(RunbookError) {
    let reader = TableReader(
      module: runbook.module, value: value, place: "what \(plan.function) returned")
    try reader.knows(["why", "ops", "veto", "manual", "undo"])
    id = plan.id
    self.runbook = runbook.id
    title = plan.title
    risk = plan.risk
    why = try reader.text("why")
    operations = try reader.list("ops").map { one throws(RunbookError) in
      try PlanOperation(reading: one)
    }
    veto = try reader.optionalText("veto")
    manual = try reader.texts("manual")
    undo = try reader.optionalText("undo")
    verify = plan.verify
    inputs = plan.inputs
    self.proposedBy = proposedBy
  }
}

extension PlanOperation {
  init(reading reader: TableReader) throws(RunbookError) {
    try reader.knows([
      "verb", "gvr", "namespace", "name", "patch_type", "body", "preconditions", "probe", "note",
    ])
    guard let verb = Verb(rawValue: try reader.text("verb")) else {
      throw reader.wrong(
        "verb", "must be one of \(Verb.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    self.verb = verb
    namespace = try reader.optionalText("namespace")
    name = try reader.optionalText("name")
    patchType = try reader.optionalText("patch_type")
    note = try reader.optionalText("note")
    body = reader.value["body"].flatMap { $0.isNull ? nil : $0 }
    probe = reader.value["probe"].flatMap { $0.isNull ? nil : $0 }
    preconditions = (reader.value["preconditions"]?.objectValue ?? [:])
      .compactMapValues(\.stringValue)
    guard verb != .probe else {
      resource = nil
      if probe == nil { throw reader.wrong("probe", "says what the provider shall probe") }
      return
    }
    guard let type = reader.value["gvr"], let version = type["version"]?.stringValue,
      let plural = type["resource"]?.stringValue
    else { throw reader.wrong("gvr", "must be { group, version, resource }") }
    resource = Resource(
      group: type["group"]?.stringValue ?? "", version: version, resource: plural)
    if name == nil, verb != .create { throw reader.wrong("name", "must be a text") }
    if verb == .patch, !["merge", "strategic", "json"].contains(patchType ?? "") {
      throw reader.wrong("patch_type", "must be merge, strategic or json")
    }
    if body == nil, [.patch, .apply, .create, .annotate].contains(verb) {
      throw reader.wrong("body", "is missing")
    }
  }
}
