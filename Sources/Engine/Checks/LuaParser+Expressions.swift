extension LuaParser {
  mutating func expressions() throws(LuaSyntaxError) -> [LuaExpression] {
    var list = [try expression()]
    while try take(",") { list.append(try expression()) }
    return list
  }

  mutating func expression() throws(LuaSyntaxError) -> LuaExpression {
    try nested { parser throws(LuaSyntaxError) in
      try parser.tree { parser throws(LuaSyntaxError) in try parser.operation(above: 0) }
    }
  }

  /// Left and right priority of each operator (lparser.c); a right one that is lower makes it
  /// right-associative.
  private static let priorities: [String: (left: Int, right: Int)] = [
    "or": (1, 1), "and": (2, 2), "<": (3, 3), ">": (3, 3), "<=": (3, 3), ">=": (3, 3),
    "~=": (3, 3), "==": (3, 3), "|": (4, 4), "~": (5, 5), "&": (6, 6), "<<": (7, 7), ">>": (7, 7),
    "..": (9, 8), "+": (10, 10), "-": (10, 10), "*": (11, 11), "/": (11, 11), "//": (11, 11),
    "%": (11, 11), "^": (14, 13),
  ]

  private static let unaryPriority = 12

  private mutating func operation(above limit: Int) throws(LuaSyntaxError) -> LuaExpression {
    let start = position
    var left: LuaExpression
    if case .symbol(let sign) = kind, ["not", "-", "#", "~"].contains(sign) {
      try advance()
      let operand = try nested { parser throws(LuaSyntaxError) in
        try parser.operation(above: Self.unaryPriority)
      }
      left = LuaExpression(kind: .unary(sign, operand), position: start)
    } else {
      left = try simple()
    }
    while case .symbol(let sign) = kind, let priority = Self.priorities[sign],
      priority.left > limit
    {
      try advance()
      let right = try nested { parser throws(LuaSyntaxError) in
        try parser.operation(above: priority.right)
      }
      left = LuaExpression(kind: .binary(left, sign, right), position: left.position)
      try grow()
    }
    return left
  }

  private mutating func simple() throws(LuaSyntaxError) -> LuaExpression {
    let start = position
    let constant: LuaExpression.Kind
    switch kind {
    case .number(let text): constant = .number(text)
    case .string(let text): constant = .string(text)
    case .symbol("nil"): constant = .null
    case .symbol("true"): constant = .truth(true)
    case .symbol("false"): constant = .truth(false)
    case .symbol("..."): constant = .vararg
    case .symbol("{"): return try table()
    case .symbol("function"):
      try advance()
      return LuaExpression(
        kind: .function(try function(at: start, isMethod: false)), position: start)
    default: return try suffixed()
    }
    try advance()
    return LuaExpression(kind: constant, position: start)
  }

  /// A name or something in parentheses, with what follows it: fields, indices, calls.
  mutating func suffixed() throws(LuaSyntaxError) -> LuaExpression {
    let start = position
    var value: LuaExpression
    if try take("(") {
      let inner = try expression()
      try expect(")", closing: ("(", start))
      value = LuaExpression(kind: .parentheses(inner), position: start)
    } else if case .name = kind {
      let name = try name()
      value = LuaExpression(kind: .name(name.name), position: name.position)
    } else {
      throw unexpected("a value")
    }
    while true {
      switch kind {
      case .symbol("."):
        try advance()
        let field = try name()
        value = LuaExpression(
          kind: .index(
            value, LuaExpression(kind: .string(field.name), position: field.position)),
          position: field.position)
      case .symbol("["):
        let open = position
        try advance()
        let key = try expression()
        try expect("]", closing: ("[", open))
        value = LuaExpression(kind: .index(value, key), position: key.position)
      case .symbol(":"):
        try advance()
        let method = try name()
        value = LuaExpression(
          kind: .method(value, method.name, try arguments()), position: method.position)
      case .symbol("("), .symbol("{"), .string:
        value = LuaExpression(kind: .call(value, try arguments()), position: value.position)
      default: return value
      }
      try grow()
    }
  }

  private mutating func arguments() throws(LuaSyntaxError) -> [LuaExpression] {
    let start = position
    switch kind {
    case .string(let text):
      try advance()
      return [LuaExpression(kind: .string(text), position: start)]
    case .symbol("{"): return [try table()]
    default:
      try expect("(")
      if try take(")") { return [] }
      let list = try expressions()
      try expect(")", closing: ("(", start))
      return list
    }
  }

  private mutating func table() throws(LuaSyntaxError) -> LuaExpression {
    try nested { parser throws(LuaSyntaxError) in
      let start = parser.position
      try parser.expect("{")
      var fields: [LuaField] = []
      while !parser.isAt("}") {
        fields.append(try parser.field())
        let isSeparated = try parser.take(",")
        let goesOn = try isSeparated ? true : parser.take(";")
        guard goesOn else { break }
      }
      try parser.expect("}", closing: ("{", start))
      return LuaExpression(kind: .table(fields), position: start)
    }
  }

  private mutating func field() throws(LuaSyntaxError) -> LuaField {
    let start = position
    if try take("[") {
      let key = try expression()
      try expect("]")
      try expect("=")
      return LuaField(key: .expression(key), value: try expression(), position: key.position)
    }
    if case .name(let name) = kind, try peek().kind == .symbol("=") {
      try advance()
      try advance()
      return LuaField(key: .name(name), value: try expression(), position: start)
    }
    return LuaField(key: .none, value: try expression(), position: start)
  }

  /// Parameters and body of a function whose word `function` and name have been read.
  mutating func function(
    at start: LuaPosition, isMethod: Bool
  ) throws(LuaSyntaxError) -> LuaFunction {
    try expect("(")
    var parameters =
      isMethod ? [LuaDeclaration(name: "self", position: start)] : [LuaDeclaration]()
    var isVararg = false
    if !isAt(")") {
      repeat {
        if try take("...") {
          isVararg = true
          break
        }
        parameters.append(try name())
      } while try take(",")
    }
    try expect(")")
    let body = try block()
    try expect("end", closing: ("function", start))
    return LuaFunction(
      parameters: parameters, isVararg: isVararg, body: body, position: start)
  }
}
