import Engine
import JSONValue
package import LuaBridge

/// A runbook's table that does not say what it must.
package struct RunbookError: Error, Sendable, Hashable, CustomStringConvertible {
  /// `runbooks.high_error_rate`.
  package let module: String
  /// What is missing or wrong, and where.
  package let message: String

  package var description: String { "\(module): \(message)" }
}

extension RunbookDescription {
  /// Reads the table that a runbook's module returns.
  ///
  /// - Throws: `RunbookError` naming the member that is missing or wrong, or `ScriptError` when the
  ///   module does not load.
  package init(module: String, in bundle: ScriptBundle) throws {
    let table = try bundle.describe(module)
    let reader = TableReader(module: module, value: table, place: "")
    self.module = module
    self.bundle = bundle
    try reader.knows([
      "runbook", "code", "title", "alerts", "owner", "reviewed", "summary", "symptoms", "timeout",
      "capabilities", "rights", "thresholds", "checks", "plans", "escalations", "sections",
      "limits",
      "functions",
    ])
    functions = Set(table["functions"]?.arrayValue?.compactMap(\.stringValue) ?? [])
    id = try reader.text("runbook")
    guard id.utf8.allSatisfy({ $0 == 45 || (48...57).contains($0) || (97...122).contains($0) })
    else { throw reader.wrong("runbook", "must be lower-case words with \"-\", not \"\(id)\"") }
    code = try reader.text("code")
    guard (2...5).contains(code.utf8.count), code.utf8.allSatisfy({ (65...90).contains($0) })
    else { throw reader.wrong("code", "must be two to five capital letters, not \"\(code)\"") }
    title = try reader.text("title")
    alerts = try reader.texts("alerts")
    owner = try reader.text("owner")
    reviewed = try reader.text("reviewed")
    guard reviewed.utf8.count == 10, Timestamp("\(reviewed)T00:00:00Z") != nil else {
      throw reader.wrong("reviewed", "must be a date such as 2026-11-25, not \"\(reviewed)\"")
    }
    summary = try reader.text("summary")
    symptoms = try reader.texts("symptoms")
    let timeout = try reader.seconds("timeout", standard: 60, most: 600)
    self.timeout = timeout
    capabilities = Set(try reader.texts("capabilities"))
    for capability in capabilities.sorted()
    where !RunbookEffects.capabilities.contains(capability) {
      throw reader.wrong(
        "capabilities",
        "\"\(capability)\" is no capability that exists; there are "
          + RunbookEffects.capabilities.sorted().joined(separator: ", "))
    }
    rights = try reader.list("rights").map { try RunbookRight(reading: $0) }
    thresholds = try reader.members("thresholds").map {
      try RunbookThreshold(name: $0.name, reading: $0.reader)
    }
    let ids = try reader.list("checks").map { try $0.text("id") }
    checks = try reader.list("checks").map {
      try CheckDescription(reading: $0, timeout: timeout)
    }
    plans = try reader.list("plans").map { try PlanDescription(reading: $0, checks: Set(ids)) }
    escalations = try reader.list("escalations").map {
      EscalationRule(to: try $0.text("to"), when: try $0.text("when"))
    }
    sections = try reader.list("sections").map {
      Section(title: try $0.text("title"), text: try $0.text("text"))
    }
    limits = try RuleLimits(table["limits"], module: module)
    try checkTogether(reader)
  }

  /// What only shows when the parts are seen together.
  private func checkTogether(_ reader: TableReader) throws(RunbookError) {
    guard !checks.isEmpty else { throw reader.wrong("checks", "the runbook has no check") }
    var seen: Set<String> = []
    for check in checks {
      let place = "checks, \(check.id)"
      guard check.id.hasPrefix("\(code)-"), check.id.utf8.count == code.utf8.count + 4,
        check.id.utf8.suffix(3).allSatisfy({ (48...57).contains($0) })
      else { throw reader.wrong(place, "an id is \(code)- and three digits") }
      guard functions.contains(check.function) else {
        throw reader.wrong(place, "run names \"\(check.function)\", and there is no such function")
      }
      // What a check needs stands before it, which also rules circles out.
      for need in check.needs where !seen.contains(need) {
        throw reader.wrong(
          place,
          checks.contains { $0.id == need }
            ? "needs \(need), which must stand before it" : "needs \(need), which does not exist")
      }
      guard seen.insert(check.id).inserted else {
        throw reader.wrong(place, "there are two checks with this id")
      }
    }
    var names: Set<String> = []
    for plan in plans {
      guard names.insert(plan.id).inserted else {
        throw reader.wrong("plans, \(plan.id)", "there are two plans with this id")
      }
      guard functions.contains(plan.function) else {
        throw reader.wrong(
          "plans, \(plan.id)", "build names \"\(plan.function)\", and there is no such function")
      }
    }
  }
}

extension CheckDescription {
  init(reading reader: TableReader, timeout: Duration) throws(RunbookError) {
    try reader.knows([
      "id", "run", "title", "category", "needs", "needs_any_outcome", "timeout", "hint", "covers",
    ])
    self.init(
      id: try reader.text("id"), function: try reader.text("run"),
      title: try reader.text("title"), category: try reader.text("category"),
      needs: try reader.texts("needs"),
      needsAnyOutcome: try reader.truth("needs_any_outcome"),
      timeout: min(timeout, try reader.seconds("timeout", standard: 10, most: 600)),
      hint: try reader.optionalText("hint"), covers: try reader.texts("covers"))
  }
}

extension PlanDescription {
  init(reading reader: TableReader, checks: Set<String>) throws(RunbookError) {
    try reader.knows(["id", "build", "title", "risk", "verify", "inputs", "on_request"])
    id = try reader.text("id")
    function = try reader.text("build")
    title = try reader.text("title")
    risk = try reader.text("risk")
    guard ["low", "medium", "high"].contains(risk) else {
      throw reader.wrong("risk", "must be low, medium or high, not \"\(risk)\"")
    }
    verify = try reader.texts("verify")
    for check in verify where !checks.contains(check) {
      throw reader.wrong("verify", "\(check) is no check of this runbook")
    }
    inputs = try reader.texts("inputs")
    isOnRequest = try reader.truth("on_request")
  }
}

extension RunbookRight {
  init(reading reader: TableReader) throws(RunbookError) {
    try reader.knows([
      "verb", "group", "resource", "subresource", "namespace", "cluster", "optional",
    ])
    verb = try reader.text("verb")
    group = reader.value["group"]?.stringValue ?? ""
    resource = try reader.text("resource")
    subresource = try reader.optionalText("subresource")
    isOptional = try reader.truth("optional")
    if let name = reader.value["namespace"]?.stringValue {
      namespace = name
    } else if reader.value["namespace"]?.boolValue == true {
      namespace = ""
    } else {
      namespace = nil
    }
  }
}

extension RunbookThreshold {
  init(name: String, reading reader: TableReader) throws(RunbookError) {
    try reader.knows(["default", "unit", "text", "metric"])
    self.name = name
    guard let standard = reader.value["default"]?.doubleValue else {
      throw reader.wrong("default", "must be a number")
    }
    self.standard = standard
    unit = try reader.text("unit")
    text = try reader.text("text")
    metric = try reader.optionalText("metric")
  }
}
