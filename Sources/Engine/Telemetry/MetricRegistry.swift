import Synchronization

/// Counts, and renders what it counted in the Prometheus text format.
package final class MetricRegistry: Sendable {
  private struct Histogram {
    var counts: [UInt64]
    var sum = 0.0
    var count: UInt64 = 0
  }

  private struct State {
    var families: [String: MetricFamily] = [:]
    var values: [String: [[String]: Double]] = [:]
    var histograms: [String: [[String]: Histogram]] = [:]
    var collectors: [@Sendable (MetricRegistry) -> Void] = []
  }

  private let state = Mutex(State())

  /// Makes an empty registry.
  package init() {}

  /// Makes a family known, so that it is listed before its first sample.
  package func register(_ families: MetricFamily...) {
    state.withLock { state in
      for family in families { state.families[family.name] = family }
    }
  }

  /// Adds a function that sets gauges just before each scrape.
  package func collect(_ collector: @escaping @Sendable (MetricRegistry) -> Void) {
    state.withLock { $0.collectors.append(collector) }
  }

  /// Adds to a counter or gauge.
  package func add(_ family: MetricFamily, _ labels: [String] = [], _ amount: Double = 1) {
    state.withLock { state in
      state.families[family.name] = family
      state.values[family.name, default: [:]][labels, default: 0] += amount
    }
  }

  /// Begins a counter or a histogram at zero, so that its first increase is seen as one.
  package func begin(_ family: MetricFamily, _ labels: [String]) {
    state.withLock { state in
      state.families[family.name] = family
      if family.kind == .histogram {
        guard state.histograms[family.name]?[labels] == nil else { return }
        state.histograms[family.name, default: [:]][labels] = Histogram(
          counts: Array(repeating: 0, count: family.buckets.count))
      } else if state.values[family.name]?[labels] == nil {
        state.values[family.name, default: [:]][labels] = 0
      }
    }
  }

  /// Sets a gauge.
  package func set(_ family: MetricFamily, _ labels: [String] = [], to value: Double) {
    state.withLock { state in
      state.families[family.name] = family
      state.values[family.name, default: [:]][labels] = value
    }
  }

  /// Sets a gauge unless it is higher already.
  package func raise(_ family: MetricFamily, _ labels: [String] = [], to value: Double) {
    state.withLock { state in
      state.families[family.name] = family
      let old = state.values[family.name]?[labels] ?? value
      state.values[family.name, default: [:]][labels] = max(old, value)
    }
  }

  /// Removes all samples of a gauge, so that what no longer exists is no longer reported.
  package func clear(_ family: MetricFamily) {
    state.withLock { $0.values[family.name] = nil }
  }

  /// Adds an observation to a histogram.
  package func observe(_ family: MetricFamily, _ labels: [String] = [], _ value: Double) {
    state.withLock { state in
      state.families[family.name] = family
      var histogram =
        state.histograms[family.name]?[labels]
        ?? Histogram(counts: Array(repeating: 0, count: family.buckets.count))
      for (position, bound) in family.buckets.enumerated() where value <= bound {
        histogram.counts[position] += 1
      }
      histogram.sum += value
      histogram.count += 1
      state.histograms[family.name, default: [:]][labels] = histogram
    }
  }

  /// The current value of a counter or gauge; nil before its first sample.
  package func value(_ family: MetricFamily, _ labels: [String] = []) -> Double? {
    state.withLock { $0.values[family.name]?[labels] }
  }

  /// Everything in the Prometheus text format 0.0.4, families and samples sorted.
  package func render() -> String {
    let collectors = state.withLock { $0.collectors }
    for collector in collectors { collector(self) }
    return state.withLock { state in
      var text = ""
      for family in state.families.values.sorted(by: { $0.name < $1.name }) {
        text +=
          "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n"
        for (labels, value) in (state.values[family.name] ?? [:]).sorted(by: Self.inOrder) {
          text += family.name + Self.render(family.labels, labels) + " \(Self.number(value))\n"
        }
        for (labels, histogram) in (state.histograms[family.name] ?? [:]).sorted(by: Self.inOrder) {
          text += Self.render(histogram, of: family, labels)
        }
      }
      return text
    }
  }

  private static func inOrder<Value>(
    _ left: (key: [String], value: Value), _ right: (key: [String], value: Value)
  ) -> Bool {
    left.key.lexicographicallyPrecedes(right.key)
  }

  private static func render(
    _ histogram: Histogram, of family: MetricFamily, _ labels: [String]
  ) -> String {
    var text = ""
    let names = family.labels + ["le"]
    for (bound, count) in zip(family.buckets, histogram.counts) {
      text += "\(family.name)_bucket\(render(names, labels + [number(bound)])) \(count)\n"
    }
    text += "\(family.name)_bucket\(render(names, labels + ["+Inf"])) \(histogram.count)\n"
    text += "\(family.name)_sum\(render(family.labels, labels)) \(number(histogram.sum))\n"
    text += "\(family.name)_count\(render(family.labels, labels)) \(histogram.count)\n"
    return text
  }

  private static func render(_ names: [String], _ values: [String]) -> String {
    guard !names.isEmpty else { return "" }
    let pairs = zip(names, values).map { "\($0)=\"\(escape($1))\"" }
    return "{\(pairs.joined(separator: ","))}"
  }

  private static func escape(_ value: String) -> String {
    guard value.contains(where: { $0 == "\\" || $0 == "\"" || $0 == "\n" }) else { return value }
    return value.reduce(into: "") { text, character in
      switch character {
      case "\\": text += "\\\\"
      case "\"": text += "\\\""
      case "\n": text += "\\n"
      default: text.append(character)
      }
    }
  }

  private static func number(_ value: Double) -> String {
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    return value.description
  }
}
