import JSONValue
package import LuaBridge
import Synchronization

/// Runs the scripts of a recording again, with the answers of then, and compares.
package struct Replay: Sendable {
  /// Something that came out otherwise.
  package struct Difference: Sendable, Hashable {
    /// Of the recording's runs, counted from 1.
    package let run: Int
    package let function: String
    package let problem: CaseProblem
  }

  private let recording: Recording
  private let bundle: ScriptBundle

  /// - Parameter bundle: the scripts to run; those of the recording if it is nil.
  /// - Throws: `ScriptBundleError` when the recorded scripts do not compile.
  package init(_ recording: Recording, with bundle: ScriptBundle? = nil) throws {
    self.recording = recording
    self.bundle = try bundle ?? ScriptBundle(sources: recording.sources)
  }

  /// Replays every run; empty when all came out as recorded.
  package func differences() async -> [Difference] {
    var found: [Difference] = []
    for (place, run) in recording.runs.enumerated() {
      for problem in await problems(of: run) {
        found.append(Difference(run: place + 1, function: run.function, problem: problem))
      }
    }
    return found
  }

  /// The recording has no answer, because the engine ended the run here, or the script asked for
  /// something else.
  private struct Ended: Error {}

  private func problems(of run: Recording.Run) async -> [CaseProblem] {
    let state = Mutex<(next: Int, problems: [CaseProblem])>((0, []))
    do {
      let outcome = try await ScriptRunner().run(
        bundle, module: recording.rule, function: run.function,
        arguments: run.arguments.map { $0.serialized() }, limits: recording.limits
      ) { (effect: JSONValue) in
        try state.withLock { state in
          let place = "effects[\(state.next + 1)]"
          guard state.next < run.effects.count else {
            state.problems.append(
              CaseProblem(place, expected: nil, actual: effect, message: "was not asked for then"))
            throw Ended()
          }
          let recorded = run.effects[state.next]
          state.next += 1
          let differences = CaseComparison.exact(
            recorded["effect"] ?? .null, Redaction.redacted(effect), at: place)
          state.problems += differences
          // After another request, the answer of then means nothing.
          guard differences.isEmpty, let answer = recorded["answer"] else { throw Ended() }
          return answer
        }
      }
      var problems = state.withLock { $0 }
      if problems.next < run.effects.count {
        problems.problems.append(
          CaseProblem(
            "effects[\(problems.next + 1)]",
            expected: run.effects[problems.next]["effect"], actual: nil,
            message: "is not asked for now"))
      }
      guard let results = run.results else {
        let then = run.error.map { "then it failed: \($0)" } ?? "then the engine ended the run"
        return problems.problems + [
          CaseProblem("results", expected: nil, actual: .array(outcome.results), message: then)
        ]
      }
      let differences = CaseComparison.exact(
        .array(results), Redaction.redacted(.array(outcome.results)), at: "results")
      return problems.problems + differences
    } catch let error as ScriptError {
      let now = Redaction.redacted(Recording.json(of: error))
      guard let then = run.error else {
        return [CaseProblem("results", "now it fails: \(error)")]
      }
      return CaseComparison.exact(then, now, at: "error")
    } catch is Ended {
      return state.withLock { $0.problems }
    } catch {
      return [CaseProblem("", "\(error)")]
    }
  }
}
