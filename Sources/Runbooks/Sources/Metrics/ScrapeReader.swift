package import Engine
package import JSONValue
import Synchronization

/// Metrics from two looks at the provider's /metrics, a moment apart. Both are taken once in a run.
package final class ScrapeReader: MetricReader {
  package let source = "scrape"

  private struct Scrape: Sendable {
    let series: [String: [MetricSeries]]
    let types: [String: String]
    let at: Duration
  }

  private let endpoint: ProviderEndpoint
  private let time: TimeSource
  private let interval: Duration
  private let first = Mutex<Task<Result<Scrape, SourceFailure>, Never>?>(nil)
  private let second = Mutex<Task<Result<Scrape, SourceFailure>, Never>?>(nil)

  /// - Parameter interval: between the two scrapes.
  package init(endpoint: ProviderEndpoint, time: TimeSource, interval: Duration) {
    self.endpoint = endpoint
    self.time = time
    self.interval = interval
  }

  package func current(
    _ name: String, _ labels: JSONValue?
  ) async throws(SourceFailure) -> [MetricSeries] {
    let selection = try LabelSelection(labels)
    let scrape = try await firstScrape()
    return (scrape.series[name] ?? []).filter(selection.matches)
  }

  package func growth(
    _ name: String, _ labels: JSONValue?, window: Double
  ) async throws(SourceFailure) -> (series: [MetricSeries], window: Double) {
    let selection = try LabelSelection(labels)
    let early = try await firstScrape()
    let late = try await secondScrape(after: early)
    let grown = MetricArithmetic.growth(
      from: (early.series[name] ?? []).filter(selection.matches),
      to: (late.series[name] ?? []).filter(selection.matches))
    let seconds = Double((late.at - early.at).wholeMilliseconds) / 1000
    return (grown, max(seconds, 0.001))
  }

  package func kind(of name: String) async throws(SourceFailure) -> MetricKind? {
    let scrape = try await firstScrape()
    if let type = scrape.types[name] { return type == "counter" ? .counter : .other }
    return scrape.series[name] == nil ? nil : .other
  }

  package func names() async throws(SourceFailure) -> [String] {
    let scrape = try await firstScrape()
    return Set(scrape.series.keys).union(scrape.types.keys).sorted()
  }

  private func firstScrape() async throws(SourceFailure) -> Scrape {
    let task = first.withLock { known in
      if let known { return known }
      let task = Task { await self.scrape() }
      known = task
      return task
    }
    return try await task.value.get()
  }

  private func secondScrape(after early: Scrape) async throws(SourceFailure) -> Scrape {
    let task = second.withLock { known in
      if let known { return known }
      let task = Task {
        let wait = early.at + self.interval - self.time.uptime()
        if wait > .zero { try? await self.time.sleep(wait) }
        return await self.scrape()
      }
      known = task
      return task
    }
    return try await task.value.get()
  }

  private func scrape() async -> Result<Scrape, SourceFailure> {
    do throws(SourceFailure) {
      let (status, body) = try await endpoint.send("GET", "/metrics")
      guard status == 200 else {
        return .failure(SourceFailure(.error, "/metrics answered \(status)"))
      }
      return .success(
        Scrape(
          series: Dictionary(grouping: MetricText.parse(body), by: \.name),
          types: MetricText.declared(body), at: time.uptime()))
    } catch {
      return .failure(error)
    }
  }
}
