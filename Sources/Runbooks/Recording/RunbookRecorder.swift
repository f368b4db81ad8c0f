import Engine
package import JSONValue
import LuaBridge
import Synchronization

/// Everything that made a report what it is: the situation, each answer of the outside world, and in
/// which order things happened. No secret is in it: answers lose theirs before anybody sees them.
package final class RunbookRecorder: EffectAnswering, RunbookRunner.Observer {
  private struct State {
    /// By run: effects with the place of their answer.
    var effects: [String: [JSONValue]] = [:]
    var answers: [JSONValue] = []
    var places: [JSONValue: Int] = [:]
    var events: [String: [RunbookRunner.RunEvent]] = [:]

    /// The same with the answers in the order of the runs' names: which of them was first is chance, and
    /// a file that is made anew should differ by what is new.
    func settled() -> State {
      var settled = State()
      settled.events = events
      for (key, asked) in effects.sorted(by: { $0.key < $1.key }) {
        for var entry in asked {
          let answer = answers[Int(entry["answer"]?.integerValue ?? 0)]
          entry["answer"] = .integer(Int64(settled.place(of: answer)))
          settled.effects[key, default: []].append(entry)
        }
      }
      return settled
    }

    /// Ten checks that ask the same get the same answer, which is kept once.
    mutating func place(of answer: JSONValue) -> Int {
      if let known = places[answer] { return known }
      places[answer] = answers.count
      answers.append(answer)
      return answers.count - 1
    }
  }

  private let world: any EffectAnswering
  private let next: (any RunbookRunner.Observer)?
  private let state = Mutex(State())

  /// - Parameter next: gets what this observer gets.
  package init(
    world: any EffectAnswering, next: (any RunbookRunner.Observer)? = nil
  ) {
    self.world = world
    self.next = next
  }

  package func answer(_ effect: JSONValue, for key: ScriptRunKey) async -> JSONValue {
    let answer = await world.answer(effect, for: key)
    state.withLock { state in
      let place = state.place(of: answer)
      state.effects[key.description, default: []].append([
        "effect": effect, "answer": .integer(Int64(place)),
      ])
    }
    return answer
  }

  package func ended(
    _ check: CheckDescription, of runbook: RunbookDescription, with outcome: Outcome
  ) {
    next?.ended(check, of: runbook, with: outcome)
  }

  package func happened(_ event: RunbookRunner.RunEvent, in runbook: String) {
    state.withLock { $0.events[runbook, default: []].append(event) }
    next?.happened(event, in: runbook)
  }

  /// The file's content.
  ///
  /// - Parameters:
  ///   - only: the checks that were asked for; nil for all.
  ///   - report: what came of it.
  ///   - hasSources: whether the scripts are in it as well.
  package func finished(
    _ runbooks: [RunbookDescription], situation: RunbookSituation, only: Set<String>?,
    report: RunReport, hasSources: Bool = true
  ) -> JSONValue {
    let state = state.withLock { $0 }.settled()
    var modules: Set<String> = []
    for runbook in runbooks {
      modules.formUnion(ScriptDependencies.modules(of: runbook.module, in: runbook.bundle))
    }
    let bundle = runbooks.first?.bundle
    var content: JSONValue = [
      "format": "runbook-recording/v1", "situation": situation.json,
      "runbooks": .array(runbooks.map { .string($0.module) }),
      "events": RunRecording.json(of: state.events),
      "effects": .object(state.effects.mapValues { .array($0) }),
      "answers": .array(state.answers), "report": JSONReport.value(of: report),
    ]
    if hasSources {
      content["sources"] = .array(
        modules.sorted().compactMap { bundle?.source(of: $0) }.map {
          [
            "module": .string($0.module), "path": .string($0.path),
            "text": .string(String(decoding: $0.text, as: UTF8.self)),
          ]
        })
    }
    content["only"] = only.map { .array($0.sorted().map { .string($0) }) }
    return content
  }
}
