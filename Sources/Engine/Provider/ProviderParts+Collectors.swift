import DiscordAPI
import KubeWatch

/// What is read anew for each scrape.
extension ProviderParts {
  static func report(
    _ work: WorkPool<ResourceKey>.Inspection, _ history: [ResourceKey: ReconcileHistory.Entry],
    now: Duration, isLeading: Bool, into registry: MetricRegistry
  ) {
    let labels = ["managed", "managed"]
    registry.set(ProviderMetrics.queueAdds, labels, to: Double(work.adds))
    registry.set(ProviderMetrics.queueRetries, labels, to: Double(work.retries))
    let running = history.values.compactMap(\.runningSince).map { (now - $0).inSeconds }
    registry.set(ProviderMetrics.unfinishedWork, labels, to: running.reduce(0, +))
    registry.set(ProviderMetrics.longestRunning, labels, to: running.max() ?? 0)
    // What waits on a replica that stands by waits for nobody.
    let oldest = isLeading ? work.oldest.first : nil
    registry.set(
      ProviderMetrics.queueOldest, to: oldest.map { (now - $0.due).inSeconds } ?? 0)
  }

  /// Watches by kind; of several namespaces the worst.
  static func report(
    _ reflectors: [Reflector], now: ContinuousClock.Instant, into registry: MetricRegistry
  ) {
    for (resource, group) in Dictionary(grouping: reflectors, by: \.type.plural) {
      let states = group.map(\.status)
      func oldest(_ instants: [ContinuousClock.Instant?]) -> Double {
        instants.compactMap { $0 }.min().map { $0.duration(to: now).inSeconds } ?? 0
      }
      registry.set(
        ProviderMetrics.watchSilence, [resource], to: oldest(states.map(\.lastContact)))
      registry.set(ProviderMetrics.watchAge, [resource], to: oldest(states.map(\.watchOpened)))
      registry.set(
        ProviderMetrics.watchFailures, [resource], to: Double(states.map(\.failures).max() ?? 0))
      registry.set(
        ProviderMetrics.watches, [resource], to: Double(states.reduce(0) { $0 + $1.watches }))
      registry.set(
        ProviderMetrics.lists, [resource], to: Double(states.reduce(0) { $0 + $1.lists }))
      registry.set(
        ProviderMetrics.storeObjects, [group[0].type.kind],
        to: Double(group.reduce(0) { $0 + $1.store.count }))
    }
  }

  /// Limits of all tokens. A bucket is one of Discord's, whatever guild or channel it counts for, so
  /// that the number of series does not grow with the guilds.
  static func report(_ states: [DiscordClientState], into registry: MetricRegistry) {
    registry.clear(ProviderMetrics.bucketRemaining)
    registry.clear(ProviderMetrics.bucketReset)
    registry.set(
      ProviderMetrics.limiterWaiting, to: Double(states.reduce(0) { $0 + $1.waiting }))
    registry.set(
      ProviderMetrics.globalUsed, to: Double(states.map(\.globalUsed).max() ?? 0))
    if let limit = states.map(\.globalLimit).min() {
      registry.set(ProviderMetrics.globalLimit, to: Double(limit))
    }
    if let count = states.map(\.invalidRequests).max() {
      registry.set(ProviderMetrics.invalidRequests, to: Double(count))
    }
    let buckets = Dictionary(grouping: states.flatMap(\.buckets), by: \.identity)
    for (identity, group) in buckets.sorted(by: { $0.key < $1.key }).prefix(64) {
      if let remaining = group.compactMap(\.remaining).min() {
        registry.set(ProviderMetrics.bucketRemaining, [identity], to: Double(remaining))
      }
      let reset = group.compactMap(\.resetIn).max() ?? .zero
      registry.set(ProviderMetrics.bucketReset, [identity], to: reset.inSeconds)
    }
  }
}
