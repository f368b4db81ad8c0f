import JSONValue
import KubeWatch
import Testing

@testable import Runbooks

@Suite struct UndoRecordTests {
  private static func live(
    _ annotations: [String: JSONValue]?, memory: String = "1Gi", uid: String = "u"
  )
    throws -> LiveObject
  {
    var object = Cluster.deployment(memory: memory)
    if let annotations { object.set(.object(annotations), at: ["metadata", "annotations"]) }
    object.set(.string(uid), at: ["metadata", "uid"])
    return try #require(LiveObject(object))
  }

  private static func undo(_ before: LiveObject, _ after: LiveObject) throws -> RemediationOperation
  {
    var record = Plans.undo()
    record.add(
      PreparedOperation(Plans.memory("2Gi"), before: before, restartedAt: ""), after: after)
    return try #require(record.operations.first)
  }

  @Test func theInverseGivesBackWhatWasThere() throws {
    let states = [
      try Self.live(nil), try Self.live(["a/b": "1", "c~d": "2"]), try Self.live(["a/b": "3"]),
      try Self.live(["x": "1"], memory: "2Gi"), try Self.live(nil, memory: "3Gi"),
    ]
    for before in states {
      for after in states where after != before {
        let undo = try Self.undo(before, after)
        #expect(try after.desired.applying(jsonPatch: undo.body) == before.desired)
      }
    }
  }

  @Test func theLastChangeIsTakenBackFirst() throws {
    var record = Plans.undo()
    for uid in ["one", "two", "three"] {
      record.add(
        PreparedOperation(
          Plans.memory("2Gi"), before: try Self.live(nil, uid: uid), restartedAt: ""),
        after: try Self.live(nil, memory: "2Gi", uid: uid))
    }
    #expect(record.operations.map(\.uid) == ["three", "two", "one"])
  }

  @Test func aFieldThatSomebodyChangedSinceMakesItFailAsAWhole() throws {
    let undo = try Self.undo(try Self.live(["a": "1"]), try Self.live(["a": "2"], memory: "2Gi"))
    let third = try Self.live(["a": "2"], memory: "3Gi")
    #expect(throws: JSONPatchError.self) { try third.desired.applying(jsonPatch: undo.body) }
    // Another field is no business of it.
    let other = try Self.live(["a": "2", "b": "1"], memory: "2Gi")
    let expected = try Self.live(["a": "1", "b": "1"]).desired
    #expect(try other.desired.applying(jsonPatch: undo.body) == expected)
  }

  @Test func whatWasMadeIsDeletedByItsUID() throws {
    var record = Plans.undo()
    let policies = ResourceType(
      group: "networking.k8s.io", version: "v1", kind: "", plural: "networkpolicies")
    let operation = RemediationOperation(.apply, policies, ObjectKey(namespace: "n", name: "p"))
    record.add(
      PreparedOperation(operation, before: nil, restartedAt: ""),
      after: try Self.live(nil, uid: "made"))
    #expect(record.operations.first?.verb == .delete)
    #expect(record.operations.first?.uid == "made")
  }

  @Test func aSecretsOldValueIsNowhere() throws {
    let before = try #require(LiveObject(Cluster.secret))
    #expect(!before.value.serializedText().contains("b2xkLXRva2Vu"))
    var record = Plans.undo()
    record.add(PreparedOperation(Plans.token, before: before, restartedAt: ""), after: before)
    #expect(!record.json.serializedText().contains("b2xkLXRva2Vu"))
    #expect(record.inputs == ["token"])
  }

  @Test func definitionsStay() throws {
    var record = Plans.undo()
    let operation = RemediationOperation(
      .apply, .customResourceDefinitions, ObjectKey(name: "guilds.guild.discord.crossplane.io"))
    record.add(
      PreparedOperation(operation, before: nil, restartedAt: ""), after: try Self.live(nil))
    #expect(record.operations.isEmpty)
    #expect(record.remarks.first?.contains("every object of its kind") == true)
  }

  @Test func aFileGivesTheSameRecord() throws {
    var record = Plans.undo()
    record.add(
      PreparedOperation(
        Plans.memory("2Gi"), before: try Self.live(nil), restartedAt: ""),
      after: try Self.live(nil, memory: "2Gi"))
    record.remarks = ["a remark"]
    #expect(try UndoRecord(parsing: record.json.serializedText(pretty: true)).json == record.json)
    let error = #expect(throws: RemediationError.self) { try UndoRecord(parsing: "{}") }
    #expect(error?.message.contains("no undo record") == true)
  }
}
