import JSONValue
import KubeWatch
import Testing

@testable import Runbooks

@Suite struct RemediationOperationTests {
  private static let patch: JSONValue = [
    "verb": "patch", "gvr": ["group": "apps", "version": "v1", "resource": "deployments"],
    "namespace": "ns", "name": "d", "patch_type": "strategic", "body": ["spec": ["replicas": 1]],
  ]

  private static func changed(_ path: [String], _ value: JSONValue?) -> JSONValue {
    var copy = patch
    copy.set(value, at: path)
    return copy
  }

  @Test func whatIsWrittenIsRead() throws {
    var value = Self.patch
    value["preconditions"] = ["uid": "u", "resourceVersion": "7"]
    value["note"] = "a note"
    let operation = try RemediationOperation(parsing: value, at: "ops[1]")
    #expect(operation.target == "deployments.apps ns/d")
    #expect(operation.uid == "u")
    #expect(operation.json == value)
    #expect(try RemediationOperation(parsing: operation.json, at: "") == operation)
  }

  @Test(
    arguments: [
      (["verb"], "drop", "verb must be one of"),
      (["gvr", "resource"], "pods/../secrets", "gvr must be"),
      (["gvr", "group"], "a/b", "gvr.group a/b is no name"),
      (["namespace"], "..", "namespace .. is no name"),
      (["name"], "", "name must be an object's name"),
      (["patch_type"], "sql", "patch_type must be one of"),
      (["body"], .object([:]), "must be a table that changes something"),
      (["colour"], "red", "colour is no field of an operation"),
      (["preconditions", "uid"], 7, "preconditions.uid must be a text"),
    ] as [([String], JSONValue, String)])
  func whatIsWrongIsNamed(path: [String], value: JSONValue, message: String) {
    let error = #expect(throws: RemediationError.self) {
      try RemediationOperation(parsing: Self.changed(path, value), at: "ops[3]")
    }
    #expect(error?.message.hasPrefix("ops[3]: ") == true)
    #expect(error?.message.contains(message) == true)
  }

  @Test func aDeletionMustNameTheVeryObject() {
    let value: JSONValue = [
      "verb": "delete", "gvr": ["version": "v1", "resource": "pods"], "namespace": "ns",
      "name": "p",
    ]
    let error = #expect(throws: RemediationError.self) {
      try RemediationOperation(parsing: value, at: "ops[1]")
    }
    #expect(error?.message.contains("preconditions = { uid = … }") == true)
  }

  @Test func aProbeHasNoObject() throws {
    let value: JSONValue = ["verb": "probe", "probe": ["kind": "breaker"]]
    let operation = try RemediationOperation(parsing: value, at: "ops[1]")
    #expect(operation.json == value)
    #expect(operation.target == "the provider")
  }

  @Test func aPlanMayOnlyUseInputsThatItDeclares() throws {
    func proposal(_ inputs: [String]) -> PlanProposal {
      PlanProposal(
        id: "replace-token", runbook: "high-error-rate", title: "replace the token",
        risk: "medium", why: "because",
        operations: [
          PlanOperation(
            verb: .patch, resource: .init(group: "", version: "v1", resource: "secrets"),
            namespace: "ns", name: "s", patchType: "merge",
            body: ["stringData": ["token": SecretPlaceholder.value("token")]],
            preconditions: ["uid": "u"], probe: nil, note: "a note")
        ], veto: nil, manual: ["look"], undo: nil, verify: ["HER-004"], inputs: inputs,
        proposedBy: ["HER-004"])
    }
    let plan = try RemediationPlan(proposal(["token"]))
    #expect(plan.operations.map(\.target) == ["secrets ns/s"])
    #expect(plan.operations.first?.uid == "u")
    #expect(plan.manual == ["look"])
    let error = #expect(throws: RemediationError.self) { try RemediationPlan(proposal([])) }
    #expect(error?.message.contains("the input token, which the plan does not declare") == true)
  }

  @Test func twoBuildingsAreTheSameWhateverTheTime() {
    func plan(_ time: String, _ value: String) -> RemediationPlan {
      Plans.plan([
        RemediationOperation(
          .annotate, Cluster.deployments, Cluster.key,
          body: ["at": .string(time), "crossplane.io/poll-interval": .string(value)],
          resourceVersion: time)
      ])
    }
    let first = plan("2026-01-01T00:00:00Z", "5m")
    #expect(plan("2026-01-01T00:00:09Z", "5m").doesTheSame(as: first))
    #expect(!plan("2026-01-01T00:00:09Z", "6m").doesTheSame(as: first))
  }

  /// Another object of the name, or a change in between, is a conflict at the server.
  @Test func aRequestIsAboutTheObjectThatWasSeenAndNoOther() throws {
    var object = Cluster.deployment()
    object.set("seen", at: ["metadata", "uid"])
    object.set("7", at: ["metadata", "resourceVersion"])
    let live = try #require(LiveObject(object))
    func body(_ operation: RemediationOperation) -> JSONValue {
      RemediationRequest(operation, live: live, restartedAt: "").body
    }
    let annotate = RemediationOperation(
      .annotate, Cluster.deployments, Cluster.key, body: ["a": "b"])
    for operation in [Plans.memory("1Gi"), Plans.restart, annotate] {
      let metadata = body(operation)["metadata"]
      #expect(metadata?["uid"] == "seen")
      #expect(metadata?["resourceVersion"] == "7")
    }
    let steps = body(
      RemediationOperation(
        .patch, Cluster.deployments, Cluster.key, patchType: .json,
        body: [["op": "remove", "path": "/spec/x"]])
    ).arrayValue
    #expect(
      steps == [
        ["op": "test", "path": "/metadata/uid", "value": "seen"],
        ["op": "test", "path": "/metadata/resourceVersion", "value": "7"],
        ["op": "remove", "path": "/spec/x"],
      ])
    let delete = body(RemediationOperation(.delete, Cluster.deployments, Cluster.key))
    #expect(delete.value(at: "preconditions", "uid") == "seen")
  }
}
