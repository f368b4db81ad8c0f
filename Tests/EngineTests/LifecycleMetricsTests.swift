import Engine
import JSONValue
import KubeWatch
import Testing

@Suite struct LifecycleMetricsTests {
  private static let type = ResourceType(
    group: "channel.discord.crossplane.io", version: "v1alpha1", kind: "Channel",
    plural: "channels")
  private static let label = "channel.discord.crossplane.io/v1alpha1, Kind=Channel"
  private let registry = MetricRegistry()

  /// A minute after the object's creation.
  private var metrics: LifecycleMetrics {
    let now = Timestamp("2026-01-01T00:01:00Z")?.millisecondsSince1970 ?? 0
    return LifecycleMetrics(
      registry: registry,
      time: TimeSource(
        origin: .now, uptime: { .zero }, wallMilliseconds: { now }, sleep: { _ in }))
  }

  private static func object(
    ready: (String, String)? = nil, synced: (String, String)? = nil, deleted: String? = nil
  ) throws -> StoredObject {
    var value: JSONValue = [
      "metadata": [
        "name": "general", "namespace": "default", "uid": "u", "resourceVersion": "1",
        "creationTimestamp": "2026-01-01T00:00:00Z",
      ]
    ]
    if let deleted { value.set(.string(deleted), at: ["metadata", "deletionTimestamp"]) }
    let conditions = [("Ready", ready), ("Synced", synced)].compactMap { type, state in
      state.map { state -> JSONValue in
        ["type": .string(type), "status": .string(state.0), "reason": .string(state.1)]
      }
    }
    value.set(.array(conditions), at: ["status", "conditions"])
    return try #require(StoredObject(json: value.serialized(), type: type))
  }

  private func count(_ name: String) -> String {
    let line = "crossplane_managed_resource_\(name)_count{gvk=\"\(Self.label)\"} "
    let found = registry.render().split(separator: "\n").first { $0.hasPrefix(line) }
    return found.map { String($0.dropFirst(line.count)) } ?? "none"
  }

  @Test func theFirstReconcileAndTheFirstReadinessCountOnce() throws {
    let new = try Self.object()
    let creating = try Self.object(
      ready: ("False", "Creating"), synced: ("True", "ReconcileSuccess"))
    let ready = try Self.object(
      ready: ("True", "Available"), synced: ("True", "ReconcileSuccess"))
    let broken = try Self.object(
      ready: ("False", "Unavailable"), synced: ("False", "ReconcileError"))
    for (old, next) in [(new, creating), (creating, ready), (ready, broken), (broken, ready)] {
      metrics.changed(from: old, to: next, type: Self.type)
    }
    #expect(count("first_time_to_reconcile_seconds") == "1")
    #expect(count("first_time_to_readiness_seconds") == "1")
    #expect(
      registry.render().contains(
        "first_time_to_readiness_seconds_sum{gvk=\"\(Self.label)\"} 60\n"))
  }

  @Test func aDeletionIsMeasuredFromItsOrder() throws {
    metrics.deleted(try Self.object(), type: Self.type)
    #expect(count("deletion_seconds") == "none")
    metrics.deleted(try Self.object(deleted: "2026-01-01T00:00:50Z"), type: Self.type)
    #expect(count("deletion_seconds") == "1")
    #expect(
      registry.render().contains("deletion_seconds_sum{gvk=\"\(Self.label)\"} 10\n"))
  }

  @Test func whatIsBegunIsZeroAndStaysWhatItWas() {
    ProviderMetrics.begin(
      in: registry, resourceTypes: ["channel"], kinds: ["Channel"], gvks: [Self.label])
    let labels = ["channel", "create", "success"]
    #expect(registry.value(ProviderMetrics.operations, labels) == 0)
    #expect(count("deletion_seconds") == "0")
    registry.add(ProviderMetrics.operations, labels)
    registry.begin(ProviderMetrics.operations, labels)
    #expect(registry.value(ProviderMetrics.operations, labels) == 1)
  }
}
