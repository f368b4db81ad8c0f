/// Work and watches, by the names of client-go, controller-runtime and crossplane-runtime where the
/// meaning is the same.
extension ProviderMetrics {
  private static let queue = ["name", "controller"]
  private static let seconds = [0.001, 0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 600]
  private static let ages: [Double] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600]

  package static let queueAdds = MetricFamily(
    .counter, "workqueue_adds_total", help: "Keys that were asked for.", labels: queue)
  package static let queueRetries = MetricFamily(
    .counter, "workqueue_retries_total", help: "Keys that came back after a failure.",
    labels: queue)
  package static let queueDuration = MetricFamily(
    .histogram, "workqueue_queue_duration_seconds",
    help: "Time that keys were due before a worker took them.", labels: queue, buckets: seconds)
  package static let workDuration = MetricFamily(
    .histogram, "workqueue_work_duration_seconds", help: "Time that the work on a key took.",
    labels: queue, buckets: seconds)
  package static let unfinishedWork = MetricFamily(
    .gauge, "workqueue_unfinished_work_seconds",
    help: "Sum of the times that the present work takes already.", labels: queue)
  package static let longestRunning = MetricFamily(
    .gauge, "workqueue_longest_running_processor_seconds",
    help: "How long the longest of the present work takes already.", labels: queue)
  package static let queueOldest = MetricFamily(
    .gauge, "provider_discord_queue_oldest_seconds",
    help: "How long the key that waits longest has been due.")
  package static let restRequests = MetricFamily(
    .counter, "rest_client_requests_total",
    help: "Requests to the API server by status code, method and host.",
    labels: ["code", "method", "host"])

  package static let firstReconcile = MetricFamily(
    .histogram, "crossplane_managed_resource_first_time_to_reconcile_seconds",
    help: "From the creation of a managed resource to its first reconcile.", labels: ["gvk"],
    buckets: ages)
  package static let firstReadiness = MetricFamily(
    .histogram, "crossplane_managed_resource_first_time_to_readiness_seconds",
    help: "From the creation of a managed resource to its first readiness.", labels: ["gvk"],
    buckets: ages)
  package static let deletion = MetricFamily(
    .histogram, "crossplane_managed_resource_deletion_seconds",
    help: "From the order to delete a managed resource to its end.", labels: ["gvk"],
    buckets: ages)
  package static let drift = MetricFamily(
    .histogram, "crossplane_managed_resource_drift_seconds",
    help: "From the last look at a managed resource to the one that found it different.",
    labels: ["gvk"], buckets: ages)

  package static let bucketRemaining = MetricFamily(
    .gauge, "provider_discord_rate_limit_remaining",
    help: "Requests that may still start in a bucket; the least of its guilds and channels.",
    labels: ["bucket"])
  package static let bucketReset = MetricFamily(
    .gauge, "provider_discord_rate_limit_reset_seconds",
    help: "Time until a bucket's window ends; the longest of its guilds and channels.",
    labels: ["bucket"])
  package static let limiterWaiting = MetricFamily(
    .gauge, "provider_discord_rate_limiter_waiting",
    help: "Requests that wait for the rate limits now.")
  package static let globalUsed = MetricFamily(
    .gauge, "provider_discord_rate_limit_global_used",
    help: "Requests in the present second; the most of all tokens.")
  package static let globalLimit = MetricFamily(
    .gauge, "provider_discord_rate_limit_global_limit", help: "Requests that a second allows.")
  package static let invalidLimit = MetricFamily(
    .gauge, "provider_discord_invalid_requests_limit",
    help: "Invalid requests in ten minutes for which Discord bans an address.")

  package static let watchSilence = MetricFamily(
    .gauge, "provider_discord_watch_silence_seconds",
    help: "Time since the API server last sent anything for a kind; a bookmark comes each minute.",
    labels: ["resource"])
  package static let watchAge = MetricFamily(
    .gauge, "provider_discord_watch_age_seconds", help: "How long the watch of a kind is open.",
    labels: ["resource"])
  package static let watchFailures = MetricFamily(
    .gauge, "provider_discord_watch_failures_in_a_row",
    help: "Failures of lists and watches of a kind since the last success.", labels: ["resource"])
  package static let watches = MetricFamily(
    .counter, "provider_discord_watches_total", help: "Watches that were opened, by kind.",
    labels: ["resource"])
  package static let lists = MetricFamily(
    .counter, "provider_discord_lists_total", help: "Lists that were completed, by kind.",
    labels: ["resource"])
  package static let storeObjects = MetricFamily(
    .gauge, "provider_discord_store_objects", help: "Objects kept in memory, by kind.",
    labels: ["kind"])

  /// Makes the families of this file known.
  static func registerWork(in registry: MetricRegistry) {
    registry.register(
      queueAdds, queueRetries, queueDuration, workDuration, unfinishedWork, longestRunning,
      queueOldest, restRequests, firstReconcile, firstReadiness, deletion, drift, bucketRemaining,
      bucketReset, limiterWaiting, globalUsed, globalLimit, invalidLimit, watchSilence, watchAge,
      watchFailures, watches, lists, storeObjects)
  }

  /// Begins counters and histograms at zero wherever their labels are known, so that `rate()` sees the
  /// first of anything.
  ///
  /// - Parameters:
  ///   - resourceTypes: the values of that label; `kinds` their kinds, `gvks` their full names.
  package static func begin(
    in registry: MetricRegistry, resourceTypes: [String], kinds: [String], gvks: [String]
  ) {
    let operations = ["observe", "create", "update", "delete"]
    for operation in operations { registry.begin(duration, [operation]) }
    for type in resourceTypes {
      for operation in operations {
        for status in ["success", "client_error", "rate_limited", "server_error", "network_error"] {
          registry.begin(ProviderMetrics.operations, [type, operation, status])
        }
      }
    }
    for scope in ["user", "global", "shared", "cloudflare"] { registry.begin(rateLimited, [scope]) }
    registry.begin(limiterWait, [])
    for kind in kinds {
      let controller = "managed/\(kind.lowercased())"
      for result in ["success", "requeue", "requeue_after", "error"] {
        registry.begin(reconciles, [controller, result])
      }
      registry.begin(reconcileErrors, [controller])
      registry.begin(reconcileTime, [controller])
    }
    for family in [queueDuration, workDuration] { registry.begin(family, ["managed", "managed"]) }
    for gvk in gvks {
      for family in [firstReconcile, firstReadiness, deletion, drift] {
        registry.begin(family, [gvk])
      }
    }
    registry.set(invalidLimit, to: 10_000)
    registry.set(invalidRequests, to: 0)
  }
}
