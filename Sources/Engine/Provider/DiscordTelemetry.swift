import DiscordAPI
import Logging

/// What the Discord client reports, as metrics and log lines.
struct DiscordTelemetry: Sendable {
  let registry: MetricRegistry
  let logger: Logger
  /// Told who waits for the limits.
  let pool: WorkPool<ResourceKey>

  /// The observer of a client.
  ///
  /// - Parameter announce: told what the circuit breaker of a resource type became, for an Event.
  func observer(
    announce: @escaping @Sendable (_ resourceType: String, CircuitBreaker.Phase) -> Void
  ) -> DiscordObserver {
    var observer = DiscordObserver()
    let (registry, logger) = (registry, logger)
    observer.requestFinished = { request in
      registry.add(
        ProviderMetrics.operations,
        [request.resourceType, request.operation, request.status.rawValue])
      registry.observe(
        ProviderMetrics.duration, [request.operation], request.duration.inSeconds)
      let level: Logger.Level = request.status == .success ? .debug : .warning
      logger.log(
        level: level, "discord request",
        metadata: [
          "route": "\(request.route)", "status": "\(request.status.rawValue)",
          "code": "\(request.code.map { String($0) } ?? "-")", "attempt": "\(request.attempt)",
          "duration": "\(request.duration)",
        ])
    }
    observer.rateLimited = { scope, route, wait in
      registry.add(ProviderMetrics.rateLimited, ["\(scope)"])
      logger.warning(
        "rate limit: Discord answered 429",
        metadata: ["scope": "\(scope)", "route": "\(route)", "wait": "\(wait)"])
    }
    observer.limiterWaited = { _, _, wait in
      registry.observe(ProviderMetrics.limiterWait, [], wait.inSeconds)
    }
    let pool = pool
    observer.waitBegan = { pool.waitBegan() }
    observer.waitEnded = { pool.waitEnded() }
    observer.requeued = { route, wait, reason in
      logger.debug(
        "rate limit: request put off",
        metadata: ["route": "\(route)", "wait": "\(wait)", "reason": "\(reason)"])
    }
    observer.breakerChanged = { type, transition in
      logger.warning(
        "circuit breaker \(transition.to.rawValue)", metadata: ["resource_type": "\(type)"])
      announce(type, transition.to)
    }
    observer.invalidRequest = { _, count in
      registry.set(ProviderMetrics.invalidRequests, to: Double(count))
    }
    observer.tokenRefused = {
      logger.error(
        "security: Discord refused the token (401); no more requests until its Secret changes")
    }
    observer.mutation = {
      logger.info("security: discord changed", metadata: MutationRecord($0).metadata)
    }
    return observer
  }
}
