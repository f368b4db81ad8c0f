import JSONValue
import Testing

@testable import Sandbox

@Suite struct ServerSideApplyTests {
  private func apply(
    _ fixture: inout ClusterFixture, _ spec: JSONValue, as manager: String, force: Bool = false
  ) throws -> (status: Int, body: JSONValue, warnings: [String]) {
    try fixture.call(
      "PATCH", "\(ClusterFixture.widgets)/w", ClusterFixture.widget("w", spec),
      query: [("fieldManager", manager), ("force", force ? "true" : "false")],
      type: "application/apply-patch+yaml")
  }

  private func owners(_ object: JSONValue) -> [String] {
    (object.value(at: "metadata", "managedFields")?.arrayValue ?? []).map { entry in
      let name = entry["manager"]?.stringValue ?? ""
      return "\(name) \(FieldSet(fieldsV1: entry["fieldsV1"] ?? [:]).paths.joined(separator: " "))"
    }
  }

  @Test func createsWhatIsMissingAndOwnsWhatItNames() throws {
    var fixture = try ClusterFixture()
    let made = try apply(&fixture, ["name": "abc"], as: "one")
    #expect(made.status == 201)
    #expect(made.body.value(at: "spec", "size") == 3)
    #expect(owners(made.body) == ["one .spec.name"])
    let again = try apply(&fixture, ["name": "abc"], as: "one")
    #expect(again.status == 200)
    #expect(again.body.metadataResourceVersion == made.body.metadataResourceVersion)
  }

  @Test func takingAnothersFieldIsAConflictUnlessForced() throws {
    var fixture = try ClusterFixture()
    _ = try apply(&fixture, ["name": "abc", "size": 4], as: "one")
    let refused = try apply(&fixture, ["name": "abc", "size": 5], as: "two")
    #expect(refused.status == 409)
    #expect(
      refused.body.statusMessage
        == "Apply failed with 1 conflict: conflict with \"one\": .spec.size")
    #expect(
      refused.body.value(at: "details", "causes")?[0] == [
        "reason": "FieldManagerConflict", "message": "conflict with \"one\"",
        "field": ".spec.size",
      ])
    let forced = try apply(&fixture, ["name": "abc", "size": 5], as: "two", force: true)
    #expect(forced.body.value(at: "spec", "size") == 5)
    #expect(owners(forced.body) == ["one .spec.name", "two .spec.name .spec.size"])
  }

  @Test func droppingAFieldRemovesItUnlessSharedWithAnother() throws {
    var fixture = try ClusterFixture()
    _ = try apply(&fixture, ["name": "abc", "size": 4, "color": "red"], as: "one")
    _ = try apply(&fixture, ["name": "abc", "color": "red"], as: "two")
    let dropped = try apply(&fixture, ["name": "abc"], as: "one")
    #expect(dropped.body.value(at: "spec", "color") == "red")
    #expect(dropped.body.value(at: "spec", "size") == 3)
    let gone = try apply(&fixture, ["name": "abc"], as: "two")
    #expect(gone.body.value(at: "spec", "color") == nil)
  }

  @Test func listsAreMergedByTheirKeys() throws {
    var fixture = try ClusterFixture()
    _ = try apply(&fixture, ["name": "abc", "parts": [["id": "a", "note": "x"]]], as: "one")
    let merged = try apply(&fixture, ["name": "abc", "parts": [["id": "b"]]], as: "two")
    #expect(merged.body.value(at: "spec", "parts")?.arrayValue?.count == 2)
    let without = try apply(&fixture, ["name": "abc"], as: "two")
    #expect(
      without.body.value(at: "spec", "parts") == [["id": "a", "note": "x", "count": 1]],
      "\(without.body) \(merged.body)")
  }

  @Test func setsAreMergedByTheirValues() throws {
    var fixture = try ClusterFixture()
    _ = try apply(&fixture, ["name": "abc", "tags": ["a"]], as: "one")
    let merged = try apply(&fixture, ["name": "abc", "tags": ["b"]], as: "two")
    #expect(merged.body.value(at: "spec", "tags") == ["a", "b"])
    let without = try apply(&fixture, ["name": "abc"], as: "one")
    #expect(without.body.value(at: "spec", "tags") == ["b"])
  }

  @Test func otherWritesTakeOwnershipOfWhatTheyChange() throws {
    var fixture = try ClusterFixture()
    _ = try apply(&fixture, ["name": "abc", "size": 4], as: "one")
    let patched = try fixture.call(
      "PATCH", "\(ClusterFixture.widgets)/w", ["spec": ["size": 6]],
      query: [("fieldManager", "hand")], type: "application/merge-patch+json")
    #expect(owners(patched.body) == ["one .spec.name", "hand .spec.size"])
    let refused = try apply(&fixture, ["name": "abc", "size": 4], as: "one")
    #expect(
      refused.body.statusMessage
        == "Apply failed with 1 conflict: conflict with \"hand\" using example.org/v1: .spec.size")
  }

  @Test func anEmptiedObjectKeepsWhatOthersHaveInIt() throws {
    var fixture = try ClusterFixture()
    // kubectl's change from client-side to server-side apply hands over sets with their containers.
    _ = try apply(&fixture, ["name": "abc", "labels": ["a": "1"]], as: "one")
    try fixture.call(
      "PATCH", "\(ClusterFixture.widgets)/w", ["spec": ["labels": ["b": "2"]]],
      type: "application/merge-patch+json")
    let dropped = try apply(&fixture, ["name": "abc"], as: "one")
    #expect(dropped.body.value(at: "spec", "labels") == ["b": "2"])
  }

  @Test func aFieldManagerIsRequired() throws {
    var fixture = try ClusterFixture()
    let answer = try fixture.call(
      "PATCH", "\(ClusterFixture.widgets)/w", ClusterFixture.widget("w"),
      type: "application/apply-patch+yaml")
    #expect(answer.status == 422)
    #expect(answer.body.statusMessage.contains("fieldManager: Required value"))
  }

  @Test func fieldSetsSurviveTheirJSON() {
    let value: JSONValue = [
      "f:spec": [
        "f:name": [:], "f:parts": ["k:{\"id\":\"a\"}": [".": [:], "f:id": [:]]],
        "f:tags": ["v:\"x\"": [:]],
      ]
    ]
    let set = FieldSet(fieldsV1: value)
    #expect(set.fieldsV1 == value)
    #expect(
      set.paths == [
        ".spec.name", ".spec.parts[id=\"a\"]", ".spec.parts[id=\"a\"].id", ".spec.tags[=\"x\"]",
      ])
    #expect(set.subtracting(set).isEmpty)
    #expect(set.union(set) == set)
    #expect(set.intersection(set) == set)
  }
}
