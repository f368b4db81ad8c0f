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

  func finished(kind: String, ending: WorkPool<ResourceKey>.Ending, duration: Duration) {
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
