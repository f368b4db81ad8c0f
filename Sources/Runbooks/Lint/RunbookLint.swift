import Engine
import LuaBridge

/// Holds runbooks against reality: alerts, a live scrape, histograms, roles. Each side that is not
/// given is not looked at.
package struct RunbookLint: Sendable {
  private let runbooks: [RunbookDescription]
  private let scripts: String

  /// - Parameter scripts: the scripts' folder, as findings name it.
  package init(_ runbooks: [RunbookDescription], scripts: String) {
    self.runbooks = runbooks
    self.scripts = scripts
  }

  /// Everything that disagrees, sorted by place.
  package func findings(
    alerts: AlertRules? = nil, scrape: ScrapeShape? = nil,
    rights: (@Sendable (RunbookRight) async throws -> Bool)? = nil
  ) async throws -> [LintFinding] {
    var found: [LintFinding] = []
    if let alerts { found += compare(with: alerts) }
    if let scrape { found += metrics(in: scrape) + thresholds(in: scrape) }
    if let rights { found += try await missing(rights) }
    return Set(found).sorted()
  }

  // MARK: Alerts

  private func compare(with rules: AlertRules) -> [LintFinding] {
    var found: [LintFinding] = []
    var answered: [String: RunbookDescription] = [:]
    for runbook in runbooks { for alert in runbook.alerts { answered[alert] = runbook } }
    for alert in rules.alerts {
      guard let runbook = answered[alert.name] else {
        found.append(
          LintFinding(
            rule: .alertWithoutRunbook, file: rules.file, line: alert.line,
            message: "no runbook answers \(alert.name)",
            hint: "add it to the alerts of a runbook, or write one (docs/writing-runbooks.md)"))
        continue
      }
      let page = RunbookPages.fileName(runbook.id)
      let url = alert.runbookURL.map { String($0.prefix { $0 != "#" && $0 != "?" }) }
      if url?.hasSuffix("/\(page)") != true {
        found.append(
          LintFinding(
            rule: .wrongRunbookURL, file: rules.file, line: alert.line,
            message: "\(alert.name): runbook_url is \(alert.runbookURL ?? "missing")",
            hint: "it should end in /\(page), the page of \(runbook.id)"))
      }
    }
    let known = Set(rules.alerts.map(\.name))
    for runbook in runbooks {
      for alert in runbook.alerts where !known.contains(alert) {
        found.append(
          LintFinding(
            rule: .runbookWithoutAlert, file: path(runbook.module),
            line: line(of: alert, in: runbook.module),
            message: "\(runbook.id) answers \(alert), which \(rules.file) does not have",
            hint: nearest(alert, known).map { "did you mean \($0)?" }
              ?? "add the alert to the chart, or take it out of the runbook"))
      }
    }
    return found
  }

  // MARK: Metrics

  /// Labels that Prometheus adds when it scrapes.
  private static let added: Set<String> = [
    "job", "instance", "namespace", "pod", "service", "container", "endpoint", "le",
  ]

  private func metrics(in scrape: ScrapeShape) -> [LintFinding] {
    guard let bundle = runbooks.first?.bundle else { return [] }
    var found: [LintFinding] = []
    let modules = bundle.modules.filter {
      $0.hasPrefix("runbooks.") || $0.hasPrefix("lib.runbook")
    }
    for module in modules where !module.hasSuffix("_cases") {
      guard let source = bundle.source(of: module) else { continue }
      for use in MetricUse.uses(in: source.text) {
        guard scrape.has(use.name) else {
          let near = nearest(use.name, Set(scrape.names))
          found.append(
            LintFinding(
              rule: .unknownMetric, file: path(module), line: use.line,
              message: "the scrape has no metric \(use.name)",
              hint: near.map { "did you mean \($0)?" } ?? "look at /metrics for its name"))
          continue
        }
        guard let labels = scrape.labels(of: use.name) else { continue }
        for label in use.labels.subtracting(labels).subtracting(Self.added).sorted() {
          found.append(
            LintFinding(
              rule: .unknownLabel, file: path(module), line: use.line,
              message: "\(use.name) has no label \(label)",
              hint: "it has \(labels.isEmpty ? "none" : labels.sorted().joined(separator: ", "))"))
        }
      }
    }
    return found
  }

  private func thresholds(in scrape: ScrapeShape) -> [LintFinding] {
    var found: [LintFinding] = []
    for runbook in runbooks {
      for threshold in runbook.thresholds {
        guard let metric = threshold.metric else { continue }
        let line = line(of: threshold.name, in: runbook.module)
        guard scrape.has(metric) else {
          found.append(
            LintFinding(
              rule: .unknownMetric, file: path(runbook.module), line: line,
              message: "\(threshold.name) is read from \(metric), which the scrape does not have",
              hint: "look at /metrics for its name"))
          continue
        }
        guard let bound = scrape.largestBound(of: metric), threshold.standard >= bound else {
          continue
        }
        found.append(
          LintFinding(
            rule: .unreachableThreshold, file: path(runbook.module), line: line,
            message:
              "\(threshold.name) is \(threshold.standard), and no quantile of \(metric) is more "
              + "than \(bound)",
            hint: "give the histogram a larger bucket, or lower the threshold below \(bound)"))
      }
    }
    return found
  }

  // MARK: Rights

  private func missing(
    _ allow: @Sendable (RunbookRight) async throws -> Bool
  ) async throws -> [LintFinding] {
    var found: [LintFinding] = []
    for runbook in runbooks {
      for right in runbook.rights {
        guard try await !allow(right) else { continue }
        let resource = right.subresource.map { "\(right.resource)/\($0)" } ?? right.resource
        let group = right.group.isEmpty ? "" : ".\(right.group)"
        let place =
          switch right.namespace {
          case nil: "in the cluster"
          case ""?: "in the provider's namespace"
          case let name?: "in the namespace \(name)"
          }
        found.append(
          LintFinding(
            rule: .missingRight, file: path(runbook.module),
            line: line(of: right.resource, in: runbook.module),
            message: "\(runbook.id) needs to \(right.verb) \(resource)\(group) \(place)",
            hint: "add the rule to the role of the runbooks' service account"))
      }
    }
    return found
  }

  // MARK: Places

  private func path(_ module: String) -> String {
    let path =
      runbooks.first?.bundle.source(of: module)?.path
      ?? module.split(separator: ".").joined(separator: "/") + ".lua"
    return path.hasPrefix("/") || scripts.isEmpty ? path : "\(scripts)/\(path)"
  }

  /// The first line of a module that has this word.
  private func line(of word: String, in module: String) -> Int {
    guard let text = runbooks.first?.bundle.source(of: module)?.text else { return 1 }
    return LuaWord.words(of: text).first { $0.word == .text(word) || $0.word == .name(word) }?.line
      ?? 1
  }

  /// The known word that was probably meant. Names of metrics are long and share their beginning, so
  /// that two letters are little.
  private func nearest(_ word: String, _ known: Set<String>) -> String? {
    Suggestion.nearest(to: word, among: known, atMost: { _ in max(2, word.count / 5) })
  }
}
