/// What a page of metrics in Prometheus' text format has: names, labels, and histograms' bounds.
package struct ScrapeShape: Sendable {
  private var labels: [String: Set<String>] = [:]
  private var types: [String: String] = [:]
  private var bounds: [String: Double] = [:]

  /// Reads a page.
  package init(_ text: String) {
    for line in text.split(separator: "\n") {
      if line.hasPrefix("# TYPE ") {
        let words = line.split(separator: " ")
        if words.count == 4 { types[String(words[2])] = String(words[3]) }
      } else if !line.hasPrefix("#") {
        read(line)
      }
    }
  }

  private mutating func read(_ line: Substring) {
    let name = String(line.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == ":" })
    guard !name.isEmpty else { return }
    var found: Set<String> = []
    var rest = line.dropFirst(name.count)
    if rest.first == "{" {
      rest = rest.dropFirst()
      while let first = rest.first, first != "}" {
        let label = String(rest.prefix { $0 != "=" })
        rest = rest.dropFirst(label.count)
        guard rest.hasPrefix("=\"") else { break }
        rest = rest.dropFirst(2)
        var value = ""
        while let character = rest.first, character != "\"" {
          rest = rest.dropFirst()
          if character == "\\", let next = rest.first {
            value.append(next)
            rest = rest.dropFirst()
          } else {
            value.append(character)
          }
        }
        rest = rest.dropFirst()
        if rest.first == "," { rest = rest.dropFirst() }
        found.insert(label.filter { !$0.isWhitespace })
        if label == "le", let bound = Double(value), bound.isFinite {
          let family = name.hasSuffix("_bucket") ? String(name.dropLast(7)) : name
          bounds[family] = max(bounds[family] ?? bound, bound)
        }
      }
    }
    labels[name, default: []].formUnion(found)
  }

  /// Whether there is a metric of this name, a histogram's parts included.
  package func has(_ name: String) -> Bool {
    if labels[name] != nil || types[name] != nil { return true }
    return ["_bucket", "_sum", "_count"].contains { suffix in
      guard name.hasSuffix(suffix) else { return labels[name + suffix] != nil }
      return types[String(name.dropLast(suffix.count))] == "histogram"
    }
  }

  /// The labels of a metric; nil when it has no series, so that nobody can tell.
  package func labels(of name: String) -> Set<String>? {
    var all: Set<String>?
    for candidate in [name, name + "_bucket", name + "_sum", name + "_count"] {
      if let found = labels[candidate] { all = (all ?? []).union(found) }
    }
    return all
  }

  /// The largest finite bound of a histogram; nil when it is none, or has no series.
  package func largestBound(of histogram: String) -> Double? { bounds[histogram] }

  /// All names, to suggest one.
  package var names: [String] { Set(labels.keys).union(types.keys).sorted() }
}
