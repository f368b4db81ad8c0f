/// Reads Lua 5.4 (reference manual, section 9) into a tree.
struct LuaParser {
  private var lexer: LuaLexer
  private var token: LuaToken
  private var following: LuaToken?
  private var depth = 0
  /// The height of the tallest tree among the expressions that were read last.
  private var height = 0

  /// Parses a whole script.
  ///
  /// - Throws: `LuaSyntaxError` for the first thing that is not Lua.
  static func parse(_ text: [UInt8]) throws(LuaSyntaxError) -> (LuaBlock, [LuaComment]) {
    var parser = try LuaParser(text)
    let block = try parser.block()
    guard case .end = parser.token.kind else {
      throw parser.unexpected("the end of the file")
    }
    return (block, parser.lexer.comments)
  }

  private init(_ text: [UInt8]) throws(LuaSyntaxError) {
    lexer = LuaLexer(text)
    token = try lexer.next()
  }

  // MARK: Tokens

  mutating func advance() throws(LuaSyntaxError) {
    if let next = following {
      token = next
      following = nil
    } else {
      token = try lexer.next()
    }
  }

  mutating func peek() throws(LuaSyntaxError) -> LuaToken {
    if let following { return following }
    let next = try lexer.next()
    following = next
    return next
  }

  var position: LuaPosition { token.position }

  var kind: LuaToken.Kind { token.kind }

  func isAt(_ symbol: String) -> Bool { token.kind == .symbol(symbol) }

  mutating func take(_ symbol: String) throws(LuaSyntaxError) -> Bool {
    guard isAt(symbol) else { return false }
    try advance()
    return true
  }

  mutating func expect(
    _ symbol: String, closing opener: (String, LuaPosition)? = nil
  ) throws(LuaSyntaxError) {
    guard isAt(symbol) else {
      guard let opener, opener.1.line != position.line else { throw unexpected("'\(symbol)'") }
      throw unexpected("'\(symbol)' for the '\(opener.0)' of line \(opener.1.line)")
    }
    try advance()
  }

  mutating func name() throws(LuaSyntaxError) -> LuaDeclaration {
    guard case .name(let name) = token.kind else { throw unexpected("a name") }
    let declaration = LuaDeclaration(name: name, position: position)
    try advance()
    return declaration
  }

  func unexpected(_ wanted: String) -> LuaSyntaxError {
    LuaSyntaxError(position: position, message: "\(wanted) expected, not \(token.text)")
  }

  /// Bounds nesting as liblua does (LUAI_MAXCCALLS), so that no text overflows our own stack.
  mutating func nested<Value>(
    _ parse: (inout LuaParser) throws(LuaSyntaxError) -> Value
  ) throws(LuaSyntaxError) -> Value {
    guard depth < 190 else {
      throw LuaSyntaxError(position: position, message: "nested too deeply")
    }
    depth += 1
    defer { depth -= 1 }
    return try parse(&self)
  }

  /// Reads an expression, in which each operator, field or call is a level of the tree.
  mutating func tree(
    _ parse: (inout LuaParser) throws(LuaSyntaxError) -> LuaExpression
  ) throws(LuaSyntaxError) -> LuaExpression {
    let others = height
    height = 0
    let expression = try parse(&self)
    try grow()
    height = max(height, others)
    return expression
  }

  /// What has just been read becomes a part of something. liblua has no bound for a row of operators or
  /// calls; our own stack has one, when the tree is walked.
  mutating func grow() throws(LuaSyntaxError) {
    height += 1
    guard height <= 500 else {
      throw LuaSyntaxError(
        position: position, message: "an expression of more than some 500 operators and calls")
    }
  }

  // MARK: Statements

  mutating func block() throws(LuaSyntaxError) -> LuaBlock {
    var block = LuaBlock()
    while !isAtBlockEnd {
      if isAt("return") {
        block.statements.append(try returnStatement())
        break
      }
      let statement = try nested { parser throws(LuaSyntaxError) in try parser.statement() }
      if let statement { block.statements.append(statement) }
    }
    block.end = position
    return block
  }

  private var isAtBlockEnd: Bool {
    switch token.kind {
    case .end, .symbol("end"), .symbol("else"), .symbol("elseif"), .symbol("until"): true
    default: false
    }
  }

  private mutating func returnStatement() throws(LuaSyntaxError) -> LuaStatement {
    let start = position
    try advance()
    var values: [LuaExpression] = []
    if !isAtBlockEnd, !isAt(";") { values = try expressions() }
    _ = try take(";")
    guard isAtBlockEnd else { throw unexpected("'end' after return") }
    return LuaStatement(kind: .returns(values), position: start)
  }

  /// One statement; nil for an empty one.
  private mutating func statement() throws(LuaSyntaxError) -> LuaStatement? {
    let start = position
    guard case .symbol(let word) = token.kind else { return try expressionStatement() }
    let kind: LuaStatement.Kind
    switch word {
    case ";":
      try advance()
      return nil
    case "if": kind = try choice()
    case "while":
      try advance()
      let condition = try expression()
      try expect("do")
      kind = .whileLoop(condition: condition, body: try body(of: "while", start))
    case "do":
      try advance()
      kind = .block(try body(of: "do", start))
    case "for": kind = try loop()
    case "repeat":
      try advance()
      let body = try block()
      try expect("until", closing: ("repeat", start))
      kind = .repeatLoop(body: body, condition: try expression())
    case "function": kind = try functionStatement()
    case "local":
      try advance()
      kind = isAt("function") ? try localFunction() : try localStatement()
    case "::":
      try advance()
      let label = try name().name
      try expect("::")
      kind = .label(label)
    case "break":
      try advance()
      kind = .breaks
    case "goto":
      try advance()
      kind = .jump(try name().name)
    default: return try expressionStatement()
    }
    return LuaStatement(kind: kind, position: start)
  }

  private mutating func body(
    of word: String, _ start: LuaPosition
  ) throws(LuaSyntaxError) -> LuaBlock {
    let body = try block()
    try expect("end", closing: (word, start))
    return body
  }

  private mutating func choice() throws(LuaSyntaxError) -> LuaStatement.Kind {
    let start = position
    var branches: [(condition: LuaExpression, body: LuaBlock)] = []
    var otherwise: LuaBlock?
    repeat {
      try advance()
      let condition = try expression()
      try expect("then")
      branches.append((condition, try block()))
    } while isAt("elseif")
    if try take("else") { otherwise = try block() }
    try expect("end", closing: ("if", start))
    return .choice(branches: branches, otherwise: otherwise)
  }

  private mutating func loop() throws(LuaSyntaxError) -> LuaStatement.Kind {
    let start = position
    try advance()
    var variables = [try name()]
    if try take("=") {
      var bounds = [try expression()]
      try expect(",")
      bounds.append(try expression())
      if try take(",") { bounds.append(try expression()) }
      try expect("do")
      return .numericLoop(
        variable: variables[0], bounds: bounds, body: try body(of: "for", start))
    }
    while try take(",") { variables.append(try name()) }
    try expect("in")
    let values = try expressions()
    try expect("do")
    return .genericLoop(variables: variables, values: values, body: try body(of: "for", start))
  }

  private mutating func functionStatement() throws(LuaSyntaxError) -> LuaStatement.Kind {
    let start = position
    try advance()
    let root = try name()
    var target = LuaExpression(kind: .name(root.name), position: root.position)
    var isMethod = false
    while isAt(".") || isAt(":") {
      isMethod = isAt(":")
      try advance()
      let field = try name()
      target = LuaExpression(
        kind: .index(
          target, LuaExpression(kind: .string(field.name), position: field.position)),
        position: field.position)
      if isMethod { break }
    }
    return .function(target: target, try function(at: start, isMethod: isMethod))
  }

  private mutating func localFunction() throws(LuaSyntaxError) -> LuaStatement.Kind {
    let start = position
    try advance()
    let name = try name()
    return .localFunction(name, try function(at: start, isMethod: false))
  }

  private mutating func localStatement() throws(LuaSyntaxError) -> LuaStatement.Kind {
    var variables: [LuaDeclaration] = []
    repeat {
      var variable = try name()
      if try take("<") {
        let attribute = try name()
        guard ["const", "close"].contains(attribute.name) else {
          throw LuaSyntaxError(
            position: attribute.position, message: "unknown attribute '\(attribute.name)'")
        }
        variable.attribute = attribute.name
        try expect(">")
      }
      variables.append(variable)
    } while try take(",")
    return .local(variables, values: try take("=") ? try expressions() : [])
  }

  private mutating func expressionStatement() throws(LuaSyntaxError) -> LuaStatement {
    let start = position
    let first = try suffixed()
    if isAt("=") || isAt(",") {
      var targets = [first]
      while try take(",") { targets.append(try suffixed()) }
      for target in targets {
        switch target.kind {
        case .name, .index: continue
        default:
          throw LuaSyntaxError(
            position: target.position, message: "nothing can be assigned to this")
        }
      }
      try expect("=")
      return LuaStatement(
        kind: .assignment(targets: targets, values: try expressions()), position: start)
    }
    switch first.kind {
    case .call, .method: return LuaStatement(kind: .call(first), position: start)
    default:
      throw LuaSyntaxError(
        position: start, message: "a value alone is no statement: a call or '=' expected")
    }
  }
}
