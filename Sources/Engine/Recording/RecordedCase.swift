import JSONValue

extension Recording {
  /// A run of the recording as a file of cases for `scripts test`.
  ///
  /// - Parameter number: of the run, counted from 1; nil for the last that did more than to look
  ///   and returned, or else the last.
  /// - Throws: when the run cannot be a case.
  package func caseFile(run number: Int? = nil) throws(ReadError) -> String {
    let place =
      number.map { $0 - 1 } ?? runs.lastIndex { $0.function != "observe" && $0.results != nil }
      ?? runs.count - 1
    guard runs.indices.contains(place) else {
      throw ReadError(description: "there is no such run: the recording has \(runs.count)")
    }
    let run = runs[place]
    guard let results = run.results else {
      throw ReadError(
        description: "run \(place + 1) (\(run.function)) did not end by returning: no case can "
          + "expect that")
    }
    var item: JSONValue = [
      "name": .string("does as on \(recordedAt) for \(object)"), "call": .string(run.function),
    ]
    let context = run.arguments.first ?? [:]
    item["spec"] = context.value(at: "spec", "forProvider") ?? [:]
    for name in ["external_name", "created_after", "stored", "objects", "now_ms"] {
      item[name] = context[name]
    }
    item["resource"] = Self.change(of: context)
    if run.arguments.count > 1 { item["observed"] = run.arguments[1] }
    let answers = run.effects.compactMap(Self.answer)
    if !answers.isEmpty { item["answers"] = .array(answers) }
    item["expect"] = Self.expectation(results, run.effects)
    return """
      -- Made by `provider-discord scripts replay --save-case` from a run of scripts \(hash.prefix(12)).
      -- Say in the name what it shows, and take out what does not matter.
      local cases = {
        \(LuaLiteral.text(of: item, indent: 1)),
      }

      return { rule = \(LuaLiteral.text(of: .string(rule))), cases = cases }

      """
  }

  /// What makes the recorded object of the one that a case has anyway.
  private static func change(of context: JSONValue) -> JSONValue? {
    guard let resource = context["resource"] else { return nil }
    var metadata: JSONValue = ["name": "case", "namespace": "default"]
    if let name = context["external_name"] {
      metadata["annotations"] = .object([Annotation.externalName: name])
    }
    var plain: JSONValue = ["metadata": metadata]
    plain["apiVersion"] = resource["apiVersion"]
    plain["kind"] = resource["kind"]
    plain["spec"] = ["forProvider": context.value(at: "spec", "forProvider") ?? [:]]
    let change = JSONValue.mergePatch(from: plain, to: resource)
    return change == [:] ? nil : change
  }

  private static func answer(_ entry: JSONValue) -> JSONValue? {
    guard let effect = entry["effect"], let name = effect["effect"]?.stringValue, name != "log",
      let given = entry["answer"]
    else { return nil }
    var answer: JSONValue = [:]
    if name != "discord.request" { answer["effect"] = .string(name) }
    answer["method"] = effect["method"]
    answer["path"] = effect["path"]
    if given["ok"]?.boolValue == true {
      answer["body"] = given["body"]
      return answer
    }
    for name in ["status", "code", "message", "errors"] { answer[name] = given[name] }
    return answer
  }

  private static func expectation(_ results: [JSONValue], _ effects: [JSONValue]) -> JSONValue {
    var expectation: JSONValue = [:]
    let requests = effects.compactMap { $0["effect"] }
      .filter { $0["effect"]?.stringValue == "discord.request" }
      .map { effect -> JSONValue in
        var request = effect
        request["effect"] = nil
        return request
      }
    if !requests.isEmpty { expectation["effects"] = .array(requests) }
    let value = results.first ?? .null
    if value.isNull, results.count > 1 {
      expectation["failure"] = results[1]
    } else {
      expectation["result"] = value
    }
    return expectation
  }
}

/// Writes values as Lua.
enum LuaLiteral {
  /// The value; tables over several lines unless they are short.
  static func text(of value: JSONValue, indent: Int = 0) -> String {
    let blanks = String(repeating: "  ", count: indent + 1)
    let close = String(repeating: "  ", count: indent)
    switch value {
    case .null: return "null"
    case .string(let text): return quoted(text)
    case .array(let elements):
      guard !elements.isEmpty else { return "array({})" }
      let parts = elements.map { text(of: $0, indent: indent + 1) }
      return table(parts, blanks, close)
    case .object(let members):
      guard !members.isEmpty else { return "{}" }
      let parts = members.sorted { $0.key < $1.key }.map { member in
        "\(key(member.key)) = \(text(of: member.value, indent: indent + 1))"
      }
      return table(parts, blanks, close)
    case .integer(.min): return "math.mininteger"
    default: return value.serializedText()
    }
  }

  private static func table(_ parts: [String], _ blanks: String, _ close: String) -> String {
    let short = "{ \(parts.joined(separator: ", ")) }"
    if short.count + blanks.count <= 80, !short.contains("\n") { return short }
    return "{\n" + parts.map { "\(blanks)\($0),\n" }.joined() + close + "}"
  }

  private static func key(_ name: String) -> String {
    let isName =
      name.utf8.first.map { !(48...57).contains($0) } == true
      && name.utf8.allSatisfy {
        (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95
      }
    return isName && !LuaToken.keywords.contains(name) ? name : "[\(quoted(name))]"
  }

  private static func quoted(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "\"") { result, scalar in
      switch scalar {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value)
        result += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    } + "\""
  }
}
