import Engine
import JSONValue
import Synchronization

/// Answers effects from what a case says.
final class CannedWorld: EffectAnswering {
  private let answers: [JSONValue]
  private let uses: Mutex<[Int]>

  init(_ answers: [JSONValue]) {
    self.answers = answers
    uses = Mutex([Int](repeating: 0, count: answers.count))
  }

  /// The answers that nothing asked for.
  var unused: [JSONValue] {
    let uses = uses.withLock { $0 }
    return answers.indices.filter { uses[$0] == 0 }.map { answers[$0] }
  }

  func answer(_ effect: JSONValue, for key: ScriptRunKey) async -> JSONValue {
    let place = uses.withLock { uses -> Int? in
      let place = answers.indices.first { place in
        let most = answers[place]["times"]?.integerValue.map { Int($0) } ?? .max
        return uses[place] < most && Self.fits(answers[place], effect)
      }
      if let place { uses[place] += 1 }
      return place
    }
    guard let answer = place.map({ answers[$0] }) else {
      return SourceFailure(
        .unreachable, "the case has no answer to \(effect.serializedText())"
      ).json
    }
    if let error = answer["error"], !error.isNull {
      return [
        "error": [
          "kind": error["kind"] ?? "error", "message": error["message"] ?? "as the case says",
        ]
      ]
    }
    var result: JSONValue = ["value": answer["value"] ?? .null]
    result["info"] = answer["info"] ?? ["source": "case"]
    return result
  }

  private static func fits(_ answer: JSONValue, _ effect: JSONValue) -> Bool {
    (answer.objectValue ?? [:]).allSatisfy { name, value in
      if ["value", "info", "error", "times"].contains(name) { return true }
      return CaseComparison.result(value, effect[name], at: name).isEmpty
    }
  }
}
