import Testing

@testable import Engine

/// The habits of other languages, each with what Lua has instead.
@Test(arguments: [
  ("if a != 1 then a = 2 end", "'not equal' is '~='"),
  ("if !a then a = 2 end", "'not' is a word"),
  ("if a == 1 && a then a = 2 end", "'and' is a word"),
  ("if a == 1 || a then a = 2 end", "'or' is a word"),
  ("a = a ? 1 : 2", "write 'condition and one or other'"),
  ("a += 1", "write x = x + 1"),
  ("a++", "write x = x + 1"),
  ("if a = 1 then a = 2 end", "equality is '=='"),
  ("# a comment", "a comment begins with '--'"),
  ("let b = 1", "declared with 'local'"),
  ("continue", "Lua has no 'continue'"),
  ("local b = [1, 2]", "an array is written { 1, 2 }"),
  ("if (a == 1) { a = 2 }", "line 2 has a '{'"),
  ("for i = 0; i < 3; i++ { a = i }", "a loop is 'for i = 1, 3 do … end'"),
  ("if a == 1 then a = 2 else if a == 3 then a = 4 end", "line 2 has 'else if'"),
])
func aHabitOfAnotherLanguageIsAnswered(_ statement: String, _ hint: String) {
  let text = "local a = 1\n\(statement)\nreturn a"
  let lines = text.split(separator: "\n").map(String.init)
  let error = #expect(throws: LuaSyntaxError.self) { try LuaParser.parse(Array(text.utf8)) }
  guard let error else { return }
  let found = ForeignSyntax.hint(in: lines, at: error.position, message: error.message)
  #expect(found.contains(hint), "\(error.message)\(found)")
}

@Test func anOrdinaryMistakeGetsNoHint() {
  let position = LuaPosition(line: 1, column: 7)
  #expect(ForeignSyntax.hint(in: ["  x = "], at: position, message: "a value expected") == "")
  let open = ["if a then", "elseif b then"]
  let message = "'end' expected, not the end of the file"
  #expect(ForeignSyntax.hint(in: open, at: position, message: message) == "")
}
