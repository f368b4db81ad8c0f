import Engine
import JSONValue

extension RunbookSituation {
  /// As a recording keeps it.
  var json: JSONValue {
    var head: JSONValue = [
      "namespace": .string(reportTarget.namespace),
      "deployment": .string(reportTarget.deployment), "flavour": .string(reportTarget.flavour),
      "reachable": .bool(reportTarget.isReachable),
    ]
    head["context"] = reportTarget.context.map { .string($0) }
    head["problem"] = reportTarget.problem.map { .string($0) }
    var json: JSONValue = [
      "now_ms": .integer(now.millisecondsSince1970), "search_ms": .integer(searchMilliseconds),
      "since": .integer(since), "target": target, "values": values.json,
      "inputs": .array(inputs.map { .string($0) }), "head": head,
    ]
    json["alert"] = alert.map(AnswerRedaction.redacted)
    return json
  }

  /// Reads a recording's situation.
  init(_ value: JSONValue) throws(RunbookValues.ReadError) {
    let head = value["head"]
    self.init(
      now: Timestamp(millisecondsSince1970: value["now_ms"]?.integerValue ?? 0),
      searchMilliseconds: value["search_ms"]?.integerValue ?? 0,
      since: value["since"]?.integerValue ?? 3600, target: value["target"] ?? [:],
      values: try RunbookValues(value["values"] ?? [:]), alert: value["alert"],
      inputs: (value["inputs"]?.arrayValue ?? []).compactMap(\.stringValue),
      reportTarget: ReportTarget(
        context: head?["context"]?.stringValue, namespace: head?["namespace"]?.stringValue ?? "",
        deployment: head?["deployment"]?.stringValue ?? "",
        flavour: head?["flavour"]?.stringValue ?? "helm",
        isReachable: head?["reachable"]?.boolValue ?? false,
        problem: head?["problem"]?.stringValue))
  }
}
