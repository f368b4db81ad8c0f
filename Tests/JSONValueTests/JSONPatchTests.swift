import JSONValue
import Testing

@Suite struct JSONPatchTests {
  @Test func aMergePatchRemovesMergesAndReplaces() {
    // The example of RFC 7386, section 3.
    let before: JSONValue = [
      "title": "Goodbye!", "author": ["givenName": "John", "familyName": "Doe"],
      "tags": ["example", "sample"], "content": "This will be unchanged",
    ]
    let patch: JSONValue = [
      "title": "Hello!", "phoneNumber": "+01-123-456-7890", "author": ["familyName": .null],
      "tags": ["example"],
    ]
    let after: JSONValue = [
      "title": "Hello!", "author": ["givenName": "John"], "tags": ["example"],
      "content": "This will be unchanged", "phoneNumber": "+01-123-456-7890",
    ]
    #expect(before.applying(mergePatch: patch) == after)
    #expect(JSONValue.mergePatch(from: before, to: after) == patch)
    #expect(JSONValue.mergePatch(from: after, to: after) == [:])
  }

  @Test func eachOperationOfAJSONPatch() throws {
    let before: JSONValue = ["a": ["b": 1], "list": [1, 2, 3], "x/y": "~"]
    let patch: JSONValue = [
      ["op": "test", "path": "/a/b", "value": 1],
      ["op": "replace", "path": "/a/b", "value": 2],
      ["op": "add", "path": "/list/1", "value": 9],
      ["op": "add", "path": "/list/-", "value": 4],
      ["op": "remove", "path": "/list/0"],
      ["op": "copy", "from": "/a/b", "path": "/c"],
      ["op": "move", "from": "/x~1y", "path": "/z"],
    ]
    #expect(
      try before.applying(jsonPatch: patch)
        == ["a": ["b": 2], "list": [9, 2, 3, 4], "c": 2, "z": "~"])
  }

  @Test(
    arguments: [
      [["op": "test", "path": "/a", "value": 2]], [["op": "remove", "path": "/b"]],
      [["op": "add", "path": "/list/9", "value": 1]],
      [["op": "replace", "path": "/b", "value": 1]],
      [["op": "fly", "path": "/a"]], [["path": "/a"]], [["op": "add", "path": "a", "value": 1]],
      [["op": "remove", "path": "/list/2"]],
    ] as [JSONValue])
  func anOperationThatCannotBeDoneIsRefused(_ patch: JSONValue) {
    let before: JSONValue = ["a": 1, "list": [1, 2]]
    #expect(throws: JSONPatchError.self) { try before.applying(jsonPatch: patch) }
  }
}
