import Engine
import JSONValue

/// One case of a runbook: a situation, answers of the outside world, a check or a plan, and what must
/// come of it. docs/writing-runbooks.md describes the format.
package struct RunbookCase: Sendable {
  /// What is run.
  enum Call: Sendable, Hashable {
    case check(CheckDescription)
    case plan(PlanDescription)

    var name: String {
      switch self {
      case .check(let check): check.id
      case .plan(let plan): "plan \(plan.id)"
      }
    }
  }

  /// What is true when the case passes.
  package let name: String
  let call: Call
  let situation: RunbookSituation
  let results: JSONValue
  let answers: [JSONValue]
  let expectation: JSONValue

  private static let members: Set<String> = [
    "name", "check", "plan", "target", "thresholds", "results", "since", "now", "values",
    "contacts", "alert", "inputs", "answers", "expect",
  ]
  private static let outcomeMembers: Set<String> = [
    "status", "message", "cause", "explains", "observed", "threshold", "lines", "evidence", "plans",
    "escalate", "hint",
  ]
  private static let planMembers: Set<String> = ["ops", "veto", "manual", "why", "undo"]

  /// `ctx.target` where a case says nothing else.
  private static let target: JSONValue = [
    "namespace": "crossplane-system", "deployment": "provider-discord",
    "app_label": "app=provider-discord", "container": "provider", "flavour": "helm",
    "network_policy": "provider-discord-netpol", "lease": "provider-discord", "reachable": true,
    "provider_config": "default", "pod": "provider-discord-abc",
    "secret": [
      "namespace": "crossplane-system", "name": "discord-credentials", "key": "token",
    ],
    "discord": [
      "base_url": "https://discord.com/api/v10", "scheme": "https", "host": "discord.com",
      "port": 443,
    ],
  ]

  /// Reads one element of a file's `cases`.
  ///
  /// - Throws: what is missing, wrong or unknown in it.
  init(
    _ value: JSONValue, number: Int, of runbook: RunbookDescription
  ) throws(CaseFileError) {
    guard let name = value["name"]?.stringValue, !name.isEmpty else {
      throw CaseFileError("case \(number) has no name")
    }
    func fail(_ message: String) -> CaseFileError { CaseFileError("\"\(name)\": \(message)") }
    try ScriptCase.check(value, knows: Self.members, what: "a case", name: name)
    if let id = value["check"]?.stringValue {
      guard let check = runbook.check(id) else { throw fail("the runbook has no check \(id)") }
      call = .check(check)
    } else if let id = value["plan"]?.stringValue {
      guard let plan = runbook.plan(id) else { throw fail("the runbook has no plan \(id)") }
      call = .plan(plan)
    } else {
      throw fail("check or plan must name what is run")
    }
    guard let now = Timestamp(value["now"]?.stringValue ?? "2026-01-01T00:00:00Z") else {
      throw fail("now must be a time such as 2026-01-01T00:00:00Z")
    }
    self.name = name
    situation = try Self.situation(value, now: now, of: runbook, name: name)
    results = value["results"] ?? [:]
    answers = value["answers"]?.arrayValue ?? []
    for answer in answers {
      guard let effect = answer["effect"]?.stringValue, RunbookEffects.all[effect] != nil else {
        throw fail("an answer needs effect, the name of one that exists")
      }
      let known = (RunbookEffects.all[effect]?.members ?? []).union([
        "effect", "value", "info", "error", "times",
      ])
      try ScriptCase.check(answer, knows: known, what: "an answer to \(effect)", name: name)
      if let kind = answer["error"]?["kind"]?.stringValue, SourceFailure.Kind(rawValue: kind) == nil
      {
        throw fail("\"\(kind)\" is no kind of error")
      }
    }
    expectation = value["expect"] ?? [:]
    let isPlan = if case .plan = call { true } else { false }
    try ScriptCase.check(
      expectation, knows: isPlan ? Self.planMembers : Self.outcomeMembers, what: "expect",
      name: name)
    if expectation.objectValue?.isEmpty != false { throw fail("expect says nothing") }
  }

  private static func situation(
    _ value: JSONValue, now: Timestamp, of runbook: RunbookDescription, name: String
  ) throws(CaseFileError) -> RunbookSituation {
    var values = RunbookValues()
    for (key, number) in value["thresholds"]?.objectValue ?? [:] {
      guard runbook.thresholds.contains(where: { $0.name == key }), let number = number.doubleValue
      else { throw CaseFileError("\"\(name)\": the runbook has no threshold \(key)") }
      values.thresholds[runbook.id, default: [:]][key] = number
    }
    values.contacts = (value["contacts"]?.objectValue ?? [:]).compactMapValues(\.stringValue)
    values.free = value["values"] ?? [:]
    let target = Self.target.applying(mergePatch: value["target"] ?? [:])
    return RunbookSituation(
      now: now, since: value["since"]?.integerValue ?? 3600, target: target, values: values,
      alert: value["alert"], inputs: (value["inputs"]?.arrayValue ?? []).compactMap(\.stringValue),
      reportTarget: ReportTarget(
        context: nil, namespace: target["namespace"]?.stringValue ?? "",
        deployment: target["deployment"]?.stringValue ?? "", flavour: "helm", isReachable: true,
        problem: nil))
  }
}
