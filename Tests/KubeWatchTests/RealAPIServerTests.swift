import HTTPTransport
import JSONValue
import Logging
import Synchronization
import Testing

@testable import KubeWatch

/// The client and the reflector against a real kube-apiserver.
@Suite(
  .enabled(
    if: TestControlPlane.assets != nil, "KUBEBUILDER_ASSETS is not set: see tools/envtest.sh"),
  ControlPlaneTrait(), .timeLimit(.minutes(5)))
struct RealAPIServerTests {
  private let plane: TestControlPlane
  private let transport: CurlTransport
  private let client: KubeClient

  init() throws {
    plane = try #require(TestControlPlane.current)
    transport = CurlTransport(tls: plane.access.tls)
    client = KubeClient(access: plane.access, transport: transport)
  }

  private func namespace(_ name: String) async throws -> String {
    let body: JSONValue = ["metadata": ["name": .string(name)]]
    _ = try await client.create(.namespaces, body: body.serialized())
    return name
  }

  private func configMap(_ name: String, _ value: String) -> [UInt8] {
    let body: JSONValue = [
      "metadata": ["name": .string(name)], "data": ["value": .string(value)],
    ]
    return body.serialized()
  }

  /// Defines a kind of `test.example` with a status subresource and waits until it is served.
  private func define(_ kind: String) async throws -> ResourceType {
    let type = ResourceType(
      group: "test.example", version: "v1", kind: kind, plural: kind.lowercased() + "s")
    let schema: JSONValue = [
      "type": "object",
      "properties": [
        "spec": ["type": "object", "properties": ["size": ["type": "integer", "maximum": 5]]],
        "status": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
      ],
    ]
    let definition: JSONValue = [
      "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
      "metadata": ["name": .string("\(type.plural).test.example")],
      "spec": [
        "group": "test.example", "scope": "Namespaced",
        "names": ["kind": .string(kind), "plural": .string(type.plural)],
        "versions": [
          [
            "name": "v1", "served": true, "storage": true, "subresources": ["status": [:]],
            "schema": ["openAPIV3Schema": schema],
          ]
        ],
      ],
    ]
    _ = try await client.create(.customResourceDefinitions, body: definition.serialized())
    let isServed = await eventually {
      (try? await client.list(type, namespace: "default")) != nil
    }
    #expect(isServed)
    return type
  }

  @Test func theReflectorSeesEveryChangeInOrder() async throws {
    let namespace = try await namespace("reflected")
    _ = try await client.create(.configMaps, namespace: namespace, body: configMap("old", "1"))
    let seen = Mutex<[String]>([])
    let reflector = Reflector(
      type: .configMaps, client: client, store: Store(), namespace: namespace,
      logger: Logger(label: "test"),
      onChange: { change in
        let text =
          switch change {
          case .added(let object): "added \(object.key.name)"
          case .modified(_, let object): "modified \(object.key.name)"
          case .deleted(let object): "deleted \(object.key.name)"
          }
        seen.withLock { $0.append(text) }
      })
    try await withThrowingTaskGroup { group in
      group.addTask { await reflector.run() }
      await reflector.waitUntilSynced()
      #expect(seen.withLock { $0 } == ["added old"])
      let key = ObjectKey(namespace: namespace, name: "new")
      let made = try await client.create(
        .configMaps, namespace: namespace, body: configMap("new", "1"))
      #expect(
        try JSONValue(parsing: made).value(at: "metadata", "managedFields") != nil)
      _ = try await client.patch(.configMaps, key, body: configMap("new", "2"))
      try await client.delete(.configMaps, key)
      let want = ["added old", "added new", "modified new", "deleted new"]
      #expect(await eventually { seen.withLock { $0 } == want })
      let old = try #require(reflector.store[ObjectKey(namespace: namespace, name: "old")])
      let value = try JSONValue(parsing: old.bytes)
      #expect(value["kind"] == "ConfigMap")
      #expect(value.value(at: "data", "value") == "1")
      #expect(value.value(at: "metadata", "managedFields") == nil)
      group.cancelAll()
    }
    #expect(reflector.status.failures == 0)
  }

  @Test func listsComeInPages() async throws {
    let namespace = try await namespace("paged")
    for number in 0..<5 {
      _ = try await client.create(
        .configMaps, namespace: namespace, body: configMap("c\(number)", ""))
    }
    var names: [String] = []
    var token: String?
    var pages = 0
    repeat {
      let page = try await client.list(
        .configMaps, namespace: namespace, limit: 2, continueToken: token)
      names += page.items.compactMap { $0.at("metadata", "name")?.string }
      token = page.continueToken
      pages += 1
    } while token != nil
    #expect(pages == 3)
    #expect(names == ["c0", "c1", "c2", "c3", "c4"])
  }

  @Test func aPatchOfAnOldStateIsAConflict() async throws {
    let namespace = try await namespace("conflict")
    let key = ObjectKey(namespace: namespace, name: "c")
    let made = try JSONValue(
      parsing: try await client.create(
        .configMaps, namespace: namespace, body: configMap("c", "1")))
    let version = try #require(made.value(at: "metadata", "resourceVersion"))
    let change: JSONValue = ["metadata": ["resourceVersion": version], "data": ["value": "2"]]
    _ = try await client.patch(.configMaps, key, body: change.serialized())
    let error = await #expect(throws: KubeError.self) {
      try await client.patch(.configMaps, key, body: change.serialized())
    }
    #expect(error?.isConflict == true)
    let again = await #expect(throws: KubeError.self) {
      try await client.create(.configMaps, namespace: namespace, body: configMap("c", "1"))
    }
    #expect(again?.isAlreadyExists == true)
    #expect(again?.isConflict == false)
    let other = await #expect(throws: KubeError.self) {
      try await client.delete(.configMaps, key, uid: "00000000-0000-0000-0000-000000000000")
    }
    #expect(other?.isConflict == true)
    let missing = await #expect(throws: KubeError.self) {
      try await client.get(.configMaps, ObjectKey(namespace: namespace, name: "none"))
    }
    #expect(missing?.isNotFound == true)
    #expect(missing?.reason == "NotFound")
  }

  @Test func jsonAndApplyPatchesWork() async throws {
    let namespace = try await namespace("patches")
    let key = ObjectKey(namespace: namespace, name: "c")
    let body: JSONValue = [
      "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "c"], "data": ["a": "1"],
    ]
    _ = try await client.patch(
      .configMaps, key, kind: .apply(fieldManager: "test", force: false), body: body.serialized())
    let operations: JSONValue = [["op": "add", "path": "/data/b", "value": "2"]]
    let changed = try await client.patch(
      .configMaps, key, kind: .json, body: operations.serialized())
    #expect(try JSONValue(parsing: changed)["data"] == ["a": "1", "b": "2"])
  }

  @Test func theStatusIsWrittenThroughItsSubresourceAlone() async throws {
    let widgets = try await define("Widget")
    let widget: JSONValue = [
      "apiVersion": "test.example/v1", "kind": "Widget", "metadata": ["name": "w"],
      "spec": ["size": 1],
    ]
    let key = ObjectKey(namespace: "default", name: "w")
    _ = try await client.create(widgets, namespace: "default", body: widget.serialized())
    let change: JSONValue = ["spec": ["size": 2], "status": ["ready": true]]
    let after = try JSONValue(
      parsing: try await client.patch(
        widgets, key, subresource: "status", body: change.serialized()))
    #expect(after["spec"] == ["size": 1])
    #expect(after["status"] == ["ready": true])
    #expect(after.value(at: "metadata", "generation") == 1)
    let wrong: JSONValue = ["spec": ["size": 9]]
    let error = await #expect(throws: KubeError.self) {
      try await client.patch(widgets, key, body: wrong.serialized())
    }
    #expect(error?.isInvalid == true)
    #expect(error?.causes.first?.field == "spec.size")
  }

  @Test func eventsAreTakenAndCounted() async throws {
    let namespace = try await namespace("events")
    let recorder = EventRecorder(
      client: client, component: "provider-discord", instance: "test",
      logger: Logger(label: "test"))
    let namespaced = ObjectReference(
      type: .configMaps, key: ObjectKey(namespace: namespace, name: "c"), uid: "u-1")
    let cluster = ObjectReference(type: .namespaces, key: ObjectKey(name: "x"), uid: "u-2")
    for _ in 0..<3 {
      recorder.record(.warning, about: namespaced, reason: "Failed", message: "because")
    }
    recorder.record(.normal, about: cluster, reason: "Made", message: "it")
    async let running: Void = recorder.run()
    await recorder.drain(within: .seconds(30))
    await running
    let events = try await client.list(.events, namespace: namespace).items.map { $0.value() }
    #expect(events.count == 1)
    #expect(events.first?["count"] == 3)
    #expect(events.first?.value(at: "involvedObject", "uid") == "u-1")
    let others = try await client.list(
      .events, namespace: "default", fieldSelector: "involvedObject.uid=u-2")
    #expect(others.items.count == 1)
  }

  @Test func aWatchFromLongAgoIsExpired() async throws {
    // The server's cache of a new kind begins after version 1.
    let gadgets = try await define("Gadget")
    let body = try await client.stream(
      path: gadgets.path(namespace: "default"),
      query: [("watch", "1"), ("resourceVersion", "1")], idleTimeout: .seconds(30))
    var lines: [[UInt8]] = []
    var splitter = LineSplitter()
    while lines.isEmpty, let chunk = try await body.next() {
      splitter.feed(chunk) { lines.append($0) }
    }
    guard
      case .failed(let error) = WatchEvent(
        line: try #require(lines.first), type: gadgets, store: Store())
    else {
      Issue.record("no ERROR event: \(String(decoding: lines[0], as: UTF8.self))")
      return
    }
    #expect(error.isExpired)
    #expect(ListWatchStateMachine.Failure(error) == .expired)
  }

  @Test func aHundredWritesShareOneConnection() async throws {
    let namespace = try await namespace("many")
    let versions = try await withThrowingTaskGroup { group in
      for number in 0..<100 {
        let body = configMap("c\(number)", String(repeating: "x", count: 2000))
        group.addTask {
          try await client.raw(
            method: "POST", path: ResourceType.configMaps.path(namespace: namespace), body: body
          ).version
        }
      }
      var versions: Set<HTTPVersion> = []
      for try await version in group { versions.insert(version) }
      return versions
    }
    #expect(versions == [.http2])
    #expect(try await client.list(.configMaps, namespace: namespace).items.count == 100)
  }

  @Test func aClientCertificateLetsInAndAWrongTokenDoesNot() async throws {
    var access = plane.access
    access.token = nil
    access.tls.clientCertificate = plane.file("client.crt")
    access.tls.clientKey = plane.file("client.key")
    let certified = CurlTransport(tls: access.tls)
    let byCertificate = KubeClient(access: access, transport: certified)
    #expect(try await byCertificate.list(.secrets).document.root["kind"]?.string == "SecretList")
    await certified.shutdown()

    access = plane.access
    access.token = BearerToken("wrong")
    let byWrongToken = KubeClient(access: access, transport: transport)
    let error = await #expect(throws: KubeError.self) { try await byWrongToken.list(.secrets) }
    #expect(error?.isUnauthorized == true)
  }

  @Test func aSecretsDataIsReadableThroughGet() async throws {
    let namespace = try await namespace("secret")
    let body: JSONValue = ["metadata": ["name": "s"], "stringData": ["token": "t0ken"]]
    _ = try await client.create(.secrets, namespace: namespace, body: body.serialized())
    let secret = try await client.getValue(
      .secrets, ObjectKey(namespace: namespace, name: "s"))
    let data = try #require(secret.value(at: "data", "token")?.stringValue)
    #expect(Base64.decode(data) == Array("t0ken".utf8))
  }
}
