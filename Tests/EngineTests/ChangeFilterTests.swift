import JSONValue
import KubeWatch
import Testing

@testable import Engine

/// Which changes of an object start a look at it, and which are the echo of our own writes.
@Suite struct ChangeFilterTests {
  private typealias Annotations = [String: String]

  private func object(
    _ annotations: Annotations, version: String = "1", generation: Int64 = 1, uid: String = "u"
  ) throws -> StoredObject {
    let type = ResourceType(
      group: "channel.discord.crossplane.io", version: "v1alpha1", kind: "Channel",
      plural: "channels")
    let value: JSONValue = [
      "metadata": [
        "name": "general", "namespace": "default", "uid": .string(uid),
        "resourceVersion": .string(version), "generation": .integer(generation),
        "annotations": .object(annotations.mapValues { .string($0) }),
      ]
    ]
    return try #require(StoredObject(json: value.serialized(), type: type))
  }

  private func isRelevant(_ old: Annotations, _ new: Annotations) throws -> Bool {
    ChangeFilter.isRelevant(old: try object(old), new: try object(new, version: "2"))
  }

  private let pending = [Annotation.createPending: "2026-01-01T00:00:00.000Z"]
  private var created: Annotations {
    pending.merging([
      Annotation.createSucceeded: "2026-01-01T00:00:01.000Z", Annotation.externalName: "7",
    ]) { $1 }
  }

  @Test func ourOwnWritesAreNoReason() throws {
    #expect(try !isRelevant([:], pending))
    #expect(try !isRelevant(pending, created))
    #expect(try !isRelevant(created, created))
    let again = [Annotation.createPending: "2026-01-02T00:00:00.000Z"]
    #expect(try !isRelevant(pending, again))
  }

  @Test func aPersonsDecisionAboutACreateIsOne() throws {
    #expect(try isRelevant(pending, [:]))
    #expect(try isRelevant(pending, pending.merging([Annotation.externalName: "7"]) { $1 }))
    #expect(try isRelevant(created, created.merging([Annotation.externalName: "8"]) { $1 }))
    #expect(try isRelevant(created, created.filter { $0.key != Annotation.externalName }))
  }

  @Test func whatOthersWriteIsOne() throws {
    #expect(try isRelevant(created, created.merging(["team": "a"]) { $1 }))
    #expect(
      ChangeFilter.isRelevant(old: try object([:]), new: try object([:], generation: 2)))
    #expect(ChangeFilter.isRelevant(old: try object([:]), new: try object([:], uid: "other")))
  }
}
