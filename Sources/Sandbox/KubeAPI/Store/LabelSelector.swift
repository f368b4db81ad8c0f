package import JSONValue

/// A label selector as in a query: `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
package struct LabelSelector: Sendable {
  private enum Requirement: Sendable {
    case within(String, Set<String>)
    case notWithin(String, Set<String>)
    case exists(String)
    case missing(String)
    case greater(String, Int64)
    case less(String, Int64)
  }

  private let requirements: [Requirement]

  /// Whether every object fits.
  package var isEmpty: Bool { requirements.isEmpty }

  /// Parses a selector; empty text selects everything.
  package init(parsing text: String) throws(APIStatusError) {
    var requirements: [Requirement] = []
    for part in Self.parts(of: text) {
      guard let requirement = Self.requirement(part) else {
        throw .badRequest(
          "unable to parse requirement: found '\(part)', expected: a label selector")
      }
      requirements.append(requirement)
    }
    self.requirements = requirements
  }

  private static func parts(of text: String) -> [String] {
    var parts: [String] = []
    var current = ""
    var depth = 0
    for character in text {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if character == ",", depth == 0 {
        parts.append(current)
        current = ""
      } else {
        current.append(character)
      }
    }
    parts.append(current)
    return parts.map { trimmed($0) }.filter { !$0.isEmpty }
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }

  private static func requirement(_ text: String) -> Requirement? {
    if text.hasPrefix("!") { return .missing(trimmed(text.dropFirst())) }
    for word in ["notin", "in"] {
      guard let place = text.firstRange(of: " \(word) ") ?? text.firstRange(of: " \(word)("),
        let open = text[place.lowerBound...].firstIndex(of: "("), text.hasSuffix(")")
      else { continue }
      let key = trimmed(text[..<place.lowerBound])
      let list = text[text.index(after: open)...].dropLast()
      let values = Set(
        list.split(separator: ",", omittingEmptySubsequences: false).map { trimmed($0) })
      return word == "in" ? .within(key, values) : .notWithin(key, values)
    }
    for sign in ["!=", "==", "=", ">", "<"] {
      guard let place = text.firstRange(of: sign) else { continue }
      let key = trimmed(text[..<place.lowerBound])
      let value = trimmed(text[place.upperBound...])
      switch sign {
      case "!=": return .notWithin(key, [value])
      case ">": return Int64(value).map { .greater(key, $0) }
      case "<": return Int64(value).map { .less(key, $0) }
      default: return .within(key, [value])
      }
    }
    return text.contains(" ") ? nil : .exists(text)
  }

  /// Whether an object's labels fit.
  package func matches(_ object: JSONValue) -> Bool {
    if requirements.isEmpty { return true }
    let labels = object.metadataLabels
    return requirements.allSatisfy { requirement in
      switch requirement {
      case .within(let key, let values): labels[key].map(values.contains) ?? false
      case .notWithin(let key, let values): labels[key].map { !values.contains($0) } ?? true
      case .exists(let key): labels[key] != nil
      case .missing(let key): labels[key] == nil
      case .greater(let key, let bound):
        labels[key].flatMap { Int64($0) }.map { $0 > bound } ?? false
      case .less(let key, let bound): labels[key].flatMap { Int64($0) }.map { $0 < bound } ?? false
      }
    }
  }
}
