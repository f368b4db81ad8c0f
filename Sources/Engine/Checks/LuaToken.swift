/// A place in a script.
package struct LuaPosition: Sendable, Hashable, Comparable {
  /// Counted from 1.
  package let line: Int
  /// In characters, counted from 1.
  package let column: Int

  package static func < (left: LuaPosition, right: LuaPosition) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// The smallest parts of a script.
struct LuaToken: Hashable {
  enum Kind: Hashable {
    case name(String)
    /// `and`, `break`, … and all signs.
    case symbol(String)
    case string(String)
    case number(String)
    case end
  }

  let kind: Kind
  let position: LuaPosition

  /// As it is shown in messages.
  var text: String {
    switch kind {
    case .name(let text), .symbol(let text), .number(let text): "'\(text)'"
    case .string: "a text"
    case .end: "the end of the file"
    }
  }

  /// Lua 5.4's reserved words (reference manual, 3.1).
  static let keywords: Set<String> = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
    "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
  ]
}

/// A script that is no Lua.
package struct LuaSyntaxError: Error, Sendable, Hashable {
  package let position: LuaPosition
  package let message: String
}

/// A comment, for annotations.
struct LuaComment: Hashable {
  let line: Int
  /// Without the leading `--`.
  let text: String
}
