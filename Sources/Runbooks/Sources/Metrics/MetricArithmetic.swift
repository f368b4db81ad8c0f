import JSONValue

/// Sums, growth and quantiles of series: the same for Prometheus' answers and for two scrapes.
enum MetricArithmetic {
  /// Sums in groups of labels, the largest first.
  static func sums(
    _ series: [MetricSeries], by labels: [String]
  ) -> [(labels: [String: String], value: Double)] {
    var groups: [[String: String]: Double] = [:]
    for one in series where !one.value.isNaN {
      let group = one.labels.filter { labels.contains($0.key) }
      groups[group, default: 0] += one.value
    }
    return groups.map { ($0.key, $0.value) }.sorted {
      $0.1 != $1.1 ? $0.1 > $1.1 : text($0.0) < text($1.0)
    }
  }

  /// How much each counter grew between two scrapes; one that began anew grew by what it is now.
  static func growth(from old: [MetricSeries], to new: [MetricSeries]) -> [MetricSeries] {
    let before = Dictionary(
      old.map { ($0.labels, $0.value) }, uniquingKeysWith: { first, _ in first })
    return new.map { series in
      var grown = series
      let earlier = before[series.labels] ?? 0
      grown.value = series.value >= earlier ? series.value - earlier : series.value
      return grown
    }
  }

  /// A quantile of buckets' growth, in groups, as Prometheus' histogram_quantile has it.
  static func quantiles(
    _ q: Double, of buckets: [MetricSeries], by labels: [String]
  ) -> [JSONValue] {
    var groups: [[String: String]: [Double: Double]] = [:]
    for bucket in buckets {
      guard let bound = bucket.labels["le"].flatMap(MetricText.number) else { continue }
      let group = bucket.labels.filter { labels.contains($0.key) }
      groups[group, default: [:]][bound, default: 0] += bucket.value
    }
    let found = groups.compactMap { group, counts -> (String, JSONValue)? in
      guard let quantile = quantile(q, counts) else { return nil }
      return (
        text(group),
        [
          "labels": .object(group.mapValues { .string($0) }), "value": .double(quantile.value),
          "beyond": .bool(quantile.isBeyond), "count": .double(quantile.count),
        ]
      )
    }
    return found.sorted { $0.0 < $1.0 }.map(\.1)
  }

  private static func quantile(
    _ q: Double, _ counts: [Double: Double]
  ) -> (value: Double, isBeyond: Bool, count: Double)? {
    let bounds = counts.keys.sorted()
    guard let last = bounds.last, last == .infinity, let total = counts[last], total > 0 else {
      return nil
    }
    let rank = max(0, min(1, q)) * total
    guard let place = bounds.firstIndex(where: { (counts[$0] ?? 0) >= rank }) else { return nil }
    if bounds[place] == .infinity {
      guard place > 0 else { return nil }
      return (bounds[place - 1], true, total)
    }
    let lower = place > 0 ? bounds[place - 1] : 0
    let below = place > 0 ? counts[lower] ?? 0 : 0
    let inside = (counts[bounds[place]] ?? 0) - below
    guard inside > 0 else { return (bounds[place], false, total) }
    let value = lower + (bounds[place] - lower) * (rank - below) / inside
    return (value, false, total)
  }

  private static func text(_ labels: [String: String]) -> String {
    labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
  }
}
