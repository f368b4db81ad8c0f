import LuaBridge
import Testing

@testable import Engine

/// Our parser accepts what liblua accepts, and refuses what it refuses.
@Suite struct LuaParserTests {
  @Test(arguments: [
    "", ";;;", "return", "return 1, 2;", "local a <const>, b <close> = 1", "goto x ::x::",
    "local x = 0x1p4 + 0xA.8p0 + 3. + .5 + 1e-3 + 0xff", "local s = 'a\\z   \n b\\x41\\u{48}\\65'",
    "local s = [==[ a ]] ]= b ]==]", "--[[ c\n]] local a", "--[==[ ]] ]==] local a",
    "local t = { 1, 2; x = 3, [4] = 5, { } , f() }", "a.b.c[1]:d 'x' { } (1)", "f{...}",
    "local function f(...) return ... end", "function a.b:c(d, ...) end", "x, y[1], z.a = 1, 2",
    "for i = 1, 2, 3 do break end", "for a, b in f() do end", "repeat local x until x == 1",
    "while not a do if b then elseif c then else end end", "do local a end",
    "return -2 ^ 2 .. 'a' .. #t // 3 << 1 & ~5 | 2 ~ 1 == 2 and not nil or false",
    "return function() end", "return (f())", "local a = b < c or d >= e and f ~= g",
    "#!unix\nreturn 1",
    "f() ; (g)()", "return 9007199254740993, 1e400",
  ]) func acceptsWhatLuaAccepts(_ text: String) throws {
    _ = try LuaParser.parse(Array(text.utf8))
    #expect(throws: Never.self) {
      // liblua's loader leaves a first line with # to lauxlib's file functions.
      _ = try ScriptBundle(sources: [source(text.hasPrefix("#") ? "return 1" : text)])
    }
  }

  @Test(arguments: [
    ("local", 1, 6), ("x", 1, 1), ("x = ", 1, 5), ("return 1 2", 1, 10), ("f(", 1, 3),
    ("if a then", 1, 10), ("local s = 'a\nb'", 1, 11), ("x = 3x", 1, 5), ("x = 0x", 1, 5),
    ("a + b", 1, 1), ("f() = 1", 1, 1), ("local a <other> = 1", 1, 10), ("for a do end", 1, 7),
    ("x = [[ abc", 1, 5), ("--[[ abc", 1, 1), ("x = '\\q'", 1, 6), ("x = @", 1, 5),
    ("return return", 1, 8), ("break = 1", 1, 7), ("local é = 1", 1, 7), ("x = 'ü' 'y'", 1, 9),
  ]) func refusesWhatLuaRefuses(_ text: String, _ line: Int, _ column: Int) {
    let error = #expect(throws: LuaSyntaxError.self) { try LuaParser.parse(Array(text.utf8)) }
    #expect(error?.position == LuaPosition(line: line, column: column))
    #expect(throws: ScriptBundleError.self) { try ScriptBundle(sources: [source(text)]) }
  }

  @Test func namesTheLineOfAWordThatWasNotClosed() {
    let text = "function f()\n  if a then\n    g()\nend\n"
    let error = #expect(throws: LuaSyntaxError.self) { try LuaParser.parse(Array(text.utf8)) }
    #expect(
      error?.message == "'end' for the 'function' of line 1 expected, not the end of the file")
  }

  @Test(arguments: ["(", "{", "not ", "f(", "a[", "do ", "if x then "])
  func refusesEndlessNestingInsteadOfCrashing(_ part: String) {
    let text = String(repeating: part, count: 100_000)
    #expect(throws: LuaSyntaxError.self) { try LuaParser.parse(Array(text.utf8)) }
  }

  @Test(arguments: ["1 +", "a and", "a or b and", "a <"])
  func refusesEndlessRowsOfOperatorsInsteadOfCrashing(_ part: String) {
    let text = "return " + String(repeating: part + " ", count: 100_000) + "a"
    #expect(throws: LuaSyntaxError.self) { try LuaParser.parse(Array(text.utf8)) }
  }

  @Test(arguments: ["()", ".a", ":a()", "[1]", "''", "{}"])
  func refusesEndlessRowsOfCallsAndFieldsInsteadOfCrashing(_ part: String) {
    let text = "local a return a" + String(repeating: part, count: 100_000)
    #expect(throws: LuaSyntaxError.self) { try LuaParser.parse(Array(text.utf8)) }
  }

  /// Rows inside rows: each is short, together they are as deep as one that is refused.
  @Test func refusesRowsInsideTheFirstOperandOfRows() {
    let row = String(repeating: " + 1", count: 100)
    let text =
      "return " + String(repeating: "(", count: 60) + "1"
      + String(repeating: row + ")", count: 60)
    #expect(throws: LuaSyntaxError.self) { try LuaParser.parse(Array(text.utf8)) }
  }

  @Test func readsEveryScriptThatWeShip() throws {
    for source in try ScriptSource.read(directory: ShippedScripts.directory) {
      #expect(throws: Never.self) { try LuaParser.parse(source.text) }
    }
  }

  private func source(_ text: String) -> ScriptSource {
    ScriptSource(module: "resources.x", path: "resources/x.lua", text: Array(text.utf8))
  }
}
