import JSONValue
import Testing

@Suite struct JSONCursorTests {
  let text =
    #"{"metadata":{"name":"x","managedFields":[{"a":1}],"n":"last","name":"y"},"spec":{"d":1.5}}"#

  @Test func fieldsArePickedWithoutATree() throws {
    let root = try JSONDocument(parsing: Array(text.utf8)).root
    #expect(root.at("metadata", "n")?.string == "last")
    #expect(root.at("metadata", "name")?.string == "y", "the last of two equal names wins")
    #expect(root.at("metadata", "managedFields")?.elements.count == 1)
    #expect(root.at("spec", "d")?.double == 1.5)
    #expect(root.at("spec", "d", "e") == nil)
    #expect(root["metadata"]?.members.map(\.name) == ["name", "managedFields", "n", "name"])
  }

  @Test func oneMemberCanBeLeftOut() throws {
    let document = try JSONDocument(parsing: Array(#"{"m":{"a":1,"f":[2],"b":3},"f":4}"#.utf8))
    var output: [UInt8] = []
    document.root.write(into: &output, omitting: ["m", "f"])
    #expect(String(decoding: output, as: UTF8.self) == #"{"m":{"a":1,"b":3},"f":4}"#)
  }
}
