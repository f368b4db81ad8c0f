package import Engine
package import HTTPTransport
package import JSONValue

/// A Prometheus server: `prom.*`, and the reader behind `metrics.*`.
package final class Prometheus: EffectSource, MetricReader {
  package let source = "prometheus"

  private let url: String
  private let transport: any Transport
  private let fixed: [String: String]
  private let time: TimeSource
  private let latch = SourceLatch()

  /// - Parameters:
  ///   - url: without a slash at its end.
  ///   - fixed: labels that select the provider's series.
  package init(
    url: String, transport: any Transport, fixed: [String: String], time: TimeSource
  ) {
    self.url = url
    self.transport = transport
    self.fixed = fixed
    self.time = time
  }

  package func answer(
    _ name: String, _ effect: JSONValue
  ) async throws(SourceFailure) -> SourceAnswer {
    switch name {
    case "prom.query":
      let samples = try await query(effect.demandText("expr"))
      guard !samples.isEmpty else { throw SourceFailure(.nodata, "the query has no result") }
      return SourceAnswer(.array(samples))
    case "prom.range":
      let seconds = effect["from"]?.doubleValue ?? 3600
      let step = max(1, effect["step"]?.doubleValue ?? 60)
      let now = time.wallMilliseconds() / 1000
      let answer = try await get(
        "query_range",
        [
          ("query", try effect.demandText("expr")), ("start", "\(now - Int64(seconds))"),
          ("end", "\(now)"), ("step", "\(step)"),
        ])
      let series = (answer["result"]?.arrayValue ?? []).map { one -> JSONValue in
        ["labels": one["metric"] ?? [:], "points": .array(Self.points(one["values"]))]
      }
      guard !series.isEmpty else { throw SourceFailure(.nodata, "the query has no result") }
      return SourceAnswer(.array(series))
    case "prom.alerts":
      let answer = try await get("alerts", [])
      return SourceAnswer(
        .array(
          (answer["alerts"]?.arrayValue ?? []).map { alert in
            [
              "labels": alert["labels"] ?? [:], "state": alert["state"] ?? "",
              "active_at": alert["activeAt"] ?? "",
              "value": alert["value"]?.stringValue.flatMap(MetricText.number).map {
                JSONValue.double($0)
              } ?? 0,
            ]
          }))
    default: throw SourceFailure(.refused, "there is no \(name)")
    }
  }

  package func current(
    _ name: String, _ labels: JSONValue?
  ) async throws(SourceFailure) -> [MetricSeries] {
    try await series(name + selector(labels), name)
  }

  package func growth(
    _ name: String, _ labels: JSONValue?, window: Double
  ) async throws(SourceFailure) -> (series: [MetricSeries], window: Double) {
    let selector = try selector(labels)
    let range = "[\(Int(window.rounded()))s]"
    return (try await series("increase(\(name)\(selector)\(range))", name), window)
  }

  package func kind(of name: String) async throws(SourceFailure) -> MetricKind? {
    let found = try await query("count(\(name)\(selector(fixed: fixed)))")
    // By the convention that all our counters keep.
    return found.isEmpty ? nil : name.hasSuffix("_total") ? .counter : .other
  }

  package func names() async throws(SourceFailure) -> [String] {
    let matcher = selector(fixed: fixed)
    let answer = try await get(
      "label/__name__/values", matcher.isEmpty ? [] : [("match[]", matcher)])
    return (answer.arrayValue ?? []).compactMap(\.stringValue).sorted()
  }

  private func selector(_ labels: JSONValue?) throws(SourceFailure) -> String {
    try LabelSelection(labels).promQL(and: fixed)
  }

  private func selector(fixed: [String: String]) -> String {
    guard !fixed.isEmpty else { return "" }
    let parts = fixed.sorted { $0.key < $1.key }.map {
      "\($0.key)=\(LabelSelection.quoted($0.value))"
    }
    return "{\(parts.joined(separator: ","))}"
  }

  private func series(
    _ expression: String, _ name: String
  ) async throws(SourceFailure) -> [MetricSeries] {
    try await query(expression).map { sample in
      MetricSeries(
        name: name,
        labels: (sample["labels"]?.objectValue ?? [:]).compactMapValues(\.stringValue),
        value: sample["value"]?.doubleValue ?? .nan)
    }
  }

  private func query(_ expression: String) async throws(SourceFailure) -> [JSONValue] {
    let answer = try await get("query", [("query", expression)])
    switch answer["resultType"]?.stringValue {
    case "scalar": return [Self.sample([:], answer["result"])]
    default:
      return (answer["result"]?.arrayValue ?? []).map {
        Self.sample($0["metric"] ?? [:], $0["value"])
      }
    }
  }

  private static func sample(_ labels: JSONValue, _ pair: JSONValue?) -> JSONValue {
    let text = pair?[1]?.stringValue ?? "NaN"
    return [
      "labels": labels, "value": .double(MetricText.number(text) ?? .nan).finite,
      "at": pair?[0] ?? 0,
    ]
  }

  private static func points(_ values: JSONValue?) -> [JSONValue] {
    (values?.arrayValue ?? []).map { pair in
      .array([
        pair[0] ?? 0, .double(MetricText.number(pair[1]?.stringValue ?? "NaN") ?? .nan).finite,
      ])
    }
  }

  private func get(
    _ path: String, _ query: [(String, String)]
  ) async throws(SourceFailure) -> JSONValue {
    try latch.check()
    let text = QueryEncoding.text(query)
    var request = HTTPRequest(
      method: "GET", url: "\(url)/api/v1/\(path)" + (text.isEmpty ? "" : "?\(text)"),
      timeout: .seconds(4))
    request.connectTimeout = .seconds(2)
    let response: HTTPResponse
    do throws(TransportError) {
      response = try await transport.send(request)
    } catch {
      let failure = SourceFailure(
        error.kind == .timedOut ? .timeout : .unreachable,
        "Prometheus does not answer at \(url): \(error.message)")
      latch.close(failure)
      throw failure
    }
    let body = (try? JSONValue(parsing: response.body)) ?? .null
    guard response.status == 200, body["status"]?.stringValue == "success",
      let data = body["data"]
    else {
      throw SourceFailure(
        .error,
        "Prometheus answered \(response.status): \(body["error"]?.stringValue ?? "no reason")")
    }
    return data
  }
}

extension JSONValue {
  /// JSON has no number for what is none.
  fileprivate var finite: JSONValue {
    guard case .double(let number) = self, !number.isFinite else { return whole }
    return .null
  }
}
