import DiscordAPI
import JSONValue
import KubeWatch

extension StateReport {
  /// - Parameter status: nil for a provider that is alone.
  func leader(_ leadership: Leadership, _ status: LeaderElector.Status?) -> JSONValue {
    guard let status else { return ["enabled": false, "isLeader": true] }
    return [
      "enabled": true, "isLeader": .bool(leadership.isLeading),
      "identity": .string(status.identity), "lease": .string(status.lease.description),
      "holder": status.holder.isEmpty ? .null : .string(status.holder),
      "since": moment(status.since), "transitions": .integer(status.transitions),
      "lastError": Self.text(status.lastError),
    ]
  }

  func queue(_ state: WorkPool<ResourceKey>.Inspection, workers: Int) -> JSONValue {
    var waiting: JSONValue = [:]
    for priority in WorkPriority.allCases {
      waiting[priority.label] = Self.count(state.waiting[priority] ?? 0)
    }
    return [
      "workers": Self.count(workers), "running": Self.count(state.running), "waiting": waiting,
      "scheduled": Self.count(state.scheduled), "retrying": Self.count(state.retrying),
      "oldestSeconds": Self.seconds(state.oldest.first.map { uptime - $0.due } ?? .zero),
      "oldest": .array(
        state.oldest.map { job in
          var row = Self.identity(job.key)
          row["priority"] = .string(job.priority.label)
          row["seconds"] = Self.seconds(uptime - job.due)
          return row
        }),
    ]
  }

  func rules(_ library: RuleLibrary) -> JSONValue {
    let (rules, loads) = (library.rules, library.state)
    return [
      "generation": Self.count(rules.generation), "hash": .string(rules.hash),
      "loads": Self.count(loads.loads), "failures": Self.count(loads.failures),
      "lastFailure": Self.text(loads.failure?.text),
      "failedStage": Self.text(loads.failure?.stage.rawValue),
      "waiting": loads.waiting.map {
        ["hash": .string($0.hash), "reasons": .array($0.reasons.map { .string($0) })]
      } ?? .null,
      "stages": .array(
        loads.stages.map {
          ["name": .string($0.stage.rawValue), "state": .string($0.result.rawValue)]
        }),
      "kinds": .array(
        rules.all.map { rule in
          [
            "kind": .string(rule.type.kind), "module": .string(rule.module),
            "hash": .string(rule.hash),
          ]
        }),
    ]
  }

  /// - Parameter now: the instant of the report, for the reflector's instants.
  func watch(_ reflector: Reflector, namespace: String?, at now: ContinuousClock.Instant)
    -> JSONValue
  {
    let status = reflector.status
    return [
      "resource": .string(reflector.type.plural), "group": .string(reflector.type.group),
      "namespace": Self.text(namespace), "synced": .bool(status.hasSynced),
      "objects": Self.count(reflector.store.count), "bytes": Self.count(reflector.store.byteCount),
      "lists": Self.count(status.lists), "watches": Self.count(status.watches),
      "failuresInARow": Self.count(status.failures), "lastError": Self.text(status.lastError),
      "silentSeconds": Self.seconds(status.lastContact.map { $0.duration(to: now) }),
    ]
  }

  /// - Parameter lastFailure: the newest failure of a resource type.
  func discord(
    _ state: DiscordClientState, lastFailure: (_ resourceType: String) -> String?
  ) -> JSONValue {
    [
      "baseURL": .string(state.baseURL), "tokenRefused": .bool(state.isTokenRefused),
      "waiting": Self.count(state.waiting), "globalUsed": Self.count(state.globalUsed),
      "globalLimit": Self.count(state.globalLimit),
      "globalPausedForSeconds": Self.seconds(state.globalPausedFor),
      "addressPausedForSeconds": Self.seconds(state.addressPausedFor),
      "invalidRequests": [
        "inTenMinutes": Self.count(state.invalidRequests), "limit": 10_000,
        "level": .string(state.invalidRequestLevel.rawValue),
      ],
      "buckets": .array(state.buckets.map(Self.bucket)),
      "breakers": .array(
        state.breakers.map { breaker in
          [
            "resourceType": .string(breaker.resourceType),
            "state": .string(breaker.phase.rawValue),
            "failuresInARow": Self.count(breaker.failuresInARow),
            "openedAt": breaker.openSince.map { .string(now.advanced(by: .zero - $0).seconds) }
              ?? .null,
            "openSeconds": Self.seconds(breaker.openSince),
            "coolDownSeconds": Self.seconds(breaker.coolDown),
            "retryInSeconds": Self.seconds(breaker.openFor),
            "lastFailure": Self.text(lastFailure(breaker.resourceType)),
          ]
        }),
    ]
  }

  private static func bucket(_ bucket: BucketSnapshot) -> JSONValue {
    [
      "bucket": .string(bucket.identity), "major": .string(bucket.major),
      "limit": bucket.limit.map(count) ?? .null,
      "remaining": bucket.remaining.map(count) ?? .null,
      "resetInSeconds": seconds(bucket.resetIn), "blockedForSeconds": seconds(bucket.blockedFor),
      "inFlight": count(bucket.inFlight), "waiting": count(bucket.waiting),
    ]
  }
}
