/// The contract between a rule and the engine.
extension ScriptAnalysis {
  private var capabilities: Set<String>? {
    switch role {
    case .rule(_, let capabilities), .runbook(let capabilities): capabilities
    case .library, .other: nil
    }
  }

  /// A call of `lib.discord` must be covered by what the rule declares, and `observe` and `find`
  /// only read.
  mutating func checkCapability(
    _ module: String, _ function: String, _ arguments: [LuaExpression], _ position: LuaPosition
  ) {
    if case .runbook = role { return checkRunbookCapability(module, function, position) }
    guard module == "lib.discord" || module == "shipped.lib.discord", case .rule = role else {
      return
    }
    let method = arguments.first?.fields?.first { $0.name == "method" }?.value.text?.uppercased()
    let needed: String
    if function != "request" || method == "GET" {
      needed = "discord.read"
    } else if method != nil {
      needed = "discord.write"
    } else {
      return
    }
    if let capabilities, !capabilities.contains(needed) {
      report(
        .missingCapability, position,
        "discord.\(function) needs \"\(needed)\" in the rule's capabilities")
    }
    if needed == "discord.write", let contract = frames.last?.contract,
      ScriptEnvironment.readers.contains(contract)
    {
      report(
        .missingCapability, position,
        "\(contract) may only read: the engine refuses \(method ?? "") there")
    }
  }

  /// What a function of `lib` asks for must be covered by what the runbook declares.
  private mutating func checkRunbookCapability(
    _ module: String, _ function: String, _ position: LuaPosition
  ) {
    guard let capabilities,
      let found = api.modules[module]?.functions.first(where: { $0.name == function })
    else { return }
    let name = "\(module.split(separator: ".").last.map(String.init) ?? module).\(function)"
    for effect in found.effects.sorted() {
      if let needed = RunbookEffects.all[effect]?.capability, !capabilities.contains(needed) {
        report(
          .missingCapability, position, "\(name) needs \"\(needed)\" in the runbook's capabilities")
      } else if RunbookEffects.all[effect] == nil, effect != "log" {
        report(.missingCapability, position, "\(name) is for rules, not for runbooks")
      }
    }
  }

  /// A `return` of a function that the engine calls.
  mutating func checkReturn(_ values: [LuaExpression], at position: LuaPosition) {
    guard let contract = frames.last?.contract else { return }
    if case .runbook = role { return checkOutcome(values, contract, at: position) }
    guard let first = values.first else {
      if needsValue(contract) {
        report(.wrongReturn, position, "\(contract) must return \(wanted(contract))")
      }
      return
    }
    switch first.kind {
    case .null:
      guard values.count > 1 else {
        report(.wrongReturn, position, "nil alone says nothing: return nil and a failure")
        return
      }
      checkFailure(values[1])
    case .truth, .number, .string, .function:
      report(.wrongReturn, first.position, "\(contract) must return \(wanted(contract))")
    case .table(let fields): checkAnswer(fields, of: contract, at: first.position)
    default: return
    }
  }

  /// A check returns what lib.check made, a plan a table.
  private mutating func checkOutcome(
    _ values: [LuaExpression], _ contract: String, at position: LuaPosition
  ) {
    switch values.first?.kind {
    case nil, .null, .truth, .number, .string, .function:
      report(
        .wrongReturn, values.first?.position ?? position,
        "\(contract) must return an outcome of lib.check, or a table if it builds a plan")
    default: return
    }
  }

  private mutating func checkAnswer(
    _ fields: [LuaField], of contract: String, at position: LuaPosition
  ) {
    guard let known = ScriptEnvironment.returns[contract] else {
      if let named = fields.first(where: { $0.name != nil }) {
        report(.wrongReturn, named.position, "\(contract) must return \(wanted(contract))")
      }
      return
    }
    for field in fields {
      guard let name = field.name else {
        if case .none = field.key {
          report(.wrongReturn, field.position, "\(contract) must return \(wanted(contract))")
        }
        continue
      }
      if !known.contains(name) {
        report(
          .wrongReturn, field.position,
          "what \(contract) returns has no field '\(name)'"
            + Suggestion.text(for: name, among: known))
      } else if name == "exists" || name == "released" || name == "ready" {
        checkIsTruth(field, contract)
      }
    }
    if let needed = ScriptEnvironment.requiredReturns[contract],
      fields.allSatisfy({ $0.name.map { $0 != needed && known.contains($0) } ?? false })
    {
      report(.wrongReturn, position, "what \(contract) returns needs the field '\(needed)'")
    }
  }

  private mutating func checkIsTruth(_ field: LuaField, _ contract: String) {
    switch field.value.kind {
    case .number, .string, .table, .function:
      report(
        .wrongReturn, field.value.position,
        "'\(field.name ?? "")' of what \(contract) returns must be true or false")
    default: return
    }
  }

  private mutating func checkFailure(_ value: LuaExpression) {
    guard let fields = value.fields else {
      switch value.kind {
      case .truth, .number, .string, .null:
        report(
          .wrongReturn, value.position,
          "a failure is a table with reason and message, as lib.result makes it")
      default: return
      }
      return
    }
    checkFields(fields, known: ScriptEnvironment.failure, of: "a failure")
    let given = Set(fields.compactMap(\.name))
    for needed in ["reason", "message"] where !given.contains(needed) {
      report(.wrongReturn, value.position, "a failure needs the field '\(needed)'")
    }
  }

  /// A function that the engine calls must not end without a word.
  mutating func checkEnd(of function: LuaFunction, contract: String) {
    guard needsValue(contract), !ends(function.body) else { return }
    report(
      .wrongReturn, function.body.end,
      "\(contract) can end here without returning \(wanted(contract))")
  }

  private func needsValue(_ contract: String) -> Bool {
    if case .runbook = role { return true }
    return contract == "create" || ScriptEnvironment.readers.contains(contract)
  }

  private func wanted(_ contract: String) -> String {
    switch contract {
    case "observe": "a table with exists"
    case "create": "a table with external_name"
    case "find": "an array of IDs"
    case "arrange": "a table with moves"
    case _ where ScriptEnvironment.functions.contains(contract) == false:
      "an outcome of lib.check, or a table if it builds a plan"
    default: "a table"
    }
  }

  /// Whether no path leads past the end of a block.
  private func ends(_ block: LuaBlock) -> Bool {
    guard let last = block.statements.last else { return false }
    switch last.kind {
    case .returns, .jump: return true
    case .block(let body): return ends(body)
    case .choice(let branches, let otherwise?):
      return branches.allSatisfy { ends($0.body) } && ends(otherwise)
    case .whileLoop(let condition, _):
      if case .truth(true) = condition.kind { return true }
      return false
    case .call(let call):
      guard case .call(let callee, _) = call.kind, case .name("error") = callee.kind else {
        return false
      }
      return true
    default: return false
    }
  }
}
