import Engine
import JSONValue
import KubeWatch
import Testing

@Suite struct ResourceSummaryTests {
  private static func summary(_ fields: JSONValue) throws -> ResourceSummary {
    let base: JSONValue = [
      "metadata": [
        "name": "general", "namespace": "default", "uid": "u", "resourceVersion": "1",
        "creationTimestamp": "2026-01-01T00:00:00Z",
      ]
    ]
    let type = ResourceType(
      group: "channel.discord.crossplane.io", version: "v1alpha1", kind: "Channel",
      plural: "channels")
    let object = try #require(
      StoredObject(json: base.applying(mergePatch: fields).serialized(), type: type))
    return ResourceSummary(object, kind: "Channel")
  }

  private static func condition(_ type: String, _ status: String, _ since: String) -> JSONValue {
    [
      "type": .string(type), "status": .string(status), "reason": "Because", "message": "why",
      "lastTransitionTime": .string(since),
    ]
  }

  @Test func anObjectWithoutConditionsIsUnsettledSinceItsCreation() throws {
    let summary = try Self.summary([:])
    #expect(summary.ready.status == "Unknown")
    #expect(summary.unsettledSince == Timestamp("2026-01-01T00:00:00Z"))
  }

  @Test func theEarliestConditionThatIsNotTrueCounts() throws {
    let summary = try Self.summary([
      "status": [
        "conditions": [
          Self.condition("Ready", "False", "2026-01-03T00:00:00Z"),
          Self.condition("Synced", "False", "2026-01-02T00:00:00Z"),
        ]
      ]
    ])
    #expect(summary.unsettledSince == Timestamp("2026-01-02T00:00:00Z"))
    #expect(summary.synced.reason == "Because")
    #expect(summary.synced.message == "why")
  }

  @Test func aReadyAndSyncedObjectIsSettled() throws {
    let summary = try Self.summary([
      "status": [
        "conditions": [
          Self.condition("Ready", "True", "2026-01-03T00:00:00Z"),
          Self.condition("Synced", "True", "2026-01-02T00:00:00Z"),
        ]
      ]
    ])
    #expect(summary.isSettled)
    #expect(summary.unsettledSince == nil)
  }

  @Test func aPausedObjectIsNotStuck() throws {
    let summary = try Self.summary([
      "metadata": ["annotations": ["crossplane.io/paused": "true"]]
    ])
    #expect(summary.isPaused)
    #expect(summary.unsettledSince == nil)
  }
}
