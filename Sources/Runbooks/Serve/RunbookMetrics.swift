package import Engine

/// What `serve` counts. Labels take their values from the runbooks and from fixed words, so that no
/// alert can make series without end.
package struct RunbookMetrics: Sendable {
  package static let runs = MetricFamily(
    .counter, "provider_discord_runbook_runs_total",
    help: "Runs of runbooks that have ended, by what asked for them and how they ended.",
    labels: ["runbook", "trigger", "verdict"])
  package static let verdict = MetricFamily(
    .gauge, "provider_discord_runbook_verdict",
    help: "1 for the verdict of the last run of the runbook, 0 for the others.",
    labels: ["runbook", "verdict"])
  package static let duration = MetricFamily(
    .histogram, "provider_discord_runbook_duration_seconds", help: "How long runbooks run.",
    labels: ["runbook"], buckets: [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120])
  package static let lastRun = MetricFamily(
    .gauge, "provider_discord_runbook_last_run_timestamp_seconds",
    help: "When the runbook last ended, in Unix time.", labels: ["runbook"])
  package static let alerts = MetricFamily(
    .counter, "provider_discord_runbook_alerts_total",
    help: "Alerts received, by what became of them.", labels: ["result"])
  package static let queue = MetricFamily(
    .gauge, "provider_discord_runbook_queue_length", help: "Runs that wait.")
  package static let publishing = MetricFamily(
    .counter, "provider_discord_runbook_publications_total",
    help: "Reports written to a ConfigMap, to Events or to Discord, by result.",
    labels: ["to", "result"])

  /// The verdicts of reports; `error` for a run that gave none.
  static let verdicts = ["pass", "warn", "fail", "unknown", "error"]

  private let registry: MetricRegistry

  /// Counts in a registry.
  package init(_ registry: MetricRegistry) {
    self.registry = registry
    registry.register(
      Self.runs, Self.verdict, Self.duration, Self.lastRun, Self.alerts, Self.queue, Self.publishing
    )
    registry.set(Self.queue, to: 0)
  }

  func received(_ answer: AlertDesk.Answer) {
    let counts = [
      ("accepted", answer.accepted), ("duplicate", answer.duplicates),
      ("no_runbook", answer.unknown.count), ("queue_full", answer.refused),
    ]
    for (result, count) in counts where count > 0 {
      registry.add(Self.alerts, [result], Double(count))
    }
  }

  func refused() { registry.add(Self.alerts, ["malformed"]) }

  func waiting(_ count: Int) { registry.set(Self.queue, to: Double(count)) }

  func ended(_ job: RunbookJob, verdict: String, seconds: Double, unixTime: Double) {
    let verdict = Self.verdicts.contains(verdict) ? verdict : "error"
    registry.add(Self.runs, [job.runbook, job.trigger.rawValue, verdict])
    for other in Self.verdicts {
      registry.set(Self.verdict, [job.runbook, other], to: other == verdict ? 1 : 0)
    }
    registry.observe(Self.duration, [job.runbook], seconds)
    registry.set(Self.lastRun, [job.runbook], to: unixTime)
  }

  func published(to place: String, succeeded: Bool) {
    registry.add(Self.publishing, [place, succeeded ? "ok" : "failed"])
  }
}
