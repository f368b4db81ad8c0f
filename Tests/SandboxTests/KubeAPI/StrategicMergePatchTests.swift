import JSONValue
import Testing

@testable import Sandbox

@Suite struct StrategicMergePatchTests {
  private let original: JSONValue = [
    "metadata": ["finalizers": ["a/b"], "labels": ["x": "1", "y": "2"]],
    "containers": [["name": "one", "image": "i"], ["name": "two"]], "args": ["p", "q"],
  ]

  @Test func listsWithAMergeKeyAreMergedAndOthersReplaced() throws {
    let result = try StrategicMergePatch.apply(
      ["containers": [["name": "two", "image": "j"], ["name": "three"]], "args": ["r"]],
      to: original)
    #expect(
      result["containers"] == [
        ["name": "one", "image": "i"], ["name": "two", "image": "j"], ["name": "three"],
      ])
    #expect(result["args"] == ["r"])
  }

  @Test func directivesAreObeyed() throws {
    let deleted = try StrategicMergePatch.apply(
      ["containers": [["name": "one", "$patch": "delete"]]], to: original)
    #expect(deleted["containers"] == [["name": "two"]])
    let ordered = try StrategicMergePatch.apply(
      ["$setElementOrder/containers": [["name": "two"], ["name": "one"]]], to: original)
    #expect(ordered["containers"]?[0]?["name"] == "two")
    let finalizers = try StrategicMergePatch.apply(
      ["metadata": ["finalizers": ["c/d"], "$deleteFromPrimitiveList/finalizers": ["a/b"]]],
      to: original)
    #expect(finalizers.metadataFinalizers == ["c/d"])
    let replaced = try StrategicMergePatch.apply(
      ["metadata": ["labels": ["$patch": "replace", "z": "3"]]], to: original)
    #expect(replaced.value(at: "metadata", "labels") == ["z": "3"])
    let kept = try StrategicMergePatch.apply(
      ["metadata": ["$retainKeys": ["labels"]]], to: original)
    #expect(kept.value(at: "metadata", "finalizers") == nil)
  }

  @Test func nullRemoves() throws {
    let result = try StrategicMergePatch.apply(
      ["metadata": ["labels": ["x": .null]]], to: original)
    #expect(result.value(at: "metadata", "labels") == ["y": "2"])
  }

  @Test func anElementWithoutItsKeyIsRefused() {
    #expect(throws: APIStatusError.self) {
      try StrategicMergePatch.apply(["containers": [["image": "x"]]], to: original)
    }
  }
}
