import Synchronization

/// Which lines of the scripts ran, over many runs. Collecting them slows a run down, so only tools
/// for authors do it.
package final class ScriptCoverage: Sendable {
  /// The lines of one module that can run, with those that did.
  package struct Module: Sendable, Hashable {
    /// Counted from 1, ascending.
    package let runnable: [Int]
    package let covered: Set<Int>

    /// Lines that can run and did not.
    package var missed: [Int] { runnable.filter { !covered.contains($0) } }
  }

  private let lines = Mutex<[String: Set<Int>]>([:])

  /// Nothing ran yet.
  package init() {}

  /// The coverage of one module of a bundle; nil when its lines cannot be told.
  package func module(_ name: String, of bundle: ScriptBundle) -> Module? {
    guard let runnable = bundle.runnableLines(of: name) else { return nil }
    let ran = lines.withLock { $0[name] ?? [] }
    return Module(runnable: runnable, covered: ran.intersection(runnable))
  }

  func add(_ ran: Set<Int>, of module: String) {
    lines.withLock { $0[module, default: []].formUnion(ran) }
  }
}
