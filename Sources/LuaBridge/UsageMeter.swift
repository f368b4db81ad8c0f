import Synchronization

/// Learns what a run used also when it ends with an error of an effect.
package final class UsageMeter: Sendable {
  private let value = Mutex(ScriptUsage())

  /// Makes a meter that has seen no run.
  package init() {}

  /// What the run used.
  package var usage: ScriptUsage { value.withLock { $0 } }

  func note(_ usage: ScriptUsage) { value.withLock { $0 = usage } }
}
