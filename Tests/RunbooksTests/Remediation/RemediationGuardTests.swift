import JSONValue
import KubeWatch
import Runbooks
import Testing

@Suite struct RemediationGuardTests {
  private static func type(_ group: String, _ plural: String) -> ResourceType {
    ResourceType(group: group, version: "v1", kind: "", plural: plural)
  }

  private static func live(_ object: JSONValue) throws -> LiveObject {
    try #require(LiveObject(object))
  }

  @Test(arguments: [
    ("networking.k8s.io", "networkpolicies", "opens everything"),
    ("", "secrets", "deletes pods and leases only"),
    ("apps", "deployments", "deletes pods and leases only"),
    ("rbac.authorization.k8s.io", "clusterroles", "never writes clusterroles"),
    ("", "namespaces", "never writes namespaces"),
  ])
  func noPlanDeletes(group: String, plural: String, reason: String) throws {
    let operation = RemediationOperation(
      .delete, Self.type(group, plural), ObjectKey(namespace: "ns", name: "x"), uid: "u")
    let refusal = RemediationGuard.refusal(of: operation, before: nil, after: nil)
    #expect(refusal?.contains(reason) == true)
  }

  @Test func podsAndLeasesMayBeDeleted() {
    for (group, plural) in [("", "pods"), ("coordination.k8s.io", "leases")] {
      let operation = RemediationOperation(
        .delete, Self.type(group, plural), ObjectKey(namespace: "ns", name: "x"), uid: "u")
      #expect(RemediationGuard.refusal(of: operation, before: nil, after: nil) == nil)
    }
  }

  @Test func aSecretTakesInputsOnly() {
    func refusal(_ body: JSONValue, _ type: RemediationOperation.PatchType = .merge) -> String? {
      RemediationGuard.refusal(
        of: RemediationOperation(
          .patch, .secrets, Cluster.credentials, patchType: type, body: body),
        before: nil, after: nil)
    }
    #expect(refusal(["stringData": ["token": "written out"]])?.contains("literal value") == true)
    #expect(refusal(["data": ["token": "YQ=="]])?.contains("data.token") == true)
    #expect(
      refusal([["op": "replace", "path": "/data/token", "value": "YQ=="]], .json)?
        .contains("literal value") == true)
    #expect(refusal(["stringData": ["token": SecretPlaceholder.value("token")]]) == nil)
    #expect(
      refusal(
        [["op": "replace", "path": "/data/token", "value": SecretPlaceholder.value("token")]], .json
      )
        == nil)
  }

  @Test(arguments: [("128Mi", true), ("256Mi", false), ("0.25Gi", false), ("200M", true)])
  func aLimitNeverShrinks(memory: String, isRefused: Bool) throws {
    let before = try Self.live(Cluster.deployment(memory: "256Mi"))
    let after = try Self.live(Cluster.deployment(memory: memory))
    let refusal = RemediationGuard.refusal(
      of: Plans.memory(memory), before: before, after: after)
    #expect((refusal != nil) == isRefused)
    // Taking a larger limit back is what an undo is for.
    #expect(
      RemediationGuard.refusal(
        of: Plans.memory(memory), for: .undo, before: before, after: after) == nil)
  }

  @Test func whatCrossplaneTakesBackIsNotDone() throws {
    let owner: JSONValue = [
      "apiVersion": "pkg.crossplane.io/v1", "kind": "ProviderRevision", "name": "discord-1",
      "uid": "u",
    ]
    let before = try Self.live(Cluster.deployment(owner: owner))
    let after = try Self.live(Cluster.deployment(memory: "512Mi", owner: owner))
    let refusal = RemediationGuard.refusal(of: Plans.memory("512Mi"), before: before, after: after)
    #expect(refusal?.contains("DeploymentRuntimeConfig") == true)
    #expect(refusal?.contains("discord-1") == true)
    // A restart changes an annotation that Crossplane does not own.
    #expect(RemediationGuard.refusal(of: Plans.restart, before: before, after: before) == nil)
  }

  @Test func discordChangesByItsResourcesAlone() {
    let guilds = Self.type("guild.discord.crossplane.io", "guilds")
    let key = ObjectKey(namespace: "team", name: "g")
    func refusal(_ verb: RemediationOperation.Verb, _ body: JSONValue) -> String? {
      RemediationGuard.refusal(
        of: RemediationOperation(verb, guilds, key, body: body), before: nil, after: nil)
    }
    let paused: JSONValue = ["metadata": ["annotations": ["crossplane.io/paused": "true"]]]
    #expect(refusal(.patch, ["spec": ["forProvider": ["name": "x"]]])?.contains("spec") == true)
    #expect(refusal(.apply, ["metadata": ["name": "g"]])?.contains("paused") == true)
    #expect(refusal(.apply, paused) == nil)
    #expect(refusal(.annotate, ["crossplane.io/paused": "true"]) == nil)
    #expect(refusal(.restart, [:])?.contains("only annotates") == true)
  }

  /// The object's deletion reaches Discord as soon as it is not paused.
  @Test func anUndoTakesBackOfDiscordOnlyWhatNobodyActedOn() throws {
    let key = ObjectKey(namespace: "team", name: "g")
    func refusal(
      _ verb: RemediationOperation.Verb, annotations: JSONValue = [:], body: JSONValue = [:]
    ) throws -> String? {
      let before = try Self.live([
        "apiVersion": "guild.discord.crossplane.io/v1alpha1", "kind": "Guild",
        "metadata": [
          "name": "g", "namespace": "team", "uid": "u", "resourceVersion": "1",
          "annotations": annotations,
        ],
      ])
      let operation = RemediationOperation(
        verb, Self.type("guild.discord.crossplane.io", "guilds"), key,
        patchType: verb == .patch ? .json : .merge, body: body, uid: "u")
      return RemediationGuard.refusal(of: operation, for: .undo, before: before, after: nil)
    }
    #expect(try refusal(.delete)?.contains("no longer paused") == true)
    #expect(try refusal(.delete, annotations: ["crossplane.io/paused": "false"]) != nil)
    #expect(try refusal(.delete, annotations: ["crossplane.io/paused": "true"]) == nil)
    func step(_ path: String) -> JSONValue {
      [["op": "replace", "path": .string(path), "value": "x"]]
    }
    #expect(try refusal(.patch, body: step("/metadata/annotations/a")) == nil)
    #expect(try refusal(.patch, body: step("/spec/forProvider/name")) != nil)
  }
}
