import Engine
import HTTPTransport
import JSONValue
import KubeWatch
import Sandbox
import ServiceLifecycle

/// The Deployment, the Pod and the Node that stand for the sandbox's own process, so that runbooks
/// and kubectl find in the sandbox what they find in a cluster. Each says in an annotation what it
/// stands for. The Pod's log is that of this process, and so are its port and its usage.
struct SandboxWorkload: Sendable {
  private static let namespace = "crossplane-system"
  private static let pod = "provider-discord-sandbox"
  private static let labels: JSONValue = ["app": "provider-discord"]
  private static let memoryLimit = "768Mi"

  let kube: KubeClient
  let port: Int

  /// Makes the objects.
  func create(now: Timestamp) async throws {
    let start = JSONValue.string(now.seconds)
    try await add(Self.type("", "Node", "nodes", isNamespaced: false), node(now: start))
    try await add(Self.type("apps", "Deployment", "deployments"), deployment(now: start))
    try await add(Self.type("", "Pod", "pods"), podObject(now: start))
    try await add(Self.metrics, usage(now: now, cpu: 0))
  }

  /// Writes what the process uses, until cancelled.
  func reportUsage(every interval: Duration) async {
    var last = (at: ContinuousClock.now, cpu: ProcessFacts.cpuSeconds())
    while !Task.isCancelled {
      do { try await Task.sleep(for: interval) } catch { return }
      let now = (at: ContinuousClock.now, cpu: ProcessFacts.cpuSeconds())
      let seconds = Double((now.at - last.at).inMilliseconds) / 1000
      let body = usage(now: .now(), cpu: max(0, (now.cpu - last.cpu) / max(seconds, 0.001)))
      last = now
      // A cluster that fails on purpose has no usage either.
      _ = try? await kube.raw(
        method: "PATCH",
        path: Self.metrics.path(ObjectKey(namespace: Self.namespace, name: Self.pod)),
        body: body.serialized(), contentType: "application/merge-patch+json")
    }
  }

  private func add(_ type: ResourceType, _ object: JSONValue) async throws {
    _ = try await kube.create(
      type, namespace: type.isNamespaced ? Self.namespace : nil, body: object.serialized())
    guard object["status"] != nil else { return }
    let key = ObjectKey(
      namespace: type.isNamespaced ? Self.namespace : "",
      name: object.value(at: "metadata", "name")?.stringValue ?? "")
    let status: JSONValue = ["status": object["status"] ?? [:]]
    _ = try await kube.raw(
      method: "PATCH", path: type.path(key, subresource: "status"), body: status.serialized(),
      contentType: "application/merge-patch+json")
  }

  private static let metrics = ResourceType(
    group: "metrics.k8s.io", version: "v1beta1", kind: "PodMetrics", plural: "pods")

  private static func type(
    _ group: String, _ kind: String, _ plural: String, isNamespaced: Bool = true
  ) -> ResourceType {
    ResourceType(
      group: group, version: "v1", kind: kind, plural: plural, isNamespaced: isNamespaced)
  }

  private static func metadata(_ name: String, isNamespaced: Bool = true) -> JSONValue {
    var metadata: JSONValue = [
      "name": .string(name), "labels": labels,
      "annotations": .object([PodBackend.standsFor: "this process"]),
    ]
    if isNamespaced { metadata["namespace"] = .string(namespace) }
    return metadata
  }

  private var container: JSONValue {
    [
      "name": "provider", "image": .string("provider-discord:\(ProviderDiscord.version)"),
      "args": ["sandbox"],
      "ports": [["name": "http", "containerPort": .integer(Int64(port))]],
      "resources": [
        "requests": ["cpu": "100m", "memory": "128Mi"],
        "limits": ["cpu": "2", "memory": .string(Self.memoryLimit)],
      ],
    ]
  }

  private func deployment(now: JSONValue) -> JSONValue {
    [
      "apiVersion": "apps/v1", "kind": "Deployment",
      "metadata": Self.metadata("provider-discord"),
      "spec": [
        "replicas": 1, "selector": ["matchLabels": Self.labels],
        "template": ["metadata": ["labels": Self.labels], "spec": ["containers": [container]]],
      ],
      "status": [
        "observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1,
        "availableReplicas": 1,
        "conditions": [
          [
            "type": "Available", "status": "True", "reason": "MinimumReplicasAvailable",
            "message": "Deployment has minimum availability.", "lastTransitionTime": now,
            "lastUpdateTime": now,
          ]
        ],
      ],
    ]
  }

  private func podObject(now: JSONValue) -> JSONValue {
    let conditions = ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map {
      type -> JSONValue in
      ["type": .string(type), "status": "True", "lastTransitionTime": now]
    }
    return [
      "apiVersion": "v1", "kind": "Pod", "metadata": Self.metadata(Self.pod),
      "spec": ["nodeName": "sandbox", "containers": [container]],
      "status": [
        "phase": "Running", "startTime": now, "podIP": "127.0.0.1",
        "conditions": .array(conditions),
        "containerStatuses": [
          [
            "name": "provider", "ready": true, "started": true, "restartCount": 0,
            "image": .string("provider-discord:\(ProviderDiscord.version)"), "imageID": "",
            "state": ["running": ["startedAt": now]], "lastState": [:],
          ]
        ],
      ],
    ]
  }

  private func node(now: JSONValue) -> JSONValue {
    let conditions = ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"].map {
      type -> JSONValue in
      [
        "type": .string(type), "status": type == "Ready" ? "True" : "False",
        "lastTransitionTime": now, "lastHeartbeatTime": now,
      ]
    }
    return [
      "apiVersion": "v1", "kind": "Node", "metadata": Self.metadata("sandbox", isNamespaced: false),
      "spec": [:],
      "status": [
        "conditions": .array(conditions), "capacity": ["cpu": "2", "memory": "8Gi"],
        "allocatable": ["cpu": "2", "memory": "8Gi"],
        "nodeInfo": ["kubeletVersion": "v1.33.0-sandbox"],
      ],
    ]
  }

  private func usage(now: Timestamp, cpu: Double) -> JSONValue {
    let bytes = Int64(ProcessFacts.residentBytes() ?? 0)
    return [
      "apiVersion": "metrics.k8s.io/v1beta1", "kind": "PodMetrics",
      "metadata": Self.metadata(Self.pod), "timestamp": .string(now.seconds), "window": "15s",
      "containers": [
        [
          "name": "provider",
          "usage": [
            "cpu": .string("\(Int64((cpu * 1e9).rounded()))n"),
            "memory": .string("\(bytes / 1024)Ki"),
          ],
        ]
      ],
    ]
  }
}
