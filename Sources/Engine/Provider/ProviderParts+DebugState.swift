import DiscordAPI
import JSONValue
import KubeWatch

extension ProviderParts {
  /// The whole state for a person, the status page or a runbook: nothing secret is in it.
  func debugState() -> JSONValue {
    let uptime = time.uptime()
    let report = StateReport(uptime: uptime, now: time.timestamp())
    let summaries = resources.all.flatMap { entry in
      entry.objects.map { ResourceSummary($0, kind: entry.type.kind) }
    }
    return [
      "version": .string(configuration.version), "time": .string(report.now.milliseconds),
      "startedAt": report.moment(.zero), "uptimeSeconds": StateReport.seconds(uptime),
      "leader": report.leader(leadership, elector?.status), "rules": report.rules(library),
      "queue": report.queue(
        pool.inspect(limit: StateReport.longest), workers: configuration.maximumConcurrent),
      "objects": report.objects(summaries, history: history.all()),
      "watches": .array(
        (reflectors + [configReflector]).map {
          report.watch($0, namespace: $0.namespace, at: time.instant(uptime))
        }),
      "ready": .array(
        readiness.results().map {
          ["name": .string($0.name), "failure": $0.failure.map { .string($0) } ?? .null]
        }),
      "discord": .array(
        connections.all().map { connection in
          report.discord(connection.client.snapshot()) { outages.last(of: $0) }
        }),
    ]
  }
}
