/// A block of statements: what a script and each function in it consist of.
struct LuaBlock {
  var statements: [LuaStatement] = []
  /// The line of the word that ends it.
  var end = LuaPosition(line: 0, column: 0)
}

/// A name where it is declared.
struct LuaDeclaration {
  let name: String
  let position: LuaPosition
  /// `const` or `close`.
  var attribute: String?
}

/// A statement and the place where it begins.
struct LuaStatement {
  indirect enum Kind {
    case assignment(targets: [LuaExpression], values: [LuaExpression])
    case call(LuaExpression)
    case block(LuaBlock)
    case whileLoop(condition: LuaExpression, body: LuaBlock)
    case repeatLoop(body: LuaBlock, condition: LuaExpression)
    case choice(branches: [(condition: LuaExpression, body: LuaBlock)], otherwise: LuaBlock?)
    case numericLoop(variable: LuaDeclaration, bounds: [LuaExpression], body: LuaBlock)
    case genericLoop(variables: [LuaDeclaration], values: [LuaExpression], body: LuaBlock)
    /// `function a.b.c()`; the target is an expression, the function has `self` if it is a method.
    case function(target: LuaExpression, LuaFunction)
    case localFunction(LuaDeclaration, LuaFunction)
    case local([LuaDeclaration], values: [LuaExpression])
    case returns([LuaExpression])
    case breaks
    case jump(String)
    case label(String)
  }

  let kind: Kind
  let position: LuaPosition
}

/// A function's parameters and body.
struct LuaFunction {
  let parameters: [LuaDeclaration]
  let isVararg: Bool
  let body: LuaBlock
  let position: LuaPosition
}

/// A field of a table constructor.
struct LuaField {
  enum Key {
    case none
    case name(String)
    case expression(LuaExpression)
  }

  let key: Key
  let value: LuaExpression
  let position: LuaPosition

  /// The key, when it can be read from the text.
  var name: String? {
    switch key {
    case .none: nil
    case .name(let name): name
    case .expression(let expression): expression.text
    }
  }
}

/// An expression and the place where it begins; of `a.b` and calls, the place that a message about
/// it should show.
struct LuaExpression {
  indirect enum Kind {
    case null
    case truth(Bool)
    case number(String)
    case string(String)
    case vararg
    case function(LuaFunction)
    case name(String)
    case index(LuaExpression, LuaExpression)
    case call(LuaExpression, [LuaExpression])
    case method(LuaExpression, String, [LuaExpression])
    case table([LuaField])
    case unary(String, LuaExpression)
    case binary(LuaExpression, String, LuaExpression)
    case parentheses(LuaExpression)
  }

  let kind: Kind
  let position: LuaPosition

  /// The text, of a text constant.
  var text: String? {
    if case .string(let text) = kind { return text }
    return nil
  }

  /// The fields, of a table constructor.
  var fields: [LuaField]? {
    if case .table(let fields) = kind { return fields }
    return nil
  }
}
