import JSONValue
import LuaBridge

/// Walks one script with what is known of the modules, the sandbox and the custom resources.
struct ScriptAnalysis {
  /// What the script is.
  enum Role: Equatable {
    case rule(kind: String?, capabilities: Set<String>?)
    case runbook(capabilities: Set<String>?)
    case library
    case other
  }

  /// A local variable, parameter or loop variable.
  struct Variable {
    enum Kind { case local, parameter, loop, function }
    let declaration: LuaDeclaration
    let kind: Kind
    var shape: LuaShape
    var isRead = false
  }

  /// The function that is being walked.
  struct Frame {
    /// Its name when the engine calls it: `observe`, …
    var contract: String?
  }

  let source: ScriptSource
  let role: Role
  let api: HostAPI
  let schemas: ResourceSchemas
  let moduleNames: Set<String>
  private(set) var findings: [ScriptFinding] = []

  var variables: [Variable] = []
  private var scopes: [[String: Int]] = []
  var frames: [Frame] = [Frame()]
  /// "name.field" for each field that the script sets itself.
  private var assigned: Set<String> = []
  var ruleVariable: String?
  /// The functions of a runbook that are checks or build plans.
  private var runbookFunctions: Set<String> = []
  /// The thresholds that a runbook declares; nil when only a run could tell.
  var thresholds: Set<String>?
  /// What is known of the table that the script returns.
  var own = OwnTable()
  private let lines: [String]

  init(
    source: ScriptSource, role: Role, api: HostAPI, schemas: ResourceSchemas,
    moduleNames: Set<String>
  ) {
    self.source = source
    self.role = role
    self.api = api
    self.schemas = schemas
    self.moduleNames = moduleNames
    lines = String(decoding: source.text, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// Everything that is wrong with the script, by place.
  mutating func run() -> [ScriptFinding] {
    do {
      let (block, _) = try LuaParser.parse(source.text)
      let module = LuaModule(block)
      ruleVariable = module.variable
      if let name = module.variable { assigned = Set(module.members.map { "\(name).\($0.name)" }) }
      runbookFunctions =
        module.texts(of: "run", in: "checks").union(module.texts(of: "build", in: "plans"))
      thresholds = module.names(in: "thresholds")
      own.isKnown = module.isComplete
      own.members = Set(module.members.map(\.name))
      walk(block)
      reportOwnMembers()
    } catch {
      report(
        .syntax, error.position,
        error.message
          + ForeignSyntax.hint(in: lines, at: error.position, message: error.message))
    }
    return findings.sorted { $0.position < $1.position }
  }

  mutating func report(_ kind: ScriptFinding.Kind, _ position: LuaPosition, _ message: String) {
    let line = position.line >= 1 && position.line <= lines.count ? lines[position.line - 1] : nil
    let finding = ScriptFinding(
      kind: kind, path: source.path, position: position, message: message, sourceLine: line)
    if !findings.contains(finding) { findings.append(finding) }
  }

  // MARK: Scopes

  mutating func walk(_ block: LuaBlock) {
    scoped { analysis in analysis.walkOpen(block) }
  }

  private mutating func scoped(_ body: (inout ScriptAnalysis) -> Void) {
    scopes.append([:])
    body(&self)
    for place in scopes.removeLast().values { reportIfUnused(variables[place]) }
  }

  private mutating func reportIfUnused(_ variable: Variable) {
    let declaration = variable.declaration
    guard !variable.isRead, variable.kind != .parameter, !declaration.name.hasPrefix("_"),
      declaration.attribute != "close"
    else { return }
    let what = variable.kind == .function ? "function" : "variable"
    report(
      .unusedLocal, declaration.position,
      "the local \(what) '\(declaration.name)' is never used"
        + (variable.kind == .loop ? " (call it '_')" : ""))
  }

  mutating func declare(
    _ declaration: LuaDeclaration, _ kind: Variable.Kind, _ shape: LuaShape = .unknown
  ) {
    // A second local of the same name hides the first for good: now is the time to look at it.
    if let hidden = scopes[scopes.count - 1][declaration.name] {
      reportIfUnused(variables[hidden])
    }
    scopes[scopes.count - 1][declaration.name] = variables.count
    if scopes.count == 1, declaration.name == ruleVariable { own.variable = variables.count }
    variables.append(Variable(declaration: declaration, kind: kind, shape: shape))
  }

  func lookUp(_ name: String) -> Int? {
    for scope in scopes.reversed() {
      if let place = scope[name] { return place }
    }
    return nil
  }

  /// Whether the script sets this field of a variable itself.
  func isAssigned(_ name: String, _ field: String) -> Bool {
    assigned.contains("\(name).\(field)")
  }

  // MARK: Statements

  private mutating func walkOpen(_ block: LuaBlock) {
    for statement in block.statements { walk(statement) }
  }

  private mutating func walk(_ statement: LuaStatement) {
    switch statement.kind {
    case .assignment(let targets, let values): assign(targets, values)
    case .call(let call): _ = shape(of: call)
    case .block(let body): walk(body)
    case .whileLoop(let condition, let body):
      _ = shape(of: condition)
      walk(body)
    case .repeatLoop(let body, let condition):
      // The condition sees the locals of the body.
      scoped { analysis in
        analysis.walkOpen(body)
        _ = analysis.shape(of: condition)
      }
    case .choice(let branches, let otherwise):
      for branch in branches {
        _ = shape(of: branch.condition)
        walk(branch.body)
      }
      if let otherwise { walk(otherwise) }
    case .numericLoop(let variable, let bounds, let body):
      for bound in bounds { _ = shape(of: bound) }
      scoped { analysis in
        analysis.declare(variable, .loop)
        analysis.walkOpen(body)
      }
    case .genericLoop(let names, let values, let body): loop(names, values, body)
    case .function(let target, let function): define(target, function)
    case .localFunction(let name, let function):
      declare(name, .function)
      walk(function, contract: nil)
    case .local(let names, let values): local(names, values)
    case .returns(let values):
      let isModule = frames.count == 1 && scopes.count == 1
      for value in values where !(isModule && readOwn(value)) { _ = shape(of: value) }
      checkReturn(values, at: statement.position)
    case .breaks, .jump, .label: return
    }
  }

  private mutating func local(_ names: [LuaDeclaration], _ values: [LuaExpression]) {
    // The values do not see the new names.
    let isRule = names.first?.name == ruleVariable && scopes.count == 1
    var shapes: [LuaShape] = []
    for value in values {
      if isRule, let fields = value.fields {
        for field in fields { walkRuleField(field) }
        shapes.append(.unknown)
      } else {
        shapes.append(shape(of: value))
      }
    }
    for (place, name) in names.enumerated() {
      var shape = place < shapes.count ? shapes[place] : .unknown
      if case .nothing = shape { shape = .unknown }
      declare(name, .local, shape)
    }
  }

  private mutating func walkRuleField(_ field: LuaField) {
    if case .expression(let key) = field.key { _ = shape(of: key) }
    if case .function(let function) = field.value.kind {
      walk(function, contract: contract(of: field.name))
    } else {
      _ = shape(of: field.value)
    }
  }

  private mutating func assign(_ targets: [LuaExpression], _ values: [LuaExpression]) {
    for (place, value) in values.enumerated() {
      if case .function(let function) = value.kind, place < targets.count {
        walk(function, contract: contract(of: ruleField(targets[place])))
      } else {
        _ = shape(of: value)
      }
    }
    for target in targets { assign(to: target) }
  }

  private mutating func assign(to target: LuaExpression) {
    switch target.kind {
    case .name(let name):
      if let place = lookUp(name) {
        variables[place].shape = .unknown
      } else {
        report(
          .undefinedGlobal, target.position,
          "the global '\(name)' cannot be set: a local is meant?")
      }
    case .index(let owner, let key):
      // What is set need not have been there before, but its owner is read.
      if readOwn(owner) { own.set(key.text) } else { _ = shape(of: owner) }
      _ = shape(of: key)
    default: return
    }
  }

  private mutating func loop(
    _ names: [LuaDeclaration], _ values: [LuaExpression], _ body: LuaBlock
  ) {
    let shapes = values.map { shape(of: $0) }
    scoped { analysis in
      for (place, name) in names.enumerated() {
        var shape = LuaShape.unknown
        if place == 1, case .iteration(let element)? = shapes.first { shape = element }
        // The first name of a loop over two may be there only to be skipped.
        analysis.declare(name, .loop, shape)
      }
      analysis.walkOpen(body)
    }
  }

  private mutating func define(_ target: LuaExpression, _ function: LuaFunction) {
    switch target.kind {
    case .name(let name):
      if let place = lookUp(name) {
        variables[place].shape = .unknown
      } else {
        report(
          .undefinedGlobal, target.position,
          "the global function '\(name)' cannot be set: write local function")
      }
    case .index(let owner, let key):
      if readOwn(owner) { own.set(key.text) } else { _ = shape(of: owner) }
    default: break
    }
    walk(function, contract: contract(of: ruleField(target)))
  }

  /// The field of the rule's own table that an expression is.
  private func ruleField(_ target: LuaExpression) -> String? {
    guard case .index(let owner, let key) = target.kind, case .name(let name) = owner.kind,
      name == ruleVariable
    else { return nil }
    return key.text
  }

  private func contract(of field: String?) -> String? {
    guard let field else { return nil }
    switch role {
    case .rule: return ScriptEnvironment.functions.contains(field) ? field : nil
    case .runbook: return runbookFunctions.contains(field) ? field : nil
    case .library, .other: return nil
    }
  }

  /// What `ctx` is in this script. A module of `lib` may be for rules or for runbooks.
  private func contextShape(_ contract: String?) -> LuaShape {
    switch role {
    case .rule: .context
    case .runbook: .members(ScriptEnvironment.runbookContext, path: "ctx")
    case .library:
      .members(ScriptEnvironment.context.union(ScriptEnvironment.runbookContext), path: "ctx")
    case .other: .unknown
    }
  }

  mutating func walk(_ function: LuaFunction, contract: String?) {
    frames.append(Frame(contract: contract))
    scoped { analysis in
      for (place, parameter) in function.parameters.enumerated() {
        let isContext = parameter.name == "ctx" || (contract != nil && place == 0)
        analysis.declare(
          parameter, .parameter, isContext ? analysis.contextShape(contract) : .unknown)
      }
      analysis.walkOpen(function.body)
    }
    if let contract { checkEnd(of: function, contract: contract) }
    frames.removeLast()
  }
}
