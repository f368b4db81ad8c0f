import JSONValue

extension ScriptAnalysis {
  /// Walks an expression and says what is known of its value.
  @discardableResult
  mutating func shape(of expression: LuaExpression) -> LuaShape {
    switch expression.kind {
    case .null, .truth, .number, .string: return .unknown
    case .vararg:
      return role == .library && frames.count == 1 ? .perform : .unknown
    case .function(let function):
      walk(function, contract: nil)
      return .unknown
    case .name(let name): return shape(ofName: name, at: expression.position)
    case .index(let owner, let key): return member(of: owner, key)
    case .call(let callee, let arguments): return call(callee, arguments, expression.position)
    case .method(let owner, let name, let arguments):
      if readOwn(owner) {
        own.use(name, at: expression.position, isCall: true)
      } else {
        shape(of: owner)
      }
      for argument in arguments { shape(of: argument) }
      return .unknown
    case .table(let fields):
      for field in fields {
        if case .expression(let key) = field.key { shape(of: key) }
        shape(of: field.value)
      }
      return fields.isEmpty ? .nothing : .unknown
    case .unary(_, let operand):
      shape(of: operand)
      return .unknown
    case .binary(let left, let sign, let right): return binary(left, sign, right)
    case .parentheses(let inner): return shape(of: inner)
    }
  }

  private mutating func binary(
    _ left: LuaExpression, _ sign: String, _ right: LuaExpression
  ) -> LuaShape {
    let first = shape(of: left)
    let second = shape(of: right)
    switch sign {
    case "or":
      // `x or {}` is used like x; with any other fallback nothing is known.
      if case .nothing = second { return first }
      return .unknown
    case "and": return second
    default: return .unknown
    }
  }

  private mutating func shape(ofName name: String, at position: LuaPosition) -> LuaShape {
    if let place = lookUp(name) {
      variables[place].isRead = true
      // Whoever gets the whole table may add to it.
      if place == own.variable { own.isKnown = false }
      return variables[place].shape
    }
    guard ScriptEnvironment.globals.contains(name) || name == "_ENV" else {
      let hint = ForeignSyntax.globals[name].map { "; " + $0 } ?? ""
      report(.undefinedGlobal, position, "undefined global '\(name)'\(hint)")
      return .unknown
    }
    return ScriptEnvironment.libraries[name] == nil ? .unknown : .library(name)
  }

  // MARK: Members

  private mutating func member(
    of owner: LuaExpression, _ key: LuaExpression, isCall: Bool = false
  ) -> LuaShape {
    var shape = LuaShape.unknown
    if case .name(let name) = owner.kind, let place = lookUp(name), readOwn(owner) {
      shape = variables[place].shape
      if let member = key.text { own.use(member, at: key.position, isCall: isCall) }
    } else {
      shape = self.shape(of: owner)
    }
    guard let name = key.text else {
      self.shape(of: key)
      // An element of a list, or a member that only a run could tell.
      if case .schema(let schema, let path) = shape, let items = schema["items"] {
        return .schema(items, path: path + "[]")
      }
      return .unknown
    }
    switch shape {
    case .unknown, .nothing, .function, .perform, .iteration: return .unknown
    case .module(let module): return member(name, ofModule: module, owner, key.position)
    case .library(let library):
      if ScriptEnvironment.libraries[library]?.contains(name) == false {
        report(
          .unknownFunction, key.position,
          "there is no \(library).\(name) in the sandbox"
            + Suggestion.text(for: name, among: ScriptEnvironment.libraries[library] ?? []))
      }
      return .unknown
    case .context: return contextMember(name, at: key.position)
    case .members(let known, let path): return self.member(name, among: known, path, key.position)
    case .contextSpec:
      guard name == "forProvider" else {
        report(
          .unknownField, key.position,
          "ctx.spec has only forProvider; the whole spec is ctx.resource.spec")
        return .unknown
      }
      return schemaMember("forProvider", of: specSchema, path: "ctx.spec", at: key.position)
    case .schema(let schema, let path):
      return schemaMember(name, of: schema, path: path, at: key.position)
    }
  }

  private mutating func member(
    _ name: String, ofModule module: String, _ owner: LuaExpression, _ position: LuaPosition
  ) -> LuaShape {
    guard let members = api.modules[module]?.members else { return .unknown }
    if case .name(let variable) = owner.kind, isAssigned(variable, name) { return .unknown }
    guard members.contains(name) else {
      report(
        .unknownFunction, position,
        "the module \(module) has no '\(name)'" + Suggestion.text(for: name, among: members))
      return .unknown
    }
    return .function(module: module, name: name)
  }

  private var specSchema: JSONValue {
    ResourceSchemas.specification(of: schemas.object(of: kind))
  }

  private var kind: String? {
    if case .rule(let kind, _) = role { return kind ?? "" }
    return nil
  }

  private mutating func member(
    _ name: String, among known: Set<String>, _ path: String, _ position: LuaPosition
  ) -> LuaShape {
    guard known.contains(name) else {
      report(
        .unknownField, position,
        "\(path) has no '\(name)'" + Suggestion.text(for: name, among: known))
      return .unknown
    }
    switch (role, path, name) {
    // A module of lib may be for rules.
    case (.library, "ctx", "spec"): return .contextSpec
    case (.library, "ctx", "resource"):
      return .schema(schemas.object(of: nil), path: "ctx.resource")
    case (.runbook, "ctx", "target"):
      return .members(ScriptEnvironment.runbookTarget, path: "ctx.target")
    case (.runbook, "ctx", "thresholds"):
      return thresholds.map { .members($0, path: "ctx.thresholds") } ?? .unknown
    default: return .unknown
    }
  }

  private mutating func contextMember(_ name: String, at position: LuaPosition) -> LuaShape {
    switch name {
    case "spec": return .contextSpec
    case "resource": return .schema(schemas.object(of: kind), path: "ctx.resource")
    case _ where ScriptEnvironment.context.contains(name): return .unknown
    default:
      report(
        .unknownField, position,
        "ctx has no '\(name)'" + Suggestion.text(for: name, among: ScriptEnvironment.context))
      return .unknown
    }
  }

  private mutating func schemaMember(
    _ name: String, of schema: JSONValue, path: String, at position: LuaPosition
  ) -> LuaShape {
    switch ResourceSchemas.member(name, of: schema) {
    case .known(let found): return .schema(found, path: "\(path).\(name)")
    case .unknown: return .unknown
    case .absent(let names):
      report(
        .unknownField, position,
        "\(path) has no '\(name)' in the CustomResourceDefinition"
          + Suggestion.text(for: name, among: Set(names)))
      return .unknown
    }
  }

  // MARK: Calls

  private mutating func call(
    _ callee: LuaExpression, _ arguments: [LuaExpression], _ position: LuaPosition
  ) -> LuaShape {
    let function: LuaShape
    if case .index(let owner, let key) = callee.kind {
      function = member(of: owner, key, isCall: true)
    } else {
      function = shape(of: callee)
    }
    let shapes = arguments.map { shape(of: $0) }
    if case .name(let name) = callee.kind, lookUp(name) == nil {
      if name == "require" { return required(arguments) }
      if name == "ipairs" || name == "pairs" { return iteration(over: shapes.first) }
      return .unknown
    }
    switch function {
    case .perform: checkEffect(arguments)
    case .function(let module, let name):
      checkArguments(arguments, of: module, name, position)
      checkCapability(module, name, arguments, position)
    default: break
    }
    return .unknown
  }

  private mutating func required(_ arguments: [LuaExpression]) -> LuaShape {
    guard arguments.count == 1, let name = arguments[0].text else { return .unknown }
    guard moduleNames.contains(name) else {
      report(
        .unknownModule, arguments[0].position,
        "there is no module '\(name)'" + Suggestion.text(for: name, among: moduleNames))
      return .unknown
    }
    return .module(name)
  }

  private func iteration(over list: LuaShape?) -> LuaShape {
    guard case .schema(let schema, let path)? = list, let items = schema["items"] else {
      return .unknown
    }
    return .iteration(.schema(items, path: path + "[]"))
  }

  private mutating func checkEffect(_ arguments: [LuaExpression]) {
    guard let fields = arguments.first?.fields else { return }
    guard let effect = fields.first(where: { $0.name == "effect" }) else { return }
    guard let name = effect.value.text else { return }
    guard let known = ScriptEnvironment.effects[name] else {
      report(
        .unknownFunction, effect.value.position,
        "there is no effect '\(name)'"
          + Suggestion.text(for: name, among: Set(ScriptEnvironment.effects.keys)))
      return
    }
    checkFields(fields, known: known.union(["effect"]), of: "the effect \(name)")
  }

  private mutating func checkArguments(
    _ arguments: [LuaExpression], of module: String, _ name: String, _ position: LuaPosition
  ) {
    guard let function = api.modules[module]?.functions.first(where: { $0.name == name }) else {
      return
    }
    let shown = "\(module.split(separator: ".").last.map(String.init) ?? module).\(name)"
    if arguments.count > function.parameters.count, !function.isVararg {
      report(
        .unknownField, arguments[function.parameters.count].position,
        "\(shown) takes \(function.parameters.count) arguments, not \(arguments.count)")
    }
    checkEnough(arguments, for: function, shown, position)
    for (place, argument) in arguments.enumerated() where place < function.parameters.count {
      guard let fields = argument.fields,
        let annotated = function.annotated.first(where: { $0.name == function.parameters[place] }),
        let members = api.members(ofType: annotated.type)
      else { continue }
      checkFields(fields, known: Set(members.map(\.name)), of: shown)
      // A key that is computed, or a last element that may give several, could be the missing one.
      guard fields.allSatisfy({ $0.name != nil }) else { continue }
      let given = Set(fields.compactMap(\.name))
      for member in members where !member.isOptional && !given.contains(member.name) {
        report(.missingField, argument.position, "\(shown) needs the field '\(member.name)'")
      }
    }
  }

  /// What the annotations do not call optional must be given.
  private mutating func checkEnough(
    _ arguments: [LuaExpression], for function: HostAPI.Function, _ shown: String,
    _ position: LuaPosition
  ) {
    switch arguments.last?.kind {
    // These may give several values.
    case .call, .method, .vararg: return
    default: break
    }
    for name in function.parameters.dropFirst(arguments.count) {
      guard let annotated = function.annotated.first(where: { $0.name == name }),
        !annotated.isOptional
      else { continue }
      report(.missingField, position, "\(shown) needs the argument '\(name)'")
    }
  }

  mutating func checkFields(_ fields: [LuaField], known: Set<String>, of what: String) {
    for field in fields {
      guard let name = field.name, !known.contains(name) else { continue }
      report(
        .unknownField, field.position,
        "\(what) has no field '\(name)'" + Suggestion.text(for: name, among: known))
    }
  }
}

extension ResourceSchemas {
  /// The schema of `spec` of an object's schema.
  static func specification(of object: JSONValue) -> JSONValue {
    object.value(at: "properties", "spec") ?? [:]
  }
}
