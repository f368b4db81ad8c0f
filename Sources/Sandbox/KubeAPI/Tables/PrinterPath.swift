package import JSONValue

/// The JSONPath subset of printer columns: members (with `\.` escapes or in brackets), elements,
/// `[*]`, and filters such as `[?(@.type=='Ready')]`.
package struct PrinterPath: Sendable {
  /// A path that cannot be read.
  package struct ParseError: Error, Sendable { let message: String }

  private enum Step: Sendable {
    case member(String)
    case element(Int)
    case all
    case filter(member: [String], equals: JSONValue, isNegated: Bool)
  }

  private let steps: [Step]

  static let nothing = PrinterPath(steps: [.element(.max)])

  private init(steps: [Step]) { self.steps = steps }

  /// Reads a path that starts with `.` (or `$`, or braces around it).
  package init(parsing text: String) throws(ParseError) {
    var rest = Substring(text)
    if rest.hasPrefix("{"), rest.hasSuffix("}") { rest = rest.dropFirst().dropLast() }
    if rest.hasPrefix("$") { rest = rest.dropFirst() }
    guard rest.isEmpty || rest.hasPrefix(".") || rest.hasPrefix("[") else {
      throw ParseError(message: "\(text) does not start with a dot")
    }
    var steps: [Step] = []
    while let first = rest.first {
      if first == "[" {
        guard let end = Self.closingBracket(rest) else {
          throw ParseError(message: "unterminated array")
        }
        steps.append(try Self.bracket(rest[rest.index(after: rest.startIndex)..<end]))
        rest = rest[rest.index(after: end)...]
      } else {
        if first == "." { rest = rest.dropFirst() }
        let (name, remaining) = Self.member(rest)
        rest = remaining
        if name == "*" { steps.append(.all) } else if !name.isEmpty { steps.append(.member(name)) }
      }
    }
    self.steps = steps
  }

  private static func closingBracket(_ text: Substring) -> Substring.Index? {
    var quote: Character?
    for index in text.indices {
      let character = text[index]
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "'" || character == "\"" {
        quote = character
      } else if character == "]" {
        return index
      }
    }
    return nil
  }

  private static func member(_ text: Substring) -> (String, Substring) {
    var name = ""
    var index = text.startIndex
    while index < text.endIndex, text[index] != ".", text[index] != "[" {
      if text[index] == "\\", text.index(after: index) < text.endIndex {
        index = text.index(after: index)
      }
      name.append(text[index])
      index = text.index(after: index)
    }
    return (name, text[index...])
  }

  private static func bracket(_ text: Substring) throws(ParseError) -> Step {
    if text == "*" { return .all }
    if let number = Int(text) { return .element(number) }
    if let name = quoted(text) { return .member(name) }
    guard text.hasPrefix("?("), text.hasSuffix(")") else {
      throw ParseError(message: "[\(text)] is neither a member, an element nor a filter")
    }
    let condition = text.dropFirst(2).dropLast()
    for sign in ["==", "!="] {
      guard let place = condition.firstRange(of: sign) else { continue }
      let left = trimmed(condition[..<place.lowerBound])
      let right = trimmed(condition[place.upperBound...])
      guard left.hasPrefix("@") else { continue }
      let value: JSONValue =
        quoted(right).map { .string($0) } ?? ((try? JSONValue(parsing: String(right))) ?? .null)
      let member = left.dropFirst().split(separator: ".").map(String.init)
      return .filter(member: member, equals: value, isNegated: sign == "!=")
    }
    throw ParseError(message: "\(text) is no filter that is known")
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.first == " " { text = text.dropFirst() }
    while text.last == " " { text = text.dropLast() }
    return text
  }

  private static func quoted(_ text: Substring) -> String? {
    guard text.count >= 2, let quote = text.first, quote == "'" || quote == "\"",
      text.last == quote
    else { return nil }
    return String(text.dropFirst().dropLast())
  }

  /// Everything the path leads to.
  package func results(in root: JSONValue) -> [JSONValue] {
    var current = [root]
    for step in steps {
      current = current.flatMap { Self.take(step, $0) }
      if current.isEmpty { return [] }
    }
    return current
  }

  private static func take(_ step: Step, _ value: JSONValue) -> [JSONValue] {
    switch step {
    case .member(let name): return value[name].map { [$0] } ?? []
    case .element(let position):
      guard let elements = value.arrayValue, position != .max else { return [] }
      let index = position < 0 ? elements.count + position : position
      return elements.indices.contains(index) ? [elements[index]] : []
    case .all:
      if let elements = value.arrayValue { return elements }
      return (value.objectValue ?? [:]).sorted { $0.key < $1.key }.map(\.value)
    case .filter(let member, let wanted, let isNegated):
      return (value.arrayValue ?? []).filter { element in
        guard let found = element.value(at: member) else { return false }
        return (found == wanted) != isNegated
      }
    }
  }
}
