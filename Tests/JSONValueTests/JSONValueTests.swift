import JSONValue
import Testing

@Suite struct JSONValueTests {
  @Test func anObjectSurvivesARoundTrip() throws {
    let text =
      #"{"a":[],"b":{},"c":null,"d":9007199254740993,"e":-0.5,"f":"ü\n\"\\\u0001","g":true}"#
    let value = try JSONValue(parsing: text)
    #expect(value.serializedText() == text)
    #expect(value["c"] == .null)
    #expect(value["z"] == nil)
    #expect(value["d"]?.integerValue == 9_007_199_254_740_993)
  }

  @Test(arguments: ["", "{", #"{"a":}"#, "[1,]", #""\ud800""#, "nul", "1 2"])
  func brokenTextIsRefused(_ text: String) {
    #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
  }

  @Test func bytesThatAreNotUnicodeAreRefused() {
    #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
  }

  @Test func nestingBeyondTheLimitIsRefused() throws {
    let deep = String(repeating: "[", count: 127) + String(repeating: "]", count: 127)
    _ = try JSONValue(parsing: deep)
    let deeper = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
    #expect(throws: JSONError.self) { try JSONValue(parsing: deeper) }
  }

  @Test func randomValuesSurviveARoundTrip() throws {
    var generator = SplitMix(state: 7)
    for _ in 0..<500 {
      let value = JSONValue.random(using: &generator, depth: 0)
      #expect(try JSONValue(parsing: value.serialized()) == value)
      #expect(try JSONDocument(parsing: value.serialized()).root.serialized() == value.serialized())
      #expect(try JSONValue(parsing: value.serializedText(pretty: true)) == value)
    }
  }

  /// Strings are looked through eight bytes at a time: an escape may be at any place of the eight.
  @Test(arguments: [
    "\"", "\\", "\u{0}", "\u{1F}", "\n", " ", "!", "#", "[", "]", "\u{7F}", "ü", "🙂",
  ])
  func aCharacterSurvivesAtEachPlace(_ character: String) throws {
    for place in 0..<24 {
      let text =
        String(repeating: "a", count: place) + character + String(repeating: "z", count: 23 - place)
      let value = JSONValue.string(text)
      #expect(try JSONValue(parsing: value.serialized()) == value)
      #expect(try JSONDocument(parsing: value.serialized()).root.serialized() == value.serialized())
    }
  }

  @Test func pathsReadAndWrite() {
    var value: JSONValue = ["spec": ["tags": [["name": "a"]]]]
    #expect(value.value(at: "spec", "tags")?[0]?["name"] == "a")
    value.set("x", at: ["status", "id"])
    #expect(value["status"] == ["id": "x"])
    value.set(nil, at: ["status", "id"])
    #expect(value["status"] == [:])
  }

  @Test func differencesNameEachPath() {
    let before: JSONValue = ["a": 1, "b": ["c": [1, 2]], "d": .null]
    let after: JSONValue = ["a": 1, "b": ["c": [1, 3]], "e": 5]
    let found = before.differences(to: after)
    #expect(found.map(\.path) == ["b.c.1", "d", "e"])
    #expect(found[1].before == .null)
    #expect(found[1].after == nil)
  }
}

extension JSONValue {
  static func random(using generator: inout SplitMix, depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth > 4 ? 5 : 7), using: &generator) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &generator))
    case 2: return .integer(Int64.random(in: .min ... .max, using: &generator))
    case 3: return .double(Double.random(in: -1e9...1e9, using: &generator))
    case 4:
      let scalars = (0..<Int.random(in: 0..<9, using: &generator)).compactMap { _ in
        Unicode.Scalar(UInt32.random(in: 0..<0x3000, using: &generator))
      }
      return .string(String(String.UnicodeScalarView(scalars)))
    case 5:
      return .array(
        (0..<Int.random(in: 0..<5, using: &generator)).map { _ in
          random(using: &generator, depth: depth + 1)
        })
    default:
      var members: [String: JSONValue] = [:]
      for number in 0..<Int.random(in: 0..<5, using: &generator) {
        members["k\(number)"] = random(using: &generator, depth: depth + 1)
      }
      return .object(members)
    }
  }
}

/// A seeded generator, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
