import JSONValue
import KubeWatch
import Testing

@testable import Engine

@Suite struct ReferenceResolverTests {
  private static let type = ResourceType(
    group: "guild.discord.crossplane.io", version: "v1alpha1", kind: "Guild", plural: "guilds")

  private static func guild(
    _ name: String, id: String?, labels: [String: String] = [:], isDeleting: Bool = false
  ) throws -> StoredObject {
    var metadata: JSONValue = [
      "name": .string(name), "namespace": "ns", "uid": .string(name), "resourceVersion": "1",
      "labels": .object(labels.mapValues { .string($0) }),
    ]
    if let id { metadata["annotations"] = [Annotation.externalName: .string(id)] }
    if isDeleting { metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z" }
    let value: JSONValue = ["metadata": metadata]
    return try #require(StoredObject(json: value.serialized(), type: type))
  }

  private static func reference(isRequired: Bool = true) throws -> RuleReference {
    try #require(
      RuleReference([
        "field": "guildId", "ref": "guildIdRef", "selector": "guildIdSelector", "kind": "Guild",
        "required": .bool(isRequired),
      ]))
  }

  private func resolve(
    _ forProvider: JSONValue, among objects: [StoredObject], isRequired: Bool = true
  ) throws -> (resolution: ReferenceResolver.Resolution, targets: Set<ReferenceResolver.Target>) {
    let resolver = ReferenceResolver(
      find: { key in objects.first { $0.key == key.object } },
      list: { _, namespace in objects.filter { $0.key.namespace == namespace } })
    return resolver.resolve(
      forProvider, references: [try Self.reference(isRequired: isRequired)], namespace: "ns")
  }

  private let selector: JSONValue = ["guildIdSelector": ["matchLabels": ["team": "a"]]]

  @Test func aSelectorTakesTheOneObjectThatStays() throws {
    let objects = [
      try Self.guild("old", id: "1", labels: ["team": "a"], isDeleting: true),
      try Self.guild("new", id: "2", labels: ["team": "a", "more": "x"]),
      try Self.guild("other", id: "3", labels: ["team": "b"]),
    ]
    let (resolution, targets) = try resolve(selector, among: objects)
    guard case .resolved(let filled) = resolution else {
      Issue.record("\(resolution)")
      return
    }
    #expect(filled["guildId"] == "2")
    #expect(targets == [.anyOf(kind: "Guild", namespace: "ns")])
  }

  @Test func aSelectorThatMatchesSeveralIsNoChoice() throws {
    let objects = [
      try Self.guild("one", id: "1", labels: ["team": "a"]),
      try Self.guild("two", id: "2", labels: ["team": "a"]),
    ]
    guard case .invalid(let field, let message) = try resolve(selector, among: objects).resolution
    else {
      Issue.record("one of several was taken")
      return
    }
    #expect(field == "spec.forProvider.guildId")
    #expect(message.contains("matches 2 Guilds (one, two)"))
  }

  @Test func whatIsNotThereYetIsWaitedForAndRemembered() throws {
    for objects in [[], [try Self.guild("g", id: nil)]] {
      let (resolution, targets) = try resolve(["guildIdRef": ["name": "g"]], among: objects)
      guard case .waiting(let reason) = resolution else {
        Issue.record("\(resolution)")
        return
      }
      #expect(reason.contains("ns/g"))
      let key = ResourceKey(kind: "Guild", object: ObjectKey(namespace: "ns", name: "g"))
      #expect(targets == [.object(key)])
    }
  }

  @Test func onlyARequiredFieldMayNotBeMissing() throws {
    guard case .invalid(let field, let message) = try resolve([:], among: []).resolution else {
      Issue.record("a required field may be missing")
      return
    }
    #expect(field == "spec.forProvider.guildId")
    #expect(message == "give guildId, guildIdRef or guildIdSelector")
    guard case .resolved(let filled) = try resolve([:], among: [], isRequired: false).resolution
    else {
      Issue.record("a field that may be missing may not")
      return
    }
    #expect(filled == [:])
  }
}
