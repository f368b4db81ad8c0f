import JSONValue

/// One series of a metric at a moment.
package struct MetricSeries: Sendable, Hashable {
  package var name: String
  package var labels: [String: String]
  package var value: Double

  /// Makes a series.
  package init(name: String, labels: [String: String], value: Double) {
    self.name = name
    self.labels = labels
    self.value = value
  }
}

/// A page of /metrics in Prometheus' text format.
package enum MetricText {
  /// The series of a page; lines that are none are left out.
  package static func parse(_ bytes: [UInt8]) -> [MetricSeries] {
    bytes.split(separator: 10).compactMap { line in
      line.first == 35 ? nil : series(line)
    }
  }

  /// The metrics that a page declares, with their types: also those that have no series yet.
  package static func declared(_ bytes: [UInt8]) -> [String: String] {
    var types: [String: String] = [:]
    for line in bytes.split(separator: 10) where line.first == 35 {
      let words = line.split(separator: 32).map { String(decoding: $0, as: UTF8.self) }
      if words.count == 4, words[1] == "TYPE" { types[words[2]] = words[3] }
    }
    return types
  }

  private static func series(_ line: ArraySlice<UInt8>) -> MetricSeries? {
    var place = line.startIndex
    func isName(_ byte: UInt8) -> Bool {
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        || byte == 95 || byte == 58
    }
    func word() -> String {
      let start = place
      while place < line.endIndex, isName(line[place]) { place += 1 }
      return String(decoding: line[start..<place], as: UTF8.self)
    }
    func skip(_ bytes: [UInt8]) {
      while place < line.endIndex, bytes.contains(line[place]) { place += 1 }
    }
    let name = word()
    guard !name.isEmpty else { return nil }
    var labels: [String: String] = [:]
    if place < line.endIndex, line[place] == 123 {
      place += 1
      while place < line.endIndex, line[place] != 125 {
        skip([32, 44])
        if place < line.endIndex, line[place] == 125 { break }
        let label = word()
        skip([32])
        guard place < line.endIndex, line[place] == 61, !label.isEmpty else { return nil }
        place += 1
        skip([32])
        guard place < line.endIndex, line[place] == 34 else { return nil }
        place += 1
        var text: [UInt8] = []
        while place < line.endIndex, line[place] != 34 {
          if line[place] == 92, place + 1 < line.endIndex {
            place += 1
            text.append(line[place] == 110 ? 10 : line[place])
          } else {
            text.append(line[place])
          }
          place += 1
        }
        guard place < line.endIndex else { return nil }
        place += 1
        labels[label] = String(decoding: text, as: UTF8.self)
      }
      guard place < line.endIndex else { return nil }
      place += 1
    }
    let rest = line[place...].split(separator: 32)
    guard let first = rest.first, let value = number(String(decoding: first, as: UTF8.self))
    else { return nil }
    return MetricSeries(name: name, labels: labels, value: value)
  }

  /// A number as Prometheus writes it.
  static func number(_ text: String) -> Double? {
    switch text {
    case "+Inf", "Inf": .infinity
    case "-Inf": -.infinity
    case "NaN": .nan
    default: Double(text)
    }
  }
}

/// Which series of a metric are meant.
struct LabelSelection: Sendable {
  enum Matcher: Sendable {
    case oneOf(Set<String>)
    case noneOf(Set<String>)
  }

  private let matchers: [(label: String, matcher: Matcher)]

  /// Reads `labels` of an effect: a text, an array of texts, or `{ not = … }`.
  init(_ value: JSONValue?) throws(SourceFailure) {
    var matchers: [(String, Matcher)] = []
    for (label, wanted) in (value?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
      guard Self.isName(label) else { throw SourceFailure(.refused, "\"\(label)\" is no label") }
      if let excluded = wanted["not"] {
        matchers.append((label, .noneOf(try Self.texts(excluded, label))))
      } else {
        matchers.append((label, .oneOf(try Self.texts(wanted, label))))
      }
    }
    self.matchers = matchers
  }

  private static func texts(
    _ value: JSONValue, _ label: String
  ) throws(SourceFailure) -> Set<String> {
    if let text = value.stringValue { return [text] }
    if let elements = value.arrayValue, !elements.isEmpty {
      let texts = elements.compactMap(\.stringValue)
      if texts.count == elements.count { return Set(texts) }
    }
    throw SourceFailure(.refused, "label \(label): a text, texts, or { [\"not\"] = … } is meant")
  }

  /// Whether a series is meant; a label that it lacks is empty.
  func matches(_ series: MetricSeries) -> Bool {
    matchers.allSatisfy { label, matcher in
      let text = series.labels[label] ?? ""
      switch matcher {
      case .oneOf(let wanted): return wanted.contains(text)
      case .noneOf(let excluded): return !excluded.contains(text)
      }
    }
  }

  /// As PromQL has it, with further labels that must be equal: `{a="b",c!~"d|e"}`.
  func promQL(and fixed: [String: String]) -> String {
    var parts = fixed.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.quoted($0.value))" }
    for (label, matcher) in matchers {
      switch matcher {
      case .oneOf(let texts): parts.append(label + Self.comparison(texts, "=", "=~"))
      case .noneOf(let texts): parts.append(label + Self.comparison(texts, "!=", "!~"))
      }
    }
    return parts.isEmpty ? "" : "{\(parts.joined(separator: ","))}"
  }

  private static func comparison(_ texts: Set<String>, _ one: String, _ many: String) -> String {
    let sorted = texts.sorted()
    if sorted.count == 1 { return one + quoted(sorted[0]) }
    return many + quoted(sorted.map(escaped).joined(separator: "|"))
  }

  private static func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      if #"\.+*?()|[]{}^$"#.contains(character) { result.append("\\") }
      result.append(character)
    }
  }

  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for character in text {
      switch character {
      case "\\": quoted += "\\\\"
      case "\"": quoted += "\\\""
      case "\n": quoted += "\\n"
      default: quoted.append(character)
      }
    }
    return quoted + "\""
  }

  static func isName(_ text: String) -> Bool {
    text.utf8.first.map { !(48...57).contains($0) } == true
      && text.utf8.allSatisfy {
        (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95
          || $0 == 58
      }
  }
}
