package import Engine
package import JSONValue
import Synchronization

/// Everything that runbooks can ask, behind one door: dispatches an effect to its source, gives each
/// a deadline, asks equal questions once in a run, and lets no token through.
package final class OutsideWorld: Sendable {
  private let sources: [String: any EffectSource]
  private let time: TimeSource
  private let deadline: Duration
  private let asked = Mutex<[JSONValue: Task<JSONValue, Never>]>([:])

  /// - Parameters:
  ///   - sources: by the part of an effect's name before the dot.
  ///   - deadline: the most that one effect may take.
  package init(
    sources: [String: any EffectSource], time: TimeSource, deadline: Duration = .seconds(5)
  ) {
    self.sources = sources
    self.time = time
    self.deadline = deadline
  }

  /// The answer in the shape that `lib.answer` unwraps.
  package func answer(_ effect: JSONValue) async -> JSONValue {
    let task = asked.withLock { asked in
      if let known = asked[effect] { return known }
      // Of its own: a check that is cancelled must not take the answer from the others.
      let task = Task { await self.ask(effect) }
      asked[effect] = task
      return task
    }
    return await task.value
  }

  private func ask(_ effect: JSONValue) async -> JSONValue {
    let name = effect["effect"]?.stringValue ?? ""
    let family = String(name.prefix { $0 != "." })
    guard let source = sources[family] else {
      return SourceFailure(.unconfigured, "nothing here answers \(name)").json
    }
    let answer = await Deadline.first(within: deadline, time: time) { () -> JSONValue in
      do throws(SourceFailure) {
        return AnswerRedaction.redacted(try await source.answer(name, effect).json)
      } catch {
        return error.json
      }
    }
    return answer
      ?? SourceFailure(.timeout, "no answer within \(CheckGraph.text(deadline))").json
  }
}
