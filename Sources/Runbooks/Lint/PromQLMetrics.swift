/// The metrics of a PromQL expression: its selectors with their matchers, and the labels that
/// aggregations keep. No parser: enough to hold names against a scrape.
enum PromQLMetrics {
  static func uses(in expression: String, line: Int) -> [MetricUse] {
    let bytes = Array(expression.utf8)
    var uses: [MetricUse] = []
    var grouped: Set<String> = []
    var place = 0
    while place < bytes.count {
      guard let word = word(bytes, at: &place) else { continue }
      var next = place
      while next < bytes.count, bytes[next] == 32 || bytes[next] == 10 { next += 1 }
      if word == "by", next < bytes.count, bytes[next] == UInt8(ascii: "(") {
        let close = bytes[next...].firstIndex(of: UInt8(ascii: ")")) ?? bytes.count
        let inner = String(decoding: bytes[(next + 1)..<close], as: UTF8.self)
        grouped.formUnion(
          inner.split { $0 == "," || $0.isWhitespace }.map(String.init))
        place = close
      } else if MetricUse.isMetric(word) {
        var labels: Set<String> = []
        if next < bytes.count, bytes[next] == UInt8(ascii: "{") {
          (labels, place) = matchers(bytes, from: next)
        }
        uses.append(MetricUse(name: word, labels: labels, line: line))
      }
    }
    return uses.map {
      MetricUse(name: $0.name, labels: $0.labels.union(grouped), line: $0.line)
    }
  }

  private static func matchers(_ bytes: [UInt8], from start: Int) -> (Set<String>, Int) {
    var labels: Set<String> = []
    var place = start + 1
    while place < bytes.count, bytes[place] != UInt8(ascii: "}") {
      guard let word = word(bytes, at: &place) else { continue }
      if place < bytes.count, [UInt8(ascii: "="), UInt8(ascii: "!")].contains(bytes[place]) {
        labels.insert(word)
      }
    }
    return (labels, min(place + 1, bytes.count))
  }

  /// The name at this place, which is then behind it; nil when something else is there, over which the
  /// place is moved: a text as a whole.
  private static func word(_ bytes: [UInt8], at place: inout Int) -> String? {
    if bytes[place] == UInt8(ascii: "\"") {
      place = end(ofText: bytes, from: place)
      return nil
    }
    guard isName(bytes[place]) else {
      place += 1
      return nil
    }
    let start = place
    while place < bytes.count, isName(bytes[place]) { place += 1 }
    return String(decoding: bytes[start..<place], as: UTF8.self)
  }

  private static func end(ofText bytes: [UInt8], from start: Int) -> Int {
    var place = start + 1
    while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
      place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(place + 1, bytes.count)
  }

  private static func isName(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
      || byte == 95 || byte == 58
  }
}
