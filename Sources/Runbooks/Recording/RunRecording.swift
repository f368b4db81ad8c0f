import Engine
package import JSONValue
package import LuaBridge
import Synchronization

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
  /// The scripts of then; none in a recording that was made without them.
  package let sources: [ScriptSource]
  /// What came of it then; nil in recordings of before 0.12.
  package let report: JSONValue?
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
    report = value["report"]
    only = value["only"]?.arrayValue.map { Set($0.compactMap(\.stringValue)) }
  }

  /// The report of then, or what other scripts make of the same world.
  ///
  /// - Parameters:
  ///   - bundle: the scripts to run; nil for those of the recording.
  ///   - scripts: what runs them.
  /// - Throws: `ReadError` when the scripts have no such runbook, `RunbookError` for one that is wrong.
  package func replay(
    with bundle: ScriptBundle? = nil, limits: ScriptLimits = ScriptLimits(),
    scripts: ScriptRunner = ScriptRunner()
  ) async throws -> RunReport {
    let runbooks = try runbooks(in: bundle)
    let runner = RunbookRunner(
      answers: world, situation: situation, time: .system(), limits: limits, scripts: scripts,
      events: events)
    return await runner.run(runbooks, only: only)
  }

  /// The world of then, recorded anew as other scripts ask for it, with what comes of it.
  package func rerecorded(
    with bundle: ScriptBundle?, hasSources: Bool
  ) async throws -> (report: RunReport, content: JSONValue) {
    let runbooks = try runbooks(in: bundle)
    let recorder = RunbookRecorder(world: world)
    let runner = RunbookRunner(
      answers: recorder, situation: situation, time: .system(), observer: recorder, events: events)
    let report = await runner.run(runbooks, only: only)
    var content = recorder.finished(
      runbooks, situation: situation, only: only, report: report, hasSources: hasSources)
    content["events"] = Self.json(of: events)
    return (report, content)
  }

  private var world: RecordedWorld { RecordedWorld(effects: effects, answers: answers) }

  private func runbooks(in bundle: ScriptBundle?) throws -> [RunbookDescription] {
    let bundle = try bundle ?? ScriptBundle(sources: sources)
    return try modules.map { module in
      guard bundle.source(of: module) != nil else {
        throw ReadError(
          description: sources.isEmpty
            ? "the recording has no scripts, and the scripts have no \(module)"
            : "the scripts have no \(module), which the recording runs")
      }
      return try RunbookDescription(module: module, in: bundle)
    }
  }

  /// As a file keeps it.
  static func json(of events: [String: [RunbookRunner.RunEvent]]) -> JSONValue {
    .object(
      events.mapValues { events in
        .array(
          events.map { event in
            var json: JSONValue = [
              "kind": .string(event.kind.rawValue), "ms": .integer(event.milliseconds),
            ]
            json["subject"] = event.subject.map { .string($0) }
            return json
          })
      })
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
