import Engine
package import JSONValue

/// Gives the series of metrics: at this moment, and how much counters grew over a window.
package protocol MetricReader: Sendable {
  /// The word that `info.source` has.
  var source: String { get }
  /// The metric's series now.
  func current(_ name: String, _ labels: JSONValue?) async throws(SourceFailure) -> [MetricSeries]
  /// How much its counters grew, and over how many seconds.
  func growth(
    _ name: String, _ labels: JSONValue?, window: Double
  ) async throws(SourceFailure) -> (series: [MetricSeries], window: Double)
  /// Whether there is such a metric at all, and whether it is a counter; nil where there is none.
  func kind(of name: String) async throws(SourceFailure) -> MetricKind?
  /// The names of all metrics.
  func names() async throws(SourceFailure) -> [String]
}

/// What is known of a metric besides its series.
package enum MetricKind: Sendable, Hashable {
  /// It counts up, so that no series means that nothing happened yet.
  case counter
  case other
}

/// `metrics.*`, over Prometheus or two scrapes.
package struct MetricSource: EffectSource {
  private let reader: any MetricReader

  package init(reader: any MetricReader) {
    self.reader = reader
  }

  package func answer(
    _ name: String, _ effect: JSONValue
  ) async throws(SourceFailure) -> SourceAnswer {
    if name == "metrics.names" {
      let names = try await reader.names()
      return SourceAnswer(.array(names.map { .string($0) }), info: info())
    }
    let metric = try effect.demandText("name")
    guard LabelSelection.isName(metric) else {
      throw SourceFailure(.refused, "\"\(metric)\" is no name of a metric")
    }
    let labels = effect["labels"]
    let by = (effect["by"]?.arrayValue ?? []).compactMap(\.stringValue)
    guard by.allSatisfy(LabelSelection.isName) else {
      throw SourceFailure(.refused, "by names something that is no label")
    }
    let window = effect["window"]?.doubleValue.map { max(1, min($0, 86_400 * 30)) } ?? 300
    switch name {
    case "metrics.value":
      let series = try await reader.current(metric, labels)
      if series.isEmpty, try await reader.kind(of: metric) != .counter { throw nothing(metric) }
      return SourceAnswer(.double(series.reduce(0) { $0 + $1.value }).whole, info: info())
    case "metrics.series":
      let series = try await reader.current(metric, labels)
      guard !series.isEmpty else { throw nothing(metric) }
      return SourceAnswer(
        .array(
          series.map {
            [
              "labels": .object($0.labels.mapValues { .string($0) }),
              "value": .double($0.value).whole,
            ]
          }), info: info())
    case "metrics.rate":
      let (series, seconds) = try await reader.growth(metric, labels, window: window)
      if series.isEmpty, try await reader.kind(of: metric) == nil { throw nothing(metric) }
      let count = series.reduce(0) { $0 + ($1.value.isNaN ? 0 : $1.value) }
      return SourceAnswer(.double(count / seconds), info: info(seconds, count))
    case "metrics.sum_rate":
      let (series, seconds) = try await reader.growth(metric, labels, window: window)
      if series.isEmpty, try await reader.kind(of: metric) == nil { throw nothing(metric) }
      let groups = MetricArithmetic.sums(series, by: by)
      return SourceAnswer(
        .array(
          groups.map {
            [
              "labels": .object($0.labels.mapValues { .string($0) }),
              "value": .double($0.value / seconds),
            ]
          }), info: info(seconds, groups.reduce(0) { $0 + $1.value }))
    case "metrics.quantile":
      guard let q = effect["q"]?.doubleValue, (0...1).contains(q) else {
        throw SourceFailure(.refused, "q must be between 0 and 1")
      }
      let (buckets, seconds) = try await reader.growth(
        "\(metric)_bucket", labels, window: window)
      let groups = MetricArithmetic.quantiles(q, of: buckets, by: by)
      guard !groups.isEmpty else {
        throw SourceFailure(
          .nodata, "no observation of \(metric) within \(Int(seconds.rounded())) s")
      }
      let count = groups.reduce(0) { $0 + ($1["count"]?.doubleValue ?? 0) }
      return SourceAnswer(.array(groups), info: info(seconds, count))
    default: throw SourceFailure(.refused, "there is no \(name)")
    }
  }

  private func nothing(_ metric: String) -> SourceFailure {
    SourceFailure(.nodata, "no series of \(metric)")
  }

  private func info(_ window: Double? = nil, _ count: Double? = nil) -> JSONValue {
    var info: JSONValue = ["source": .string(reader.source)]
    info["window"] = window.map { .double($0).whole }
    info["count"] = count.map { .double($0).whole }
    return info
  }
}
