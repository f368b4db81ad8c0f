-- High Latency: where the time goes: in Discord, in the network, in waiting for the limits, or in a
-- process that gets too little CPU or memory.
local check = require("lib.check")
local latency = require("lib.runbook_latency")
local limits = require("lib.runbook_limits")
local memory = require("lib.runbook_memory")
local node = require("lib.runbook_node")
local preamble = require("lib.runbook_preamble")
local processor = require("lib.runbook_processor")
local quantity = require("lib.quantity")

local rb = {
  runbook = "high-latency",
  code = "HL",
  title = "High Latency",
  alerts = { "ProviderDiscordHighLatency" },
  owner = "Platform Team",
  reviewed = "2026-11-25",
  timeout = 60,
  summary = "Discord's answers take long, or the provider takes long to ask. Objects become Ready "
    .. "later; nothing is lost.",
  symptoms = {
    "AlertManager: `ProviderDiscordHighLatency`",
    "Slow API responses",
    "Timeouts in logs",
    "Poor user experience",
  },
  capabilities = { "kube.read", "metrics.read", "net.probe", "provider.read" },
  rights = {
    { verb = "get", group = "apps", resource = "deployments", namespace = true },
    { verb = "list", group = "", resource = "pods", namespace = true },
    { verb = "get", group = "", resource = "nodes", cluster = true },
    {
      verb = "get",
      group = "metrics.k8s.io",
      resource = "pods",
      namespace = true,
      optional = true,
    },
  },
  thresholds = {
    latency_warn = {
      default = 2,
      unit = "s",
      text = "95th percentile (ours)",
      metric = "provider_discord_api_duration_seconds",
    },
    latency_fail = {
      default = 10,
      unit = "s",
      text = "the document's 10 seconds",
      metric = "provider_discord_api_duration_seconds",
    },
    limiter_wait = {
      default = 2,
      unit = "s",
      text = "95th percentile of the waits for limits (ours)",
      metric = "provider_discord_rate_limiter_wait_seconds",
    },
    cpu_warn = { default = 0.80, unit = "ratio", text = "share of the CPU limit (ours)" },
    cpu_fail = { default = 0.95, unit = "ratio", text = "share of the CPU limit (ours)" },
    throttled_fail = { default = 0.25, unit = "ratio", text = "share of throttled periods (ours)" },
    memory_fail = { default = 0.90, unit = "ratio", text = "share of the memory limit (ours)" },
    degraded = { default = 3600, unit = "s", text = "the document's hour" },
    cpu_limit = { default = 500, unit = "m", text = "the document's limit" },
    memory_limit = { default = 512, unit = "MiB", text = "the document's limit" },
  },
  checks = {
    {
      id = "HL-001",
      run = "api",
      title = "Kubernetes API and rights",
      category = "cluster",
      hint = "`kubectl version`",
    },
    {
      id = "HL-002",
      run = "percentile",
      title = "95th percentile of Discord's answers",
      category = "latency",
      covers = { "investigation-1", "escalation-1", "escalation-2" },
      hint = "`histogram_quantile(0.95, sum by (operation, le) "
        .. "(rate(provider_discord_api_duration_seconds_bucket[5m])))`",
    },
    {
      id = "HL-003",
      run = "limiter",
      title = "waits for the rate limits",
      category = "latency",
      hint = "`histogram_quantile(0.95, sum by (le) "
        .. "(rate(provider_discord_rate_limiter_wait_seconds_bucket[5m])))`",
    },
    {
      id = "HL-004",
      run = "round_trip",
      title = "one request, timed from here and from the provider",
      category = "latency",
      covers = { "investigation-3", "resolution-2" },
      hint = "`curl -o /dev/null -s -w '%{time_total}\\n' https://discord.com/api/v10/gateway`",
    },
    {
      id = "HL-005",
      run = "cpu",
      title = "CPU",
      category = "resources",
      covers = { "investigation-2", "resolution-1" },
      hint = "`kubectl top pod -n NAMESPACE`",
    },
    {
      id = "HL-006",
      run = "throttling",
      title = "CPU throttling",
      category = "resources",
      covers = { "investigation-2" },
      hint = "`rate(container_cpu_cfs_throttled_periods_total[5m]) / "
        .. "rate(container_cpu_cfs_periods_total[5m])`",
    },
    {
      id = "HL-007",
      run = "memory",
      title = "memory",
      category = "resources",
      covers = { "investigation-2", "resolution-3" },
      hint = "`kubectl top pod -n NAMESPACE`",
    },
    {
      id = "HL-008",
      run = "node",
      title = "node of the pod",
      category = "resources",
      needs = { "HL-001" },
      covers = { "investigation-2" },
      hint = "`kubectl describe node NODE`",
    },
    {
      id = "HL-009",
      run = "components",
      title = "the largest part",
      category = "latency",
      hint = "reconcile time = waits for limits + Discord's answers + scripts",
    },
  },
  plans = {
    {
      id = "set-cpu-limit",
      build = "plan_cpu",
      title = "raise the CPU limit",
      risk = "medium",
      verify = { "HL-005", "HL-006" },
    },
    {
      id = "set-memory-limit",
      build = "plan_memory",
      title = "raise the memory limit",
      risk = "medium",
      verify = { "HL-007" },
    },
    {
      id = "wait",
      build = "plan_wait",
      title = "wait for Discord",
      risk = "low",
      verify = { "HL-002", "HL-004" },
    },
  },
  escalations = {
    { to = "Platform Team", when = "the 95th percentile is above 10 seconds: at once" },
    { to = "Platform Team", when = "it lasts longer than an hour" },
  },
}

rb.api = preamble.api(rb.rights)
rb.percentile = latency.percentile
rb.limiter = latency.limiter({ "HL-009" })
rb.round_trip = latency.round_trip({ "HL-002" })
rb.cpu = processor.saturated({ "HL-002", "HL-004", "HL-006" })
rb.throttling = processor.throttled({ "HL-002", "HL-004" })
rb.node = node.healthy({ "HL-002", "HL-005", "HL-006", "HL-007" })
rb.components = latency.components

function rb.memory(ctx)
  local reading, err = memory.read(ctx)
  if not reading then
    return check.no_answer("memory in use", err)
  end
  local message = quantity.bytes(reading.bytes) .. " in use"
  local observed = { bytes = reading.bytes, limit = reading.limit, ratio = reading.ratio }
  if not reading.limit then
    return check.pass(message .. ", without a limit", { observed = observed })
  end
  message = string.format("%s of %s", message, quantity.bytes(reading.limit))
  if reading.ratio > ctx.thresholds.memory_fail then
    return check.fail(message, {
      cause = "memory.pressure",
      explains = { "HL-002", "HL-004" },
      observed = observed,
      threshold = { value = ctx.thresholds.memory_fail, unit = "ratio" },
      plans = { "set-memory-limit" },
    })
  end
  return check.pass(message, { observed = observed })
end

function rb.plan_cpu(ctx)
  return limits.more_cpu(ctx, ctx.thresholds.cpu_limit)
end

function rb.plan_memory(ctx)
  return limits.more_memory(ctx, ctx.thresholds.memory_limit)
end

rb.plan_wait = latency.plan_wait

return rb
