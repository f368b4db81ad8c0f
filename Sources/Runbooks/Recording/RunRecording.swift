import Engine
package import JSONValue
package import LuaBridge
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
      // Ten checks that ask the same get the same answer, which is kept once.
      let place = state.places[answer] ?? state.answers.count
      if place == state.answers.count {
        state.answers.append(answer)
        state.places[answer] = place
      }
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
  /// - Parameter only: the checks that were asked for; nil for all.
  package func finished(
    _ runbooks: [RunbookDescription], situation: RunbookSituation, only: Set<String>?
  ) -> JSONValue {
    let state = state.withLock { $0 }
    var modules: Set<String> = []
    for runbook in runbooks {
      modules.formUnion(ScriptDependencies.modules(of: runbook.module, in: runbook.bundle))
    }
    let bundle = runbooks.first?.bundle
    var content: JSONValue = [
      "format": "runbook-recording/v1", "situation": situation.json,
      "runbooks": .array(runbooks.map { .string($0.module) }),
      "events": .object(
        state.events.mapValues { events in
          .array(
            events.map { event in
              var json: JSONValue = [
                "kind": .string(event.kind.rawValue), "ms": .integer(event.milliseconds),
              ]
              json["subject"] = event.subject.map { .string($0) }
              return json
            })
        }),
      "effects": .object(state.effects.mapValues { .array($0) }),
      "answers": .array(state.answers),
      "sources": .array(
        modules.sorted().compactMap { bundle?.source(of: $0) }.map {
          [
            "module": .string($0.module), "path": .string($0.path),
            "text": .string(String(decoding: $0.text, as: UTF8.self)),
          ]
        }),
    ]
    content["only"] = only.map { .array($0.sorted().map { .string($0) }) }
    return content
  }
}

/// A recording, to be run again.
package struct RunRecording: Sendable {
  /// A file that is no recording, or does not fit.
  package struct ReadError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
  }

  /// The modules, in the report's order.
  package let modules: [String]
  package let situation: RunbookSituation
  package let events: [String: [RunbookRunner.RunEvent]]
  package let sources: [ScriptSource]
  package let only: Set<String>?
  private let effects: [String: [JSONValue]]
  private let answers: [JSONValue]

  /// Reads a recording.
  package init(_ value: JSONValue) throws(ReadError) {
    guard value["format"]?.stringValue == "runbook-recording/v1",
      let situation = value["situation"], let modules = value["runbooks"]?.arrayValue,
      let answers = value["answers"]?.arrayValue
    else {
      throw ReadError(description: "this is no recording of provider-discord runbook run --record")
    }
    self.modules = modules.compactMap(\.stringValue)
    do {
      self.situation = try RunbookSituation(situation)
    } catch {
      throw ReadError(description: "the recording's situation: \(error)")
    }
    self.answers = answers
    effects = (value["effects"]?.objectValue ?? [:]).compactMapValues(\.arrayValue)
    events = (value["events"]?.objectValue ?? [:]).mapValues { list in
      (list.arrayValue ?? []).compactMap { event in
        guard let kind = event["kind"]?.stringValue.flatMap(RunbookRunner.RunEvent.Kind.init)
        else { return nil }
        return RunbookRunner.RunEvent(
          kind: kind, subject: event["subject"]?.stringValue,
          milliseconds: event["ms"]?.integerValue ?? 0)
      }
    }
    sources = (value["sources"]?.arrayValue ?? []).map {
      ScriptSource(
        module: $0["module"]?.stringValue ?? "", path: $0["path"]?.stringValue ?? "",
        text: Array(($0["text"]?.stringValue ?? "").utf8))
    }
    only = value["only"]?.arrayValue.map { Set($0.compactMap(\.stringValue)) }
  }

  /// The report of then, or what other scripts make of the same world.
  ///
  /// - Parameter bundle: the scripts to run; nil for those of the recording.
  package func replay(
    with bundle: ScriptBundle? = nil, limits: ScriptLimits = ScriptLimits()
  ) async throws -> RunReport {
    let bundle = try bundle ?? ScriptBundle(sources: sources)
    let runbooks = try modules.map { module in
      guard bundle.source(of: module) != nil else {
        throw ReadError(description: "the scripts have no \(module), which the recording runs")
      }
      return try RunbookDescription(module: module, in: bundle)
    }
    let runner = RunbookRunner(
      answers: RecordedWorld(effects: effects, answers: answers), situation: situation,
      time: .system(), limits: limits, events: events)
    return await runner.run(runbooks, only: only)
  }
}

/// Answers as a recording has them. Each run of a script gets its answers in its own order; a
/// question that was not asked then has no answer.
private final class RecordedWorld: EffectAnswering {
  private let answers: [JSONValue]
  private let effects: Mutex<[String: [JSONValue]]>

  init(effects: [String: [JSONValue]], answers: [JSONValue]) {
    self.answers = answers
    self.effects = Mutex(effects)
  }

  func answer(_ effect: JSONValue, for key: ScriptRunKey) async -> JSONValue {
    let place = effects.withLock { effects -> Int? in
      guard let index = effects[key.description]?.firstIndex(where: { $0["effect"] == effect })
      else { return nil }
      // Asked again, it gets the next answer to the same question, and the last one for good.
      let entry = effects[key.description]?[index]
      let isLast = effects[key.description]?.filter { $0["effect"] == effect }.count == 1
      if !isLast { effects[key.description]?.remove(at: index) }
      return entry?["answer"]?.integerValue.map { Int($0) }
    }
    guard let place, answers.indices.contains(place) else {
      return SourceFailure(.nodata, "the recording has no answer to this question").json
    }
    return answers[place]
  }
}

extension RunbookSituation {
  /// As a recording keeps it.
  var json: JSONValue {
    var head: JSONValue = [
      "namespace": .string(reportTarget.namespace),
      "deployment": .string(reportTarget.deployment), "flavour": .string(reportTarget.flavour),
      "reachable": .bool(reportTarget.isReachable),
    ]
    head["context"] = reportTarget.context.map { .string($0) }
    head["problem"] = reportTarget.problem.map { .string($0) }
    var json: JSONValue = [
      "now_ms": .integer(now.millisecondsSince1970), "since": .integer(since), "target": target,
      "values": values.json, "inputs": .array(inputs.map { .string($0) }), "head": head,
    ]
    json["alert"] = alert.map(AnswerRedaction.redacted)
    return json
  }

  /// Reads a recording's situation.
  init(_ value: JSONValue) throws(RunbookValues.ReadError) {
    let head = value["head"]
    self.init(
      now: Timestamp(millisecondsSince1970: value["now_ms"]?.integerValue ?? 0),
      since: value["since"]?.integerValue ?? 3600, target: value["target"] ?? [:],
      values: try RunbookValues(value["values"] ?? [:]), alert: value["alert"],
      inputs: (value["inputs"]?.arrayValue ?? []).compactMap(\.stringValue),
      reportTarget: ReportTarget(
        context: head?["context"]?.stringValue, namespace: head?["namespace"]?.stringValue ?? "",
        deployment: head?["deployment"]?.stringValue ?? "",
        flavour: head?["flavour"]?.stringValue ?? "helm",
        isReachable: head?["reachable"]?.boolValue ?? false,
        problem: head?["problem"]?.stringValue))
  }
}
