import KubeWatch
package import LuaBridge
import Synchronization

/// Holds the live generation of rules. What does not load leaves the last good generation live.
package final class RuleLibrary: Sendable {
  /// What is known of the last attempt to load.
  package struct LoadState: Sendable {
    /// Why the newest scripts are not live, and at which stage that was found; nil when they are.
    package var failure: (stage: DeploymentStage, text: String)?
    /// Scripts that wait for an approval, and why.
    package var waiting: (hash: String, reasons: [String])?
    /// The stages that the newest scripts went through, and how each ended.
    package var stages: [(stage: DeploymentStage, result: DeploymentResult)] = []
    /// Successful and failed loads since the start.
    package var loads = 0
    package var failures = 0
  }

  private let current: Mutex<RuleSet>
  private let loadState: Mutex<LoadState>
  private let load: @Sendable (_ live: ScriptBundle?) throws -> ScriptCandidate

  /// Loads the first generation; there is no provider without one.
  ///
  /// - Parameter load: reads the scripts anew, e.g. from a directory; it is given what is live, whose
  ///   modules need not be compiled again.
  package init(
    load: @escaping @Sendable (_ live: ScriptBundle?) throws -> ScriptCandidate
  ) throws {
    self.load = load
    current = Mutex(try RuleSet(bundle: load(nil).bundle, generation: 1))
    loadState = Mutex(LoadState(loads: 1))
  }

  /// The live generation.
  package var rules: RuleSet { current.withLock { $0 } }

  /// What is known of the last attempt to load.
  package var state: LoadState { loadState.withLock { $0 } }

  /// Reads the scripts anew.
  ///
  /// - Throws: what can't be read or does not compile.
  func read() throws -> ScriptCandidate { try load(rules.bundle) }

  /// The rules that a candidate would make live next.
  ///
  /// - Throws: what does not describe itself as a rule must.
  func rules(of candidate: ScriptCandidate) throws -> RuleSet {
    try RuleSet(bundle: candidate.bundle, generation: rules.generation + 1)
  }

  /// Notes how a stage of the newest scripts ended; the first stage begins anew.
  func note(_ stage: DeploymentStage, _ result: DeploymentResult) {
    loadState.withLock {
      if stage == .compile { $0.stages = [] }
      $0.stages.append((stage, result))
    }
  }

  /// Makes rules live, in one step.
  func promote(_ next: RuleSet) {
    current.withLock { $0 = next }
    loadState.withLock {
      $0.failure = nil
      $0.waiting = nil
      $0.loads += 1
    }
  }

  /// Notes why the newest scripts are not made live.
  func refuse(at stage: DeploymentStage, _ text: String) {
    loadState.withLock {
      $0.failure = (stage, text)
      $0.waiting = nil
      $0.failures += 1
    }
  }

  /// Notes that the newest scripts wait for an approval.
  func hold(_ hash: String, reasons: [String]) {
    loadState.withLock {
      $0.failure = nil
      $0.waiting = (hash, reasons)
    }
  }

  /// Notes that the newest scripts are the live ones.
  func settle() {
    loadState.withLock {
      $0.failure = nil
      $0.waiting = nil
    }
  }
}
