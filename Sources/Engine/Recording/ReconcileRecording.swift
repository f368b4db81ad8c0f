import JSONValue
import LuaBridge
import Synchronization

/// What the scripts of one reconcile were given, asked for, and returned.
package final class ReconcileRecording: Sendable {
  private struct State {
    var runs: [JSONValue] = []
    var bundle: ScriptBundle?
    var module = ""
    var limits = ScriptLimits()
  }

  let kind: String
  let namespace: String
  let name: String
  let began: Timestamp
  private let state = Mutex(State())

  init(kind: String, namespace: String, name: String, began: Timestamp) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
    self.began = began
  }

  /// Runs a function by `body` and notes what goes in and out.
  func record(
    _ function: String, of rule: Rule, arguments: [[UInt8]], limits: ScriptLimits,
    perform: @Sendable ([UInt8]) async throws -> [UInt8],
    run: (@Sendable ([UInt8]) async throws -> [UInt8]) async throws ->
      (results: [JSONValue], usage: ScriptUsage)
  ) async throws -> (results: [JSONValue], usage: ScriptUsage) {
    let effects = Mutex<[JSONValue]>([])
    var entry: JSONValue = [
      "function": .string(function), "arguments": .array(arguments.map(Self.json)),
    ]
    defer {
      entry["effects"] = .array(effects.withLock { $0 })
      let finished = entry
      state.withLock { state in
        state.bundle = rule.bundle
        state.module = rule.module
        state.limits = limits
        state.runs.append(finished)
      }
    }
    do {
      let outcome = try await withoutActuallyEscaping(perform) { perform in
        try await run { effect in
          var noted: JSONValue = ["effect": Self.json(effect)]
          do {
            let answer = try await perform(effect)
            noted["answer"] = Self.json(answer)
            effects.withLock { $0.append(noted) }
            return answer
          } catch {
            noted["error"] = .string("\(error)")
            effects.withLock { $0.append(noted) }
            throw error
          }
        }
      }
      entry["results"] = .array(outcome.results)
      entry["usage"] = Self.json(outcome.usage)
      return outcome
    } catch let error as ScriptError {
      entry["error"] = Recording.json(of: error)
      entry["usage"] = Self.json(error.usage)
      throw error
    } catch {
      entry["ended"] = .string("\(error)")
      throw error
    }
  }

  private static func json(_ bytes: [UInt8]) -> JSONValue {
    (try? JSONValue(parsing: bytes)) ?? .string(String(decoding: bytes, as: UTF8.self))
  }

  private static func json(_ usage: ScriptUsage) -> JSONValue {
    [
      "instructions": .integer(Int64(usage.instructions)),
      "effects": .integer(Int64(usage.effects)), "peak_bytes": .integer(Int64(usage.peakMemory)),
    ]
  }

  /// The file's content; nil when no script ran.
  ///
  /// - Parameter sources: gives the scripts that a module needs.
  func finished(sources: (ScriptBundle, String) -> JSONValue) -> JSONValue? {
    let state = state.withLock { $0 }
    guard let bundle = state.bundle else { return nil }
    let content: JSONValue = [
      "format": 1, "recorded_at": .string(began.milliseconds),
      "object": [
        "kind": .string(kind), "namespace": .string(namespace), "name": .string(name),
      ],
      "rule": .string(state.module), "hash": .string(bundle.hash),
      "limits": Recording.json(of: state.limits), "runs": Redaction.redacted(.array(state.runs)),
      "sources": sources(bundle, state.module),
    ]
    return content
  }
}
