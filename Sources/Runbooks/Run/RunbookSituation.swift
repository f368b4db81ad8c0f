package import Engine
package import JSONValue

/// What a run of runbooks is about: what every check of it gets to know besides the world.
package struct RunbookSituation: Sendable {
  /// When the report began; the only clock of scripts.
  package var now: Timestamp
  /// Milliseconds from then until the provider was found or given up, and the checks began: seconds
  /// when the API server does not answer.
  package var searchMilliseconds: Int64
  /// Seconds that are looked back.
  package var since: Int64
  /// `ctx.target`.
  package var target: JSONValue
  /// The values file.
  package var values: RunbookValues
  /// `ctx.alert`; nil when nobody's alert asked.
  package var alert: JSONValue?
  /// Names of the inputs that are given, for plans.
  package var inputs: [String]
  /// `ctx.target.context` and the like, for the report's head.
  package var reportTarget: ReportTarget

  /// Makes a situation.
  package init(
    now: Timestamp, searchMilliseconds: Int64 = 0, since: Int64, target: JSONValue,
    values: RunbookValues, alert: JSONValue?, inputs: [String] = [], reportTarget: ReportTarget
  ) {
    self.now = now
    self.searchMilliseconds = searchMilliseconds
    self.since = since
    self.target = target
    self.values = values
    self.alert = alert
    self.inputs = inputs
    self.reportTarget = reportTarget
  }

  /// `ctx` of a check or a plan.
  ///
  /// - Parameter member: "check" or "plan".
  func context(
    _ member: String, _ id: String, of runbook: RunbookDescription,
    results: [String: CheckGraph.Result]
  ) -> JSONValue {
    var context: JSONValue = [
      "runbook": .string(runbook.id), "now": .string(now.seconds),
      "now_ms": .integer(now.millisecondsSince1970), "since": .integer(since), "target": target,
      "thresholds": .object(
        values.thresholds(of: runbook).mapValues { JSONValue.double($0).whole }),
      "contacts": .object(values.contacts.mapValues { .string($0) }), "values": values.free,
      "results": .object(results.mapValues { Self.json($0.outcome) }),
      "inputs": .array(inputs.map { .string($0) }),
    ]
    context[member] = .string(id)
    context["alert"] = alert
    return context
  }

  private static func json(_ outcome: Outcome) -> JSONValue {
    var json: JSONValue = [
      "status": .string(outcome.status.rawValue), "message": .string(outcome.message),
    ]
    json["cause"] = outcome.cause.map { .string($0) }
    json["observed"] = outcome.observed
    return json
  }
}

extension JSONValue {
  /// The number as an integer where it is one, so that `3.0` is 3 for scripts and readers.
  var whole: JSONValue {
    guard case .double(let number) = self, let integer = Int64(exactly: number) else {
      return self
    }
    return .integer(integer)
  }
}
