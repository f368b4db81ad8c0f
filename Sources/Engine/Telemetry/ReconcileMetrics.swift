import KubeWatch
import LuaBridge
import Synchronization

/// What the reconciler reports about its work.
package final class ReconcileMetrics: Sendable {
  private let registry: MetricRegistry
  private let counter = Atomic<UInt64>(0)

  /// Reports into a registry.
  package init(registry: MetricRegistry) {
    self.registry = registry
  }

  /// A number for one reconcile, to find its log lines by.
  func nextReconcileID() -> UInt64 {
    counter.add(1, ordering: .relaxed).newValue
  }

  /// - Parameter waited: how long the key had been due when a worker took it.
  func finished(
    kind: String, ending: WorkPool<ResourceKey>.Ending, waited: Duration, duration: Duration
  ) {
    registry.observe(
      ProviderMetrics.queueDuration, ["managed", "managed"], max(waited, .zero).inSeconds)
    registry.observe(ProviderMetrics.workDuration, ["managed", "managed"], duration.inSeconds)
    let controller = "managed/\(kind.lowercased())"
    let result =
      switch ending {
      case .done(let again): again == nil ? "success" : "requeue_after"
      case .postponed: "requeue"
      case .failed: "error"
      case .gone: "success"
      }
    registry.add(ProviderMetrics.reconciles, [controller, result])
    if result == "error" { registry.add(ProviderMetrics.reconcileErrors, [controller]) }
    registry.observe(ProviderMetrics.reconcileTime, [controller], duration.inSeconds)
  }

  /// An object was found different from what it was a while ago.
  func drifted(_ type: ResourceType, after time: Duration) {
    registry.observe(ProviderMetrics.drift, [LifecycleMetrics.label(type)], time.inSeconds)
  }

  func scriptRan(
    module: String, function: String, usage: ScriptUsage, failure: ScriptFailureKind?
  ) {
    registry.add(ProviderMetrics.scriptRuns, [module, function])
    registry.add(ProviderMetrics.scriptInstructions, [module], Double(usage.instructions))
    registry.raise(ProviderMetrics.scriptPeakBytes, [module], to: Double(usage.peakMemory))
    registry.observe(ProviderMetrics.scriptDuration, [module], usage.scriptTime.inSeconds)
    if let failure { scriptFailed(module: module, failure) }
  }

  func scriptFailed(module: String, _ failure: ScriptFailureKind) {
    registry.add(ProviderMetrics.scriptFailures, [module, failure.label])
  }
}
