import JSONValue
import Testing

@testable import Sandbox

@Suite struct KubeClusterTests {
  private let widgets = ClusterFixture.widgets
  private let merge = "application/merge-patch+json"

  @Test func createFillsMetadataAndIgnoresStatus() throws {
    var fixture = try ClusterFixture()
    var object = ClusterFixture.widget("w")
    object["status"] = ["x": 1]
    let made = try fixture.call("POST", widgets, object).body
    #expect(made["status"] == nil)
    #expect(made.metadataGeneration == 1)
    #expect(made.metadataNamespace == "default")
    #expect(made.value(at: "metadata", "creationTimestamp") == "2023-11-14T22:13:20Z")
    #expect(made.metadataUID.count == 36)
    #expect(
      try fixture.call("POST", widgets, object).body.statusMessage
        == "widgets.example.org \"w\" already exists")
  }

  @Test func generatedNamesDiffer() throws {
    var fixture = try ClusterFixture()
    var object = ClusterFixture.widget("")
    object["metadata"] = ["generateName": "w-"]
    let names = try (0..<20).map { _ in
      try fixture.call("POST", widgets, object).body.metadataName
    }
    #expect(Set(names).count == 20)
    #expect(names.allSatisfy { $0.hasPrefix("w-") && $0.count == 7 })
  }

  @Test func generationCountsTheSpecOnly() throws {
    var fixture = try ClusterFixture()
    try fixture.create("w")
    let path = "\(widgets)/w"
    let labelled = try fixture.call(
      "PATCH", path, ["metadata": ["labels": ["a": "b"]]], type: merge)
    #expect(labelled.body.metadataGeneration == 1)
    let status = try fixture.call(
      "PATCH", "\(path)/status", ["status": ["x": 1], "spec": ["name": "zzz"]], type: merge)
    #expect(status.body.metadataGeneration == 1)
    #expect(status.body.value(at: "spec", "name") == "abc")
    #expect(status.body.value(at: "status", "x") == 1)
    let changed = try fixture.call(
      "PATCH", path, ["spec": ["size": 5], "status": ["x": 2]], type: merge)
    #expect(changed.body.metadataGeneration == 2)
    #expect(changed.body.value(at: "status", "x") == 1)
  }

  @Test func aWriteThatChangesNothingKeepsTheVersion() throws {
    var fixture = try ClusterFixture()
    let made = try fixture.create("w")
    let again = try fixture.call("PATCH", "\(widgets)/w", ["spec": ["name": "abc"]], type: merge)
    #expect(again.body.metadataResourceVersion == made.metadataResourceVersion)
  }

  @Test func staleWritesConflict() throws {
    var fixture = try ClusterFixture()
    let made = try fixture.create("w")
    try fixture.call("PATCH", "\(widgets)/w", ["spec": ["size": 4]], type: merge)
    let stale = try fixture.call("PUT", "\(widgets)/w", made)
    #expect(stale.status == 409)
    #expect(stale.body["reason"] == "Conflict")
    #expect(
      stale.body.statusMessage
        == "Operation cannot be fulfilled on widgets.example.org \"w\": the object has been "
        + "modified; please apply your changes to the latest version and try again")
    var unversioned = made
    unversioned.setMetadata("resourceVersion", nil)
    let refused = try fixture.call("PUT", "\(widgets)/w", unversioned)
    #expect(
      refused.body.statusMessage.contains("metadata.resourceVersion: Invalid value: 0x0: must be"))
  }

  @Test func deletePreconditionsAreChecked() throws {
    var fixture = try ClusterFixture()
    let made = try fixture.create("w")
    let refused = try fixture.call(
      "DELETE", "\(widgets)/w", ["preconditions": ["uid": "other"]])
    #expect(refused.status == 409)
    let done = try fixture.call(
      "DELETE", "\(widgets)/w", ["preconditions": ["uid": .string(made.metadataUID)]])
    #expect(done.body["status"] == "Success")
    #expect(try fixture.call("GET", "\(widgets)/w").status == 404)
  }

  @Test func finalizersHoldADeletedObject() throws {
    var fixture = try ClusterFixture()
    var object = ClusterFixture.widget("w")
    object.set(["a.b/c"], at: ["metadata", "finalizers"])
    try fixture.call("POST", widgets, object)
    let marked = try fixture.call("DELETE", "\(widgets)/w")
    #expect(marked.body.isBeingDeleted)
    #expect(marked.body.metadataGeneration == 2)
    let added = try fixture.call(
      "PATCH", "\(widgets)/w", ["metadata": ["finalizers": ["a.b/c", "d.e/f"]]], type: merge)
    #expect(
      added.body.statusMessage.contains("no new finalizers can be added if the object is being"))
    let again = try fixture.call("POST", widgets, object)
    #expect(again.body.statusMessage.hasPrefix("object is being deleted: "))
    try fixture.call(
      "PATCH", "\(widgets)/w", ["metadata": ["finalizers": .null]], type: merge)
    #expect(try fixture.call("GET", "\(widgets)/w").status == 404)
  }

  @Test func dryRunAnswersAndKeepsNothing() throws {
    var fixture = try ClusterFixture()
    let version = fixture.cluster.store.resourceVersion
    let made = try fixture.call(
      "POST", widgets, ClusterFixture.widget("w"), query: [("dryRun", "All")])
    #expect(made.status == 201)
    #expect(fixture.cluster.store.resourceVersion == version)
    #expect(try fixture.call("GET", "\(widgets)/w").status == 404)
  }

  /// With a body the real server no longer looks at the query.
  @Test func aDeletionsBodyHidesItsQuery() throws {
    let options: JSONValue = ["kind": "DeleteOptions", "apiVersion": "v1"]
    let path = "\(widgets)/w"
    let rehearsing = options.applying(mergePatch: ["dryRun": ["All"]])
    let deletions: [(JSONValue?, String, Bool)] = [
      (nil, "All", false), (options, "All", true), (rehearsing, "", false),
      (rehearsing, "All", false), (nil, "", true),
    ]
    for (body, query, isGone) in deletions {
      var fixture = try ClusterFixture()
      try fixture.create("w")
      let answer = try fixture.call("DELETE", path, body, query: [("dryRun", query)])
      #expect(answer.status == 200)
      #expect(
        try fixture.call("GET", path).status == (isGone ? 404 : 200),
        "\(body?.serializedText() ?? "no body") ?dryRun=\(query)")
    }
    var fixture = try ClusterFixture()
    try fixture.create("w")
    let nonsense: [(JSONValue?, String)] = [(nil, "Some"), (["dryRun": ["Some"]], "")]
    for (body, query) in nonsense {
      let refused = try fixture.call("DELETE", path, body, query: [("dryRun", query)])
      #expect(refused.status == 422)
    }
    let ignored = try fixture.call(
      "DELETE", path, options, query: [("propagationPolicy", "Nonsense")])
    #expect(ignored.status == 200)
  }

  @Test func jsonPatchTestsAndFails() throws {
    var fixture = try ClusterFixture()
    try fixture.create("w")
    let type = "application/json-patch+json"
    let done = try fixture.call(
      "PATCH", "\(widgets)/w",
      [
        ["op": "test", "path": "/spec/name", "value": "abc"],
        ["op": "replace", "path": "/spec/size", "value": 7],
      ], type: type)
    #expect(done.body.value(at: "spec", "size") == 7)
    let failed = try fixture.call(
      "PATCH", "\(widgets)/w", [["op": "test", "path": "/spec/size", "value": 1]], type: type)
    #expect(failed.status == 422)
    let strategic = try fixture.call(
      "PATCH", "\(widgets)/w", [:], type: "application/strategic-merge-patch+json")
    #expect(strategic.status == 415)
  }

  @Test func otherVersionsDifferInTheirNameOnly() throws {
    var fixture = try ClusterFixture()
    try fixture.create("w")
    let old = try fixture.call("GET", "/apis/example.org/v1beta1/namespaces/default/widgets/w")
    #expect(old.body["apiVersion"] == "example.org/v1beta1")
    #expect(old.warnings == ["example.org/v1beta1 Widget is deprecated"])
    let list = try fixture.call("GET", "/apis/example.org/v1beta1/widgets")
    #expect(list.body["items"]?[0]?["apiVersion"] == "example.org/v1beta1")
  }

  @Test func aMissingNamespaceIsNotFound() throws {
    var fixture = try ClusterFixture()
    let answer = try fixture.call(
      "POST", "/apis/example.org/v1/namespaces/none/widgets", ClusterFixture.widget("w"))
    #expect(answer.status == 404)
    #expect(answer.body.statusMessage == "namespaces \"none\" not found")
  }

  @Test func aNamespaceTakesItsContentAlong() throws {
    var fixture = try ClusterFixture()
    try fixture.call(
      "POST", "/api/v1/namespaces",
      ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "n"]])
    let path = "/apis/example.org/v1/namespaces/n/widgets"
    var held = ClusterFixture.widget("held")
    held.set(["a.b/c"], at: ["metadata", "finalizers"])
    try fixture.call("POST", path, held)
    try fixture.call("POST", path, ClusterFixture.widget("w"))
    try fixture.call("DELETE", "/api/v1/namespaces/n")
    fixture.cluster.runBackgroundWork(now: fixture.now)
    #expect(try fixture.call("GET", "\(path)/w").status == 404)
    #expect(try fixture.call("GET", "\(path)/held").body.isBeingDeleted)
    #expect(
      try fixture.call("GET", "/api/v1/namespaces/n").body.value(at: "status", "phase")
        == "Terminating")
    let refused = try fixture.call("POST", path, ClusterFixture.widget("late"))
    #expect(refused.status == 403)
    try fixture.call("PATCH", "\(path)/held", ["metadata": ["finalizers": .null]], type: merge)
    fixture.cluster.runBackgroundWork(now: fixture.now)
    #expect(try fixture.call("GET", "/api/v1/namespaces/n").status == 404)
  }

  @Test(arguments: ["Background", "Foreground", "Orphan"])
  func dependentsFollowTheirOwner(policy: String) throws {
    var fixture = try ClusterFixture()
    let owner = try fixture.create("owner")
    var dependent = ClusterFixture.widget("dependent")
    dependent.set(
      [
        [
          "apiVersion": "example.org/v1", "kind": "Widget", "name": "owner",
          "uid": .string(owner.metadataUID), "blockOwnerDeletion": true,
        ]
      ], at: ["metadata", "ownerReferences"])
    try fixture.call("POST", widgets, dependent)
    try fixture.call(
      "DELETE", "\(widgets)/owner", query: [("propagationPolicy", policy)])
    fixture.cluster.runBackgroundWork(now: fixture.now)
    #expect(try fixture.call("GET", "\(widgets)/owner").status == 404)
    let left = try fixture.call("GET", "\(widgets)/dependent")
    #expect(left.status == (policy == "Orphan" ? 200 : 404))
    if policy == "Orphan" { #expect(left.body.ownerReferences.isEmpty) }
  }

  @Test func aCRDComesAndGoesAtRuntime() throws {
    var fixture = try ClusterFixture()
    try fixture.create("w")
    let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.org"
    let crd = try fixture.call("GET", path).body
    let conditions = crd.value(at: "status", "conditions")?.arrayValue ?? []
    #expect(conditions.contains { $0["type"] == "Established" && $0["status"] == "True" })
    try fixture.call("DELETE", path)
    fixture.cluster.runBackgroundWork(now: fixture.now)
    #expect(try fixture.call("GET", path).status == 404)
    #expect(try fixture.call("GET", widgets).status == 404)
    #expect(try fixture.call("GET", "/apis/example.org").status == 404)
  }

  @Test func tablesHaveTheColumnsOfTheCRD() throws {
    var fixture = try ClusterFixture()
    try fixture.create("w")
    try fixture.call(
      "PATCH", "\(widgets)/w/status",
      ["status": ["conditions": [["type": "Ready", "status": "True"]]]], type: merge)
    try fixture.call(
      "PATCH", "\(widgets)/w", ["metadata": ["annotations": ["example.org/external": "42"]]],
      type: merge)
    let table = try fixture.call(
      "GET", widgets, accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json")
    #expect(table.body["kind"] == "Table")
    let columns = table.body["columnDefinitions"]?.arrayValue ?? []
    #expect(columns.compactMap { $0["name"] } == ["Name", "Ready", "Size", "External"])
    #expect(columns.last?["priority"] == 1)
    #expect(table.body["rows"]?[0]?["cells"] == ["w", "True", 3, "42"])
    #expect(
      table.body["rows"]?[0]?.value(at: "object", "kind") == "PartialObjectMetadata")
  }

  @Test func discoveryNamesEverything() throws {
    var fixture = try ClusterFixture()
    let list = try fixture.call("GET", "/apis/example.org/v1").body
    let resource = list["resources"]?[0]
    #expect(resource?["shortNames"] == ["wd"])
    #expect(list["resources"]?[1]?["name"] == "widgets/status")
    let groups = try fixture.call("GET", "/apis").body["groups"]?.arrayValue ?? []
    #expect(groups.last?.value(at: "preferredVersion", "version") == "v1")
    let aggregated = try fixture.call(
      "GET", "/apis",
      accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
    #expect(aggregated.body["kind"] == "APIGroupDiscoveryList")
  }

  @Test func everythingIsAllowed() throws {
    var fixture = try ClusterFixture()
    let answer = try fixture.call(
      "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      [
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": ["resourceAttributes": ["verb": "get", "resource": "pods"]],
      ])
    #expect(answer.body.value(at: "status", "allowed") == true)
  }
}
