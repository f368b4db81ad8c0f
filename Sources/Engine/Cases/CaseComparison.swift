package import JSONValue

/// One way in which what came differs from what was expected.
package struct CaseProblem: Sendable, Hashable {
  /// Where, in Lua's counting: `result.diff[1].want`, `effects[2].body.topic`; empty for the whole.
  package let place: String
  /// What is wrong, when the two values do not say it alone.
  package let message: String?
  /// As JSON; nil when nothing is compared, "nothing" for what is missing.
  package let expected: String?
  package let actual: String?

  /// A problem without values to compare.
  package init(_ place: String, _ message: String) {
    self.place = place
    self.message = message
    expected = nil
    actual = nil
  }

  /// Two values that differ.
  package init(
    _ place: String, expected: JSONValue?, actual: JSONValue?, message: String? = nil
  ) {
    self.place = place
    self.message = message
    self.expected = Self.shown(expected)
    self.actual = Self.shown(actual)
  }

  private static func shown(_ value: JSONValue?) -> String {
    guard let text = value?.serializedText() else { return "nothing" }
    return text.count <= 600 ? text : text.prefix(600) + "…"
  }
}

/// Compares expectations with what came.
package enum CaseComparison {
  /// Of an object the given members, of an array all elements in order. `{}` and `[]` are anything
  /// empty or missing, null is null or missing.
  package static func result(
    _ want: JSONValue, _ got: JSONValue?, at place: String
  ) -> [CaseProblem] {
    switch want {
    case .null:
      return got == nil || got == .null
        ? [] : [CaseProblem(place, expected: want, actual: got)]
    case .object(let members):
      if members.isEmpty { return isEmpty(got) ? [] : [problem(want, got, place)] }
      guard let found = got?.objectValue else { return [problem(want, got, place)] }
      return members.sorted { $0.key < $1.key }.flatMap {
        result($0.value, found[$0.key], at: join(place, $0.key))
      }
    case .array(let elements):
      if elements.isEmpty { return isEmpty(got) ? [] : [problem(want, got, place)] }
      guard let found = got?.arrayValue else { return [problem(want, got, place)] }
      guard found.count == elements.count else {
        return [
          CaseProblem(
            place, expected: want, actual: got,
            message: "\(elements.count) elements expected, \(found.count) came")
        ]
      }
      return elements.indices.flatMap {
        result(elements[$0], found[$0], at: "\(place)[\($0 + 1)]")
      }
    default:
      return want == got ? [] : [problem(want, got, place)]
    }
  }

  /// Exactly equal: null and missing are two things.
  package static func exact(_ want: JSONValue, _ got: JSONValue?, at place: String) -> [CaseProblem]
  {
    guard let got else { return [problem(want, nil, place)] }
    return want.differences(to: got).map {
      CaseProblem(lua(place, $0.path), expected: $0.before, actual: $0.after)
    }
  }

  /// The requests, one by one.
  static func effects(_ want: [JSONValue], _ got: [JSONValue]) -> [CaseProblem] {
    var problems: [CaseProblem] = []
    for (offset, pair) in zip(want, got).enumerated() {
      for (key, value) in (pair.0.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
        problems += exact(value, pair.1[key], at: "effects[\(offset + 1)].\(key)")
      }
    }
    for (offset, value) in want.enumerated().dropFirst(got.count) {
      problems.append(
        CaseProblem("effects[\(offset + 1)]", expected: value, actual: nil, message: "not made"))
    }
    for (offset, value) in got.enumerated().dropFirst(want.count) {
      var shown = value
      shown["effect"] = nil
      problems.append(
        CaseProblem(
          "effects[\(offset + 1)]", expected: nil, actual: shown, message: "not expected"))
    }
    return problems
  }

  /// The members of a failure; `message` is a text that it contains, or several.
  package static func failure(_ want: JSONValue, _ got: JSONValue) -> [CaseProblem] {
    (want.objectValue ?? [:]).sorted { $0.key < $1.key }.flatMap { key, value -> [CaseProblem] in
      guard key == "message" else { return result(value, got[key], at: "failure.\(key)") }
      let message = got["message"]?.stringValue ?? ""
      let parts = (value.arrayValue ?? [value]).compactMap(\.stringValue)
      return parts.filter { !message.contains($0) }.map {
        CaseProblem(
          "failure.message", expected: .string($0), actual: got["message"],
          message: "does not contain the text")
      }
    }
  }

  private static func problem(
    _ want: JSONValue, _ got: JSONValue?, _ place: String
  ) -> CaseProblem {
    CaseProblem(place, expected: want, actual: got)
  }

  private static func isEmpty(_ value: JSONValue?) -> Bool {
    value == nil || value == .null || value == .object([:]) || value == .array([])
  }

  private static func join(_ place: String, _ key: String) -> String {
    place.isEmpty ? key : "\(place).\(key)"
  }

  /// A path of `JSONValue.differences`, whose elements count from 0, below a place.
  private static func lua(_ place: String, _ path: String) -> String {
    path.split(separator: ".").reduce(place) { place, part in
      Int(part).map { "\(place)[\($0 + 1)]" } ?? join(place, String(part))
    }
  }
}
