import JSONValue

extension StateReport {
  /// Counts by condition, and the objects that somebody should look at.
  func objects(
    _ summaries: [ResourceSummary], history: [ResourceKey: ReconcileHistory.Entry]
  ) -> JSONValue {
    let unsettled = summaries.compactMap { summary in
      summary.unsettledSince.map { (summary, $0) }
    }.sorted { ($0.1, $0.0.key.description) < ($1.1, $1.0.key.description) }
    let slowest = history.filter { $0.value.lastEnd != nil }
      .sorted {
        ($1.value.lastDuration, $0.key.description) < ($0.value.lastDuration, $1.key.description)
      }
    let running = history.compactMap { key, entry in entry.runningSince.map { (key, entry, $0) } }
      .sorted { ($0.2, $0.0.description) < ($1.2, $1.0.description) }
    return [
      "total": Self.count(summaries.count),
      "paused": Self.count(summaries.filter(\.isPaused).count),
      "deleting": Self.count(summaries.filter(\.isDeleting).count),
      "stuckTotal": Self.count(unsettled.count),
      "byCondition": Self.counts(summaries),
      "stuck": .array(
        unsettled.prefix(Self.longest).map { stuck($0.0, since: $0.1, history[$0.0.key]) }),
      "slowest": .array(slowest.prefix(Self.longest).map { slow($0.key, $0.value) }),
      "running": .array(
        running.prefix(Self.longest).map { key, entry, start in
          var row = Self.identity(key)
          row["reconcileId"] = .string("\(entry.id)")
          row["seconds"] = Self.seconds(uptime - start)
          return row
        }),
    ]
  }

  private static func counts(_ summaries: [ResourceSummary]) -> JSONValue {
    var counts: [[String]: Int] = [:]
    for summary in summaries {
      counts[
        [
          summary.key.kind, summary.ready.status, summary.ready.reason, summary.synced.status,
          summary.synced.reason,
        ], default: 0] += 1
    }
    return .array(
      counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, number in
        [
          "kind": .string(key[0]), "ready": .string(key[1]), "readyReason": .string(key[2]),
          "synced": .string(key[3]), "syncedReason": .string(key[4]), "count": count(number),
        ]
      })
  }

  private func stuck(
    _ summary: ResourceSummary, since: Timestamp, _ entry: ReconcileHistory.Entry?
  ) -> JSONValue {
    var row = Self.identity(summary.key)
    row["externalName"] = Self.text(summary.externalName)
    row["ready"] = .string(summary.ready.status)
    row["readyReason"] = .string(summary.ready.reason)
    row["synced"] = .string(summary.synced.status)
    row["syncedReason"] = .string(summary.synced.reason)
    row["message"] = Self.text(summary.synced.message ?? summary.ready.message)
    row["deleting"] = .bool(summary.isDeleting)
    row["since"] = .string(since.seconds)
    row["seconds"] = age(since)
    row["failuresInARow"] = Self.count(entry?.failures ?? 0)
    row["lastReconcile"] = moment(entry?.lastEnd)
    row["reconcileId"] = Self.text(entry.map { "\($0.id)" })
    return row
  }

  private func slow(_ key: ResourceKey, _ entry: ReconcileHistory.Entry) -> JSONValue {
    var row = Self.identity(key)
    row["seconds"] = Self.seconds(entry.lastDuration)
    row["ended"] = moment(entry.lastEnd)
    row["reconcileId"] = .string("\(entry.id)")
    row["failuresInARow"] = Self.count(entry.failures)
    return row
  }
}
