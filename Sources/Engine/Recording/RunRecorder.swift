import JSONValue
package import LuaBridge
import Synchronization

/// Writes a file for each reconcile in which a script ran.
package final class RunRecorder: Sendable {
  /// Keeps one file under a name that sorts by time.
  package typealias Store = @Sendable (_ name: String, _ bytes: [UInt8]) throws -> Void

  private let store: Store
  private let onFailure: @Sendable (any Error) -> Void
  /// The scripts of the module that was written last: they seldom change.
  private let last = Mutex<[String: JSONValue]>([:])

  /// Makes a recorder.
  ///
  /// - Parameter onFailure: learns why a recording could not be written.
  package init(store: @escaping Store, onFailure: @escaping @Sendable (any Error) -> Void) {
    self.store = store
    self.onFailure = onFailure
  }

  /// Begins to record the reconcile of an object.
  func begin(
    kind: String, namespace: String, name: String, now: Timestamp
  ) -> ReconcileRecording {
    ReconcileRecording(kind: kind, namespace: namespace, name: name, began: now)
  }

  /// Writes what a reconcile did. A recording that cannot be written is no reason to fail.
  func finish(_ recording: ReconcileRecording, id: UInt64) {
    guard let content = recording.finished(sources: { sources(of: $1, in: $0) }) else { return }
    let time = String(recording.began.milliseconds.map { $0 == ":" ? "-" : $0 })
    let name = [
      time, recording.kind.lowercased(), recording.namespace, recording.name, String(id),
    ].filter { !$0.isEmpty }.joined(separator: "_")
    do {
      try store("\(name).run.json", content.serialized())
    } catch {
      onFailure(error)
    }
  }

  private func sources(of module: String, in bundle: ScriptBundle) -> JSONValue {
    let key = "\(bundle.hash) \(module)"
    if let known = last.withLock({ $0[key] }) { return known }
    let modules = ScriptDependencies.modules(of: module, in: bundle)
    let sources = JSONValue.array(
      modules.compactMap { bundle.source(of: $0) }.map {
        [
          "module": .string($0.module), "path": .string($0.path),
          "text": .string(String(decoding: $0.text, as: UTF8.self)),
        ]
      })
    last.withLock {
      // A handful of rules a generation; older generations are not needed any more.
      if $0.count > 16 { $0 = [:] }
      $0[key] = sources
    }
    return sources
  }
}

/// What a module requires, directly and through others.
package enum ScriptDependencies {
  /// The module and all that it may require, sorted; every module when that cannot be told.
  package static func modules(of module: String, in bundle: ScriptBundle) -> [String] {
    var found: Set<String> = []
    var waiting = [module]
    while let next = waiting.popLast() {
      guard found.insert(next).inserted, let source = bundle.source(of: next) else { continue }
      guard let names = required(by: source.text) else { return bundle.modules }
      waiting += names.filter { bundle.source(of: $0) != nil }
    }
    return found.sorted()
  }

  /// The names in `require("…")`; nil when one is computed.
  private static func required(by text: [UInt8]) -> [String]? {
    var lexer = LuaLexer(text)
    var names: [String] = []
    do {
      var token = try lexer.next()
      while token.kind != .end {
        guard token.kind == .name("require") else {
          token = try lexer.next()
          continue
        }
        token = try lexer.next()
        if token.kind == .symbol("(") { token = try lexer.next() }
        guard case .string(let name) = token.kind else { return nil }
        names.append(name)
      }
    } catch {
      return nil
    }
    return names
  }
}
