import JSONValue
import LuaBridge
import Testing

private func identity(_ value: JSONValue) throws -> JSONValue {
  try #require(try run("return ...", value).first)
}

@Test func integersBeyondTheDoublesComeBackExactly() throws {
  for number: Int64 in [9_007_199_254_740_993, .max, .min, 0, -1, 1_300_000_000_000_000_001] {
    #expect(try identity(.integer(number)) == .integer(number))
  }
}

@Test func doublesStayDoubles() throws {
  for number in [
    0.1, 1e300, -2.5, 3.0, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 0.30000000000000004,
  ] {
    #expect(try identity(.double(number)) == .double(number))
  }
}

@Test func emptyArraysAndObjectsStayApart() throws {
  let value: JSONValue = ["a": [], "o": [:], "n": .null, "deep": [[], [:], .null]]
  #expect(try identity(value) == value)
}

@Test func nullIsNotMissing() throws {
  let results = try run(
    "local v = ...; return v.a == null, v.b == nil, type(null), tostring(null), v",
    ["a": .null])
  #expect(results == [true, true, "userdata", "null", ["a": .null]])
}

@Test func unmarkedTablesAreArraysWhenTheirKeysArePositions() throws {
  #expect(
    try run("return {1, 2, 3}, {}, {a = 1}, array(), array{5}, {[2] = 'b', [1] = 'a'}")
      == [[1, 2, 3], [:], ["a": 1], [], [5], ["a", "b"]])
}

@Test func anArrayThatIsEmptiedStaysAnArray() throws {
  #expect(try run("local v = ...; v[1] = nil; return v", [1]) == [[]])
}

@Test func missingResultsAreNull() throws {
  #expect(try run("return nil, {reason = 'x'}") == [.null, ["reason": "x"]])
  #expect(try run("") == [])
}

@Test func textKeepsEveryCharacter() throws {
  let text: JSONValue = "a\u{0}b\"\\/\n\r\t\u{1}\u{7f}é漢😀\u{2028}"
  #expect(try identity(text) == text)
  #expect(try identity(["clé \"😀\"": 1]) == ["clé \"😀\"": 1])
}

@Test func textThatIsNotUTF8IsRefusedWithItsPlace() throws {
  let error = try #require(try failure(#"return {list = {1, {name = "\xff"}}}"#))
  #expect(error.kind == .result)
  #expect(error.message == "result[1].list[2].name: the string is not valid UTF-8")
  for bytes in [#"\xc0\x80"#, #"\xed\xa0\x80"#, #"\xf4\x90\x80\x80"#, #"\xe2\x82"#, #"\x80"#] {
    #expect(try failure("return \"\(bytes)\"")?.kind == .result)
  }
}

@Test func tablesThatAreNeitherArrayNorObjectAreRefused() throws {
  for body in [
    "return {1, nil, 3}", "return {1, a = 2}", "return {[1.5] = 1}", "return {[true] = 1}",
    "return array{a = 1}", "return {[0] = 1}", "return {print = function() end}",
    "return 0/0", "return math.huge",
  ] {
    #expect(try failure(body)?.kind == .result, "\(body)")
  }
}

@Test func nestingIsLimitedToOneHundred() throws {
  let build = "local v = {}; for _ = 2, %d do v = {v} end; return v"
  #expect(try failure(build.replacing("%d", with: "99")) == nil)
  #expect(try failure(build.replacing("%d", with: "100"))?.kind == .result)
}

@Test func argumentsThatAreNotJSONFailTheRun() throws {
  var run = ScriptRun(
    bundle: try bundle("return {run = function() end}"), module: "resources.rule", function: "run",
    arguments: [Array("{".utf8)])
  guard case .failed(let error) = run.resume() else {
    Issue.record("the run did not fail")
    return
  }
  #expect(error.kind == .host)
}

@Test func randomValuesComeBackAsTheyWere() throws {
  var generator = SplitMix(state: 42)
  let echo = try bundle("return {run = function(v) return v end}")
  for _ in 0..<400 {
    let value = generator.value(depth: 0)
    #expect(try drive(echo, [value]).results == [value])
  }
}

/// A small generator of the same values in each test run.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  mutating func value(depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth < 5 ? 9 : 6), using: &self) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &self))
    case 2: return .integer(Int64.random(in: .min ... .max, using: &self))
    case 3: return .double(Double.random(in: -1e9...1e9, using: &self) + 0.5)
    case 4, 5: return .string(text())
    case 6:
      return .array((0..<Int.random(in: 0..<5, using: &self)).map { _ in value(depth: depth + 1) })
    default:
      var members: [String: JSONValue] = [:]
      for _ in 0..<Int.random(in: 0..<5, using: &self) { members[text()] = value(depth: depth + 1) }
      return .object(members)
    }
  }

  mutating func text() -> String {
    let scalars = (0..<Int.random(in: 0..<12, using: &self)).compactMap { _ in
      Unicode.Scalar(
        UInt32.random(in: 0...0x10FFFF, using: &self) >> UInt32.random(in: 0...14, using: &self))
    }
    return String(String.UnicodeScalarView(scalars))
  }
}

@Test func anArrayOutOfOrderIsWrittenInOrderAndOnce() throws {
  // Room for names first, so that only the first element lies in the array part.
  let body = """
    local t = {"a", x = nil, y = nil, z = nil, w = nil}
    t[2] = {"b"} t[3] = "c" t[4] = ...
    return t
    """
  #expect(try run(body, "d") == [["a", ["b"], "c", "d"]])
  let gap = try failure(
    "local t = {1, x = nil, y = nil, z = nil, w = nil} t[3] = 3 t[4] = 4 return t")
  #expect(gap?.message.contains("an array has a gap") == true)
}
