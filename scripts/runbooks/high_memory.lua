-- High Memory Usage: how near the limit is, and whether many objects, a leak or a small limit is
-- the reason.
local growth = require("lib.runbook_growth")
local clock = require("lib.clock")
local limits = require("lib.runbook_limits")
local logs = require("lib.runbook_logs")
local preamble = require("lib.runbook_preamble")
local restart = require("lib.runbook_restart")
local workload = require("lib.runbook_workload")

local rb = {
  runbook = "high-memory",
  code = "HM",
  title = "High Memory Usage",
  alerts = { "ProviderDiscordMemoryUsageHigh" },
  owner = "Platform Team",
  reviewed = "2026-11-25",
  timeout = 60,
  summary = "The provider uses nearly all the memory that it may. At the limit the kernel kills "
    .. "it, and it starts again.",
  symptoms = {
    "AlertManager: `ProviderDiscordMemoryUsageHigh`",
    "Pod OOMKilled events",
    "Slow performance",
  },
  capabilities = { "kube.read", "metrics.read", "provider.read" },
  rights = {
    { verb = "get", group = "apps", resource = "deployments", namespace = true },
    { verb = "list", group = "", resource = "pods", namespace = true },
    { verb = "get", group = "", resource = "pods", subresource = "log", namespace = true },
    {
      verb = "get",
      group = "metrics.k8s.io",
      resource = "pods",
      namespace = true,
      optional = true,
    },
  },
  thresholds = {
    memory_ratio_warn = { default = 0.75, unit = "ratio", text = "share of the limit (ours)" },
    memory_ratio_fail = { default = 0.90, unit = "ratio", text = "share of the limit (ours)" },
    memory_bytes_fail = { default = 1, unit = "GiB", text = "the document's 1 GB" },
    memory_warn = { default = 0.75, unit = "ratio", text = "of the limit, by the kubelet (ours)" },
    memory_limit = { default = 1024, unit = "MiB", text = "the document's limit" },
    oom_repeated = { default = 2, unit = "kills", text = "the document's repeated OOMKilled" },
    slope_window = { default = 3600, unit = "s", text = "over which growth is seen (ours)" },
    leak_horizon = { default = 14400, unit = "s", text = "until the limit is reached (ours)" },
    objects_fail = { default = 20000, unit = "objects", text = "more need more memory (ours)" },
    invalid_veto = {
      default = 2500,
      unit = "requests/10 min",
      text = "no restart from so many invalid requests on (ours)",
    },
  },
  checks = {
    {
      id = "HM-001",
      run = "api",
      title = "Kubernetes API and rights",
      category = "cluster",
      hint = "`kubectl version`",
    },
    {
      id = "HM-002",
      run = "resident",
      title = "resident memory",
      category = "memory",
      covers = { "investigation-1", "escalation-1" },
      hint = '`process_resident_memory_bytes{job="provider-discord"}`',
    },
    {
      id = "HM-003",
      run = "limited",
      title = "memory limit",
      category = "memory",
      needs = { "HM-001" },
      covers = { "investigation-2" },
      hint = "`kubectl describe deployment -n NAMESPACE NAME`",
    },
    {
      id = "HM-004",
      run = "usage",
      title = "memory as the kubelet sees it",
      category = "memory",
      needs = { "HM-001" },
      covers = { "investigation-1" },
      hint = "`kubectl top pod -n NAMESPACE`",
    },
    {
      id = "HM-005",
      run = "kills",
      title = "kills for memory",
      category = "memory",
      needs = { "HM-001" },
      covers = { "symptom-2", "escalation-2" },
      hint = "`kubectl get pod -n NAMESPACE POD -o jsonpath={.status.containerStatuses}`",
    },
    {
      id = "HM-006",
      run = "leak",
      title = "growth",
      category = "growth",
      covers = { "investigation-3" },
      hint = '`deriv(process_resident_memory_bytes{job="provider-discord"}[1h])`',
    },
    {
      id = "HM-007",
      run = "objects",
      title = "number of objects",
      category = "growth",
      covers = { "resolution-3" },
      hint = "`sum(provider_discord_resources_total)`",
    },
    {
      id = "HM-008",
      run = "log",
      title = "what the log says about memory",
      category = "growth",
      needs = { "HM-001" },
      covers = { "investigation-3" },
      hint = "`kubectl logs -n NAMESPACE deployment/NAME | grep -i memory`",
    },
  },
  plans = {
    {
      id = "set-memory-limit",
      build = "plan_memory",
      title = "raise the memory limit",
      risk = "medium",
      verify = { "HM-002", "HM-003" },
    },
    {
      id = "restart",
      build = "plan_restart",
      title = "restart the provider",
      risk = "medium",
      verify = { "HM-002" },
    },
  },
  escalations = {
    { to = "Platform Team", when = "more than 1 GB is in use" },
    { to = "Development Team", when = "it is OOMKilled repeatedly, or memory leaks" },
  },
}

rb.api = preamble.api(rb.rights)
rb.resident = growth.resident
rb.limited = growth.limited
rb.usage = workload.usage
rb.kills = growth.kills({ "HM-002" })
rb.leak = growth.leak({ "HM-002", "HM-005" })
rb.objects = growth.objects({ "HM-002", "HM-005", "HM-006" })
rb.log = logs.without({
  what = "lines about too little memory",
  words = { "memory" },
  pattern = { "out of memory", "memory limit", "cannot allocate" },
  cause = "log.memory",
  file = "memory.log",
})

function rb.plan_memory(ctx)
  return limits.more_memory(ctx, ctx.thresholds.memory_limit)
end

function rb.plan_restart(ctx)
  local left = growth.time_left(ctx)
  local why = left
      and "gives memory back for about " .. clock.text(left) .. ", then it is as full again"
    or "gives memory back; when it is as full again is unknown"
  return restart.roll_out(ctx, why, ctx.thresholds.invalid_veto)
end

return rb
