import LuaBridge
import Testing

/// A text that costs the compiler much more than its length. Without a bound the first takes half a minute.
private struct CompileBomb: CustomTestStringConvertible {
  var testDescription: String
  var text: String

  init(_ name: String, _ head: String, _ repeated: String, _ tail: String) {
    testDescription = name
    text =
      head + String(repeating: repeated, count: ((1 << 20) - 100) / repeated.utf8.count) + tail
  }

  static let all = [
    CompileBomb("a chain of and", "local a return ", "a and ", "a"),
    CompileBomb("a chain of elseif", "local a if a then ", "elseif a then ", "end"),
  ]
}

@Test(arguments: CompileBomb.all) private func whatTakesLongToCompileIsRefused(_ bomb: CompileBomb)
  throws
{
  let error = try #require(throws: ScriptBundleError.self) {
    try ScriptBundle(sources: [
      ScriptSource(
        module: "resources.rule", path: "resources/rule.lua", text: Array(bomb.text.utf8))
    ])
  }
  #expect(error.problems.count == 1)
  #expect(error.problems[0].line == 1)
  #expect(error.description.contains("takes too long to compile"))
}

@Test func aLongScriptOfOrdinaryCodeCompiles() throws {
  let line = "rule.value = require('lib.host').perform and rule.value or 1\n"
  let text =
    "local rule = {}\n" + String(repeating: line, count: (1 << 20) / line.utf8.count - 1)
    + "return rule"
  _ = try bundle(text)
}
