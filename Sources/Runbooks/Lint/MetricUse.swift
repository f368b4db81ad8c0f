/// A metric that a script reads, with the labels that it selects or groups by.
struct MetricUse: Hashable {
  var name: String
  var labels: Set<String>
  var line: Int

  /// Metrics of the provider begin with one of these; other words with `_` are none.
  private static let prefixes = [
    "provider_discord_", "process_", "crossplane_managed_", "controller_runtime_", "workqueue_",
    "rest_client_", "upjet_",
  ]

  static func isMetric(_ text: String) -> Bool {
    prefixes.contains { text.hasPrefix($0) && text.utf8.count > $0.utf8.count }
      && text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
  }

  /// The metrics of a script: in calls of lib.metrics, and in PromQL.
  static func uses(in script: [UInt8]) -> [MetricUse] {
    let words = LuaWord.words(of: script)
    var constants: [String: String] = [:]
    var uses: [MetricUse] = []
    for (position, placed) in words.enumerated() {
      guard case .text(let text) = placed.word else { continue }
      guard isMetric(text) else {
        uses += PromQLMetrics.uses(in: text, line: placed.line)
        continue
      }
      uses.append(MetricUse(name: text, labels: [], line: placed.line))
      // `local NAME = "metric"` and `local NAME <const> = "metric"`
      var before = position - 1
      if before >= 0, words[before].word == .sign("=") {
        before -= 1
        if before >= 2, words[before].word == .sign(">") { before -= 3 }
        if before >= 0, case .name(let name) = words[before].word { constants[name] = text }
      }
    }
    for position in words.indices {
      guard let call = MetricCall(words, at: position, constants) else { continue }
      uses.append(call.use)
    }
    return uses
  }
}

/// A call such as `metrics.sum_rate(NAME, { labels = { … }, by = { … } })`.
private struct MetricCall {
  let use: MetricUse

  init?(_ words: [LuaWord.Placed], at start: Int, _ constants: [String: String]) {
    guard start + 5 < words.count, words[start].word == .name("metrics"),
      words[start + 1].word == .sign("."), case .name(let function) = words[start + 2].word,
      words[start + 3].word == .sign("(")
    else { return nil }
    var place = start + 4
    if function == "quantile" {
      while place < words.count, words[place].word != .sign(",") { place += 1 }
      place += 1
    }
    guard place < words.count else { return nil }
    let metric: String?
    switch words[place].word {
    case .text(let text): metric = text
    case .name(let name): metric = constants[name]
    case .sign: metric = nil
    }
    guard let metric, MetricUse.isMetric(metric) else { return nil }
    var labels: Set<String> = []
    if place + 2 < words.count, words[place + 1].word == .sign(","),
      words[place + 2].word == .sign("{")
    {
      let isDirect = function == "value" || function == "series"
      Self.read(words, from: place + 2, isLabels: isDirect, into: &labels)
    }
    use = MetricUse(name: metric, labels: labels, line: words[start].line)
  }

  /// Reads a table from its `{`: the names of labels, or `labels =` and `by =`.
  private static func read(
    _ words: [LuaWord.Placed], from start: Int, isLabels: Bool, into labels: inout Set<String>
  ) {
    var depth = 0
    var member: String?
    for place in start..<words.count {
      let depthWas = depth
      switch words[place].word {
      case .sign("{"): depth += 1
      case .sign("}"):
        depth -= 1
        if depth == 0 { return }
      case .name(let name)
      where place + 1 < words.count && words[place + 1].word == .sign("="):
        if depthWas == 1 { member = name }
        if isLabels ? depthWas == 1 : depthWas == 2 && member == "labels" { labels.insert(name) }
      case .text(let text) where !isLabels && depthWas == 2 && member == "by":
        labels.insert(text)
      default: break
      }
    }
  }
}
