import JSONValue
import KubeWatch
import Testing

@testable import Engine

@Suite struct ReferenceResolverTests {
  private static let channel = ResourceType(
    group: "channel.discord.crossplane.io", version: "v1alpha1", kind: "Channel",
    plural: "channels")

  /// An object of the store: `{"name": …, "namespace": …, …}` is its metadata.
  private static func stored(_ metadata: JSONValue) throws -> StoredObject {
    var metadata = metadata
    metadata["resourceVersion"] = "1"
    let object: JSONValue = ["kind": "Channel", "metadata": metadata]
    return try #require(StoredObject(json: object.serialized(), type: channel))
  }

  private static func reference(_ field: String, required: Bool = false) throws -> RuleReference {
    try #require(
      RuleReference([
        "field": .string(field), "ref": .string(field + "Ref"),
        "selector": .string(field + "Selector"), "kind": "Channel", "required": .bool(required),
      ]))
  }

  /// What becomes of a `forProvider` in namespace `here`, beside these objects.
  private static func resolve(
    _ forProvider: JSONValue, by references: [RuleReference], beside metadata: [JSONValue]
  ) throws -> (text: String, targets: Set<ReferenceResolver.Target>) {
    let objects = try metadata.map(stored)
    let resolver = ReferenceResolver(
      find: { key in objects.first { $0.key == key.object } },
      list: { _, namespace in objects.filter { $0.key.namespace == namespace } })
    let (resolution, targets) = resolver.resolve(
      forProvider, references: references, namespace: "here")
    return switch resolution {
    case .resolved(let value): (String(decoding: value.serialized(), as: UTF8.self), targets)
    case .waiting(let reason): (reason, targets)
    case .invalid(let field, let message): ("\(field): \(message)", targets)
    }
  }

  private static func named(
    _ name: String, in namespace: String = "here", id: String? = nil, labels: JSONValue = [:],
    isDeleting: Bool = false
  ) -> JSONValue {
    var metadata: JSONValue = [
      "name": .string(name), "namespace": .string(namespace), "labels": labels,
    ]
    if let id { metadata["annotations"] = ["crossplane.io/external-name": .string(id)] }
    if isDeleting { metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z" }
    return metadata
  }

  private static func target(_ name: String, in namespace: String = "here")
    -> ReferenceResolver.Target
  {
    .object(ResourceKey(kind: "Channel", object: ObjectKey(namespace: namespace, name: name)))
  }

  @Test func aReferenceIsFilledWithTheExternalNameOfWhatItNames() throws {
    let result = try Self.resolve(
      ["parentIdRef": ["name": "team"]], by: [Self.reference("parentId")],
      beside: [Self.named("team", in: "there", id: "8"), Self.named("team", id: "7")])
    #expect(result.text.contains(#""parentId":"7""#))
    #expect(result.targets == [Self.target("team")])
  }

  @Test func aReferenceMayNameAnotherNamespace() throws {
    let result = try Self.resolve(
      ["parentIdRef": ["name": "team", "namespace": "there"]], by: [Self.reference("parentId")],
      beside: [Self.named("team", in: "there", id: "8"), Self.named("team", id: "7")])
    #expect(result.text.contains(#""parentId":"8""#))
    #expect(result.targets == [Self.target("team", in: "there")])
  }

  @Test func whatIsMissingAndWhatIsNotMadeYetAreToldApart() throws {
    let forProvider: JSONValue = ["parentIdRef": ["name": "team"]]
    let references = [try Self.reference("parentId")]
    #expect(
      try Self.resolve(forProvider, by: references, beside: []).targets == [Self.target("team")])
    #expect(
      try Self.resolve(forProvider, by: references, beside: [Self.named("team")]).text
        == "waiting for Channel here/team: it has no external name yet")
    #expect(
      try Self.resolve(forProvider, by: references, beside: [Self.named("team", in: "there")]).text
        == "waiting for Channel here/team: there is no such object")
  }

  @Test func aSelectorTakesTheOnlyMatchOfItsNamespaceThatIsToStay() throws {
    let result = try Self.resolve(
      ["parentIdSelector": ["matchLabels": ["a": "1", "b": "2"]]], by: [Self.reference("parentId")],
      beside: [
        Self.named("half", id: "1", labels: ["a": "1"]),
        Self.named("going", id: "2", labels: ["a": "1", "b": "2"], isDeleting: true),
        Self.named("far", in: "there", id: "3", labels: ["a": "1", "b": "2"]),
        Self.named("it", id: "4", labels: ["a": "1", "b": "2", "c": "3"]),
      ])
    #expect(result.text.contains(#""parentId":"4""#))
    #expect(result.targets == [.anyOf(kind: "Channel", namespace: "here")])
  }

  @Test func aSelectorThatMatchesNoneWaitsAndOneThatMatchesTwoIsInvalid() throws {
    let forProvider: JSONValue = ["parentIdSelector": ["matchLabels": ["a": "1"]]]
    let references = [try Self.reference("parentId")]
    #expect(
      try Self.resolve(forProvider, by: references, beside: []).text
        == "waiting for a Channel with the labels a=1 in here")
    #expect(
      try Self.resolve(
        forProvider, by: references,
        beside: [
          Self.named("y", id: "1", labels: ["a": "1"]), Self.named("x", labels: ["a": "1"]),
        ]
      ).text
        == "spec.forProvider.parentId: the selector a=1 matches 2 Channels (x, y): it must match one"
    )
  }

  @Test func aRequiredFieldThatIsGivenInNoWayIsInvalid() throws {
    let required = [try Self.reference("parentId", required: true)]
    for forProvider in [[:], ["parentId": ""]] as [JSONValue] {
      #expect(
        try Self.resolve(forProvider, by: required, beside: []).text
          == "spec.forProvider.parentId: give parentId, parentIdRef or parentIdSelector")
    }
    #expect(
      try Self.resolve(["parentId": "5"], by: required, beside: []).text == #"{"parentId":"5"}"#)
    #expect(try Self.resolve([:], by: [Self.reference("parentId")], beside: []).text == "{}")
  }

  @Test func eachElementOfAListIsFilled() throws {
    let reference = try #require(
      RuleReference([
        "field": "overwrites[].id", "ref": "overwrites[].roleRef", "kind": "Channel",
        "required": true,
      ]))
    let filled = try Self.resolve(
      ["overwrites": [["roleRef": ["name": "one"]], ["id": "9"]]], by: [reference],
      beside: [Self.named("one", id: "1")])
    #expect(filled.text.contains(#""id":"1""#) && filled.text.contains(#""id":"9""#))
    let missing = try Self.resolve(
      ["overwrites": [["id": "9"], [:]]], by: [reference], beside: [])
    #expect(missing.text == "spec.forProvider.overwrites[1].id: give id or roleRef")
  }
}
