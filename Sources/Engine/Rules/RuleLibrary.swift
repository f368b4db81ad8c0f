import KubeWatch
package import Logging
package import LuaBridge
import Synchronization

/// Holds the live generation of rules and replaces it when the scripts change. What does not load
/// leaves the last good generation live.
package final class RuleLibrary: Sendable {
  /// What is known of the last attempt to load.
  package struct LoadState: Sendable {
    /// The error of the newest attempt; nil when it succeeded.
    package var failure: String?
    /// Successful and failed loads since the start.
    package var loads = 0
    package var failures = 0
  }

  private let current: Mutex<RuleSet>
  private let loadState: Mutex<LoadState>
  private let load: @Sendable () throws -> ScriptBundle
  private let logger: Logger

  /// Loads the first generation; there is no provider without one.
  ///
  /// - Parameter load: reads the scripts anew, e.g. from a directory.
  package init(load: @escaping @Sendable () throws -> ScriptBundle, logger: Logger) throws {
    self.load = load
    self.logger = logger
    current = Mutex(try RuleSet(bundle: load(), generation: 1))
    loadState = Mutex(LoadState(failure: nil, loads: 1))
  }

  /// The live generation.
  package var rules: RuleSet { current.withLock { $0 } }

  /// What is known of the last attempt to load.
  package var state: LoadState { loadState.withLock { $0 } }

  /// Reads the scripts and makes them live if they load and describe themselves well.
  ///
  /// - Returns: the new generation, or nil when nothing changed or the scripts are not good.
  @discardableResult
  package func reload() -> RuleSet? {
    do {
      let bundle = try load()
      let live = rules
      guard bundle.hash != live.hash else {
        loadState.withLock { $0.failure = nil }
        return nil
      }
      let next = try RuleSet(bundle: bundle, generation: live.generation + 1)
      current.withLock { $0 = next }
      loadState.withLock {
        $0.failure = nil
        $0.loads += 1
      }
      logger.info(
        "rules reloaded",
        metadata: [
          "generation": "\(next.generation)", "hash": "\(next.hash)",
          "kinds": "\(next.all.map(\.type.kind).joined(separator: ","))",
        ])
      return next
    } catch {
      let text = String(describing: error)
      loadState.withLock {
        $0.failure = text
        $0.failures += 1
      }
      logger.error(
        "rules not reloaded, the last good generation stays live",
        metadata: ["error": "\(text)", "generation": "\(rules.generation)"])
      return nil
    }
  }
}
