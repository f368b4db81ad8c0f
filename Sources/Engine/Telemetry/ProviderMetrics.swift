/// The metrics that the provider exposes. Names of controller-runtime and Crossplane are used where
/// the meaning is the same, so that existing dashboards work; `provider_discord_*` are the names of
/// the operational runbooks.
package enum ProviderMetrics {
  package static let operations = MetricFamily(
    .counter, "provider_discord_api_operations_total",
    help: "Requests to Discord by resource type, operation and status.",
    labels: ["resource_type", "operation", "status"])
  package static let duration = MetricFamily(
    .histogram, "provider_discord_api_duration_seconds",
    help: "Time from sending a request to Discord until its answer is complete.",
    labels: ["operation"],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60])
  package static let breaker = MetricFamily(
    .gauge, "provider_discord_circuit_breaker_state",
    help: "1 for the state that the circuit breaker of a resource type is in.",
    labels: ["resource_type", "state"])
  package static let resources = MetricFamily(
    .gauge, "provider_discord_resources_total",
    help: "Managed resources in the store, by kind and condition.",
    labels: ["resource_type", "ready", "synced"])
  package static let rateLimited = MetricFamily(
    .counter, "provider_discord_rate_limited_total",
    help: "Answers 429 by scope.", labels: ["scope"])
  package static let limiterWait = MetricFamily(
    .histogram, "provider_discord_rate_limiter_wait_seconds",
    help: "Time that requests waited for the rate limits.", labels: [],
    buckets: [0.001, 0.01, 0.1, 0.5, 1, 2, 5])
  package static let invalidRequests = MetricFamily(
    .gauge, "provider_discord_invalid_requests",
    help: "Answers 401, 403 and 429 in the last ten minutes; Discord bans an address at 10000.")
  package static let ruleGeneration = MetricFamily(
    .gauge, "provider_discord_rules_generation", help: "The live generation of the Lua rules.")
  package static let ruleLoads = MetricFamily(
    .counter, "provider_discord_rules_loads_total",
    help: "Loads of the Lua rules since the start.", labels: ["result"])
  package static let ruleDeployments = MetricFamily(
    .counter, "provider_discord_rules_deployments_total",
    help: "Stages that saved Lua rules went through, by how they ended.",
    labels: ["stage", "result"])
  package static let rulesWaiting = MetricFamily(
    .gauge, "provider_discord_rules_waiting",
    help: "1 while saved Lua rules wait for an approval.")
  package static let scriptFailures = MetricFamily(
    .counter, "provider_discord_script_failures_total",
    help: "Runs of a script that ended with an error, by kind.", labels: ["module", "kind"])
  package static let scriptRuns = MetricFamily(
    .counter, "provider_discord_script_runs_total",
    help: "Runs of a script's functions.", labels: ["module", "function"])
  package static let scriptInstructions = MetricFamily(
    .counter, "provider_discord_script_instructions_total",
    help: "Instructions of the runs of a script.", labels: ["module"])
  package static let scriptPeakBytes = MetricFamily(
    .gauge, "provider_discord_script_peak_bytes",
    help: "The most memory that one run of a script held.", labels: ["module"])
  package static let scriptDuration = MetricFamily(
    .histogram, "provider_discord_script_duration_seconds",
    help: "Computing time of the runs of a script, without the waiting for its effects.",
    labels: ["module"],
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 1, 10])
  package static let storeBytes = MetricFamily(
    .gauge, "provider_discord_store_bytes", help: "Bytes of objects kept in memory.",
    labels: ["kind"])
  package static let residentMemory = MetricFamily(
    .gauge, "process_resident_memory_bytes", help: "Resident memory size in bytes.")
  package static let cpuSeconds = MetricFamily(
    .counter, "process_cpu_seconds_total", help: "Total user and system CPU time in seconds.")
  package static let startTime = MetricFamily(
    .gauge, "process_start_time_seconds",
    help: "Start time of the process since the Unix epoch in seconds.")
  package static let openDescriptors = MetricFamily(
    .gauge, "process_open_fds", help: "Number of open file descriptors.")

  package static let leader = MetricFamily(
    .gauge, "leader_election_master_status",
    help: "1 on the replica that holds the Lease, 0 on those that stand by.", labels: ["name"])

  package static let reconciles = MetricFamily(
    .counter, "controller_runtime_reconcile_total",
    help: "Reconciles by controller and result.", labels: ["controller", "result"])
  package static let reconcileErrors = MetricFamily(
    .counter, "controller_runtime_reconcile_errors_total",
    help: "Reconciles that failed, by controller.", labels: ["controller"])
  package static let reconcileTime = MetricFamily(
    .histogram, "controller_runtime_reconcile_time_seconds",
    help: "Duration of reconciles by controller.", labels: ["controller"],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60])
  package static let activeWorkers = MetricFamily(
    .gauge, "controller_runtime_active_workers", help: "Workers that are busy.",
    labels: ["controller"])
  package static let maximumWorkers = MetricFamily(
    .gauge, "controller_runtime_max_concurrent_reconciles",
    help: "Workers that there are.", labels: ["controller"])
  package static let queueDepth = MetricFamily(
    .gauge, "workqueue_depth", help: "Keys that are due and wait for a worker.",
    labels: ["name", "controller", "priority"])
  package static let exists = MetricFamily(
    .gauge, "crossplane_managed_resource_exists",
    help: "Managed resources that exist, by kind.", labels: ["gvk"])
  package static let ready = MetricFamily(
    .gauge, "crossplane_managed_resource_ready",
    help: "Managed resources in Ready=True, by kind.", labels: ["gvk"])
  package static let synced = MetricFamily(
    .gauge, "crossplane_managed_resource_synced",
    help: "Managed resources in Synced=True, by kind.", labels: ["gvk"])

  /// Makes the families known whose absence would look like a fault.
  package static func register(in registry: MetricRegistry) {
    registerWork(in: registry)
    registry.register(
      operations, duration, breaker, resources, rateLimited, limiterWait, invalidRequests,
      ruleGeneration, ruleLoads, ruleDeployments, rulesWaiting, scriptFailures, scriptRuns,
      scriptInstructions, scriptPeakBytes, scriptDuration, storeBytes, residentMemory, cpuSeconds,
      startTime, openDescriptors, reconciles, reconcileErrors, reconcileTime, activeWorkers,
      maximumWorkers, queueDepth, exists, ready, synced)
  }
}
