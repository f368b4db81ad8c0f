/// What somebody who knows other languages meant by something that is no Lua.
enum ForeignSyntax {
  /// A hint to put behind a message, "; …", or nothing.
  ///
  /// - Parameters:
  ///   - lines: the text of the script.
  ///   - position: where the error is.
  ///   - message: what the parser says.
  static func hint(in lines: [String], at position: LuaPosition, message: String) -> String {
    if message.hasSuffix("not the end of the file") { return hintAtEnd(of: lines) }
    guard lines.indices.contains(position.line - 1) else { return "" }
    let line = lines[position.line - 1]
    if message.hasPrefix("'then' expected"), let brace = lastBrace(in: lines[..<position.line]) {
      return "; line \(brace) has a '{': a block is 'then … end'"
    }
    let statement = line.drop { $0 == " " || $0 == "\t" }
    let rest = line.dropFirst(max(0, position.column - 1))
    for (start, hint) in atTheError where rest.hasPrefix(start) { return "; " + hint }
    for (start, hint) in atTheStatement where statement.hasPrefix(start) { return "; " + hint }
    if message.hasPrefix("a value alone"), assignments.contains(where: statement.contains) {
      return "; Lua has no such operator: write x = x + 1"
    }
    for (part, hint) in inTheMessage where message.hasPrefix(part) { return "; " + hint }
    return ""
  }

  /// Lines with `else if` need an `end` more than those with `elseif`.
  private static func hintAtEnd(of lines: [String]) -> String {
    let place = lines.firstIndex { line in
      line.split(separator: " ").joined(separator: " ").contains("else if ")
    }
    return place.map {
      "; line \($0 + 1) has 'else if', which needs an 'end' of its own: 'elseif'?"
    }
      ?? ""
  }

  /// `if (a) {` is a call of `(a)` to Lua, so that the error comes lines later.
  private static func lastBrace(in lines: ArraySlice<String>) -> Int? {
    lines.suffix(3).lastIndex { $0.contains("if") && $0.contains(") {") }.map { $0 + 1 }
  }

  /// What a global of another language, or of ordinary Lua, is here.
  static let globals = [
    "print": "lib.log writes into the provider's log",
    "os": "there is no clock but ctx.now and ctx.now_ms",
    "io": "files and the network cannot be reached; lib.discord asks Discord",
    "None": "'nil' is meant?", "NULL": "'null' or 'nil' is meant?", "undefined": "'nil' is meant?",
    "True": "'true' is meant?", "False": "'false' is meant?",
  ]

  private static let assignments = ["++", "+=", "-=", "*=", "..="]

  private static let atTheError = [
    ("!=", "'not equal' is '~='"),
    ("!", "'not' is a word"),
    ("&&", "'and' is a word"),
    ("||", "'or' is a word"),
    ("& ", "'and' is a word"),
    ("| ", "'or' is a word"),
    ("?", "write 'condition and one or other'"),
  ]

  private static let atTheStatement = [
    ("#", "a comment begins with '--'"),
    ("//", "a comment begins with '--'"),
    ("/*", "a comment begins with '--'"),
    ("let ", "a variable is declared with 'local'"),
    ("var ", "a variable is declared with 'local'"),
    ("const ", "a variable is declared with 'local'"),
    ("continue", "Lua has no 'continue': put the rest into an 'if'"),
    ("for (", "a loop is 'for i = 1, 3 do … end' or 'for _, value in ipairs(list) do … end'"),
  ]

  private static let inTheMessage = [
    ("'then' expected, not '='", "equality is '=='"),
    ("a value expected, not '['", "an array is written { 1, 2 }"),
    ("',' expected, not ';'", "a loop is 'for i = 1, 3 do … end'"),
  ]
}
