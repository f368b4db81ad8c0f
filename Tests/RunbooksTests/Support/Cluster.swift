import Engine
import HTTPTransport
import JSONValue
import KubeWatch
import Logging
import Sandbox
import Testing

/// The sandbox's API server on a free port, with what a fix meets in a cluster.
struct Cluster: Sendable {
  let client: KubeClient
  let server: String

  static let deployments = ResourceType(
    group: "apps", version: "v1", kind: "Deployment", plural: "deployments")
  static let pods = ResourceType(group: "", version: "v1", kind: "Pod", plural: "pods")
  static let key = ObjectKey(namespace: "crossplane-system", name: "provider-discord")
  static let credentials = ObjectKey(namespace: "crossplane-system", name: "discord-credentials")

  /// Runs a server for as long as `body` needs it.
  static func run(_ body: @Sendable (Cluster) async throws -> Void) async throws {
    let (ports, found) = AsyncStream<Int>.makeStream()
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let server = try KubeAPIServer(
      configuration: .init(), logger: logger, onListening: { found.yield($0) })
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      for await port in ports {
        let address = "http://127.0.0.1:\(port)"
        let client = KubeClient(
          access: ClusterAccess(server: address), transport: CurlTransport())
        let cluster = Cluster(client: client, server: address)
        try await cluster.make(deployments, deployment())
        try await cluster.make(.secrets, secret)
        try await body(cluster)
        break
      }
      group.cancelAll()
    }
  }

  func make(_ type: ResourceType, _ object: JSONValue) async throws {
    _ = try await client.create(
      type, namespace: "crossplane-system", body: object.serialized())
  }

  func get(_ type: ResourceType, _ key: ObjectKey) async throws -> JSONValue {
    try await client.getValue(type, key)
  }

  /// The memory limit of the provider's container.
  func memoryLimit() async throws -> String? {
    try await get(Self.deployments, Self.key)["spec"]?.value(at: "template", "spec")?[
      "containers"]?[0]?
      .value(at: "resources", "limits", "memory")?.stringValue
  }

  static func deployment(memory: String = "256Mi", owner: JSONValue? = nil) -> JSONValue {
    var object: JSONValue = [
      "apiVersion": "apps/v1", "kind": "Deployment",
      "metadata": ["name": "provider-discord", "namespace": "crossplane-system"],
      "spec": [
        "selector": ["matchLabels": ["app": "provider-discord"]],
        "template": [
          "metadata": ["labels": ["app": "provider-discord"]],
          "spec": [
            "containers": [
              [
                "name": "provider", "image": "provider:1",
                "resources": ["limits": ["memory": .string(memory), "cpu": "200m"]],
              ]
            ]
          ],
        ],
      ],
    ]
    if let owner { object.set([owner], at: ["metadata", "ownerReferences"]) }
    return object
  }

  /// `old-token` in Base64.
  static let secret: JSONValue = [
    "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
    "metadata": ["name": "discord-credentials", "namespace": "crossplane-system"],
    "data": ["token": "b2xkLXRva2Vu"],
  ]
}
