-- Provider Down: why no provider runs, in the order in which one reason explains the next.
local endpoints = require("lib.runbook_endpoints")
local lease = require("lib.runbook_lease")
local limits = require("lib.runbook_limits")
local node = require("lib.runbook_node")
local preamble = require("lib.runbook_preamble")
local restart = require("lib.runbook_restart")
local rollback = require("lib.runbook_rollback")
local token = require("lib.runbook_token")
local workload = require("lib.runbook_workload")

local rb = {
  runbook = "provider-down",
  code = "PD",
  title = "Provider Down",
  alerts = { "ProviderDiscordDown" },
  owner = "Platform Team",
  reviewed = "2026-11-25",
  timeout = 60,
  summary = "No provider answers, so nothing in Discord is created, repaired or deleted. What is "
    .. "there stays as it is.",
  symptoms = {
    "AlertManager: `ProviderDiscordDown`",
    "No metrics from provider",
    "Discord resources not reconciling",
    "Provider pod not responding",
  },
  capabilities = { "kube.read", "metrics.read", "provider.read", "secret.fingerprint" },
  rights = {
    { verb = "get", group = "apps", resource = "deployments", namespace = true },
    { verb = "list", group = "apps", resource = "replicasets", namespace = true },
    { verb = "list", group = "", resource = "pods", namespace = true },
    { verb = "get", group = "", resource = "pods", subresource = "log", namespace = true },
    { verb = "list", group = "", resource = "events", namespace = true },
    { verb = "get", group = "", resource = "nodes", cluster = true },
    {
      verb = "get",
      group = "metrics.k8s.io",
      resource = "pods",
      namespace = true,
      optional = true,
    },
    { verb = "get", group = "coordination.k8s.io", resource = "leases", namespace = true },
    { verb = "get", group = "discord.crossplane.io", resource = "providerconfigs", cluster = true },
    { verb = "get", group = "", resource = "secrets", namespace = true },
  },
  thresholds = {
    restarts_warn = { default = 3, unit = "restarts/h", text = "more within an hour warn (ours)" },
    memory_limit = { default = 512, unit = "MiB", text = "the document's limit after an OOM kill" },
    memory_warn = { default = 0.75, unit = "ratio", text = "share of the limit (ours)" },
    lease_age = { default = 60, unit = "s", text = "a Lease not renewed for so long (ours)" },
    events_window = { default = 3600, unit = "s", text = "how far back Events count (ours)" },
    invalid_veto = {
      default = 2500,
      unit = "requests/10 min",
      text = "no restart from so many invalid requests on (ours)",
    },
  },
  checks = {
    {
      id = "PD-001",
      run = "api",
      title = "Kubernetes API and rights",
      category = "cluster",
      hint = "`kubectl version`; `kubectl auth can-i --list -n NAMESPACE`",
    },
    {
      id = "PD-002",
      run = "available",
      title = "replicas available",
      category = "workload",
      needs = { "PD-001" },
      covers = { "symptom-4", "escalation-1", "escalation-2", "escalation-3" },
      hint = "`kubectl get deployment -n NAMESPACE NAME`",
    },
    {
      id = "PD-003",
      run = "pods",
      title = "state of the pods",
      category = "workload",
      needs = { "PD-001" },
      covers = { "investigation-1", "resolution-1", "resolution-2", "resolution-3" },
      hint = "`kubectl describe pod -n NAMESPACE POD`",
    },
    {
      id = "PD-004",
      run = "previous_log",
      title = "last words of the ended container",
      category = "workload",
      needs = { "PD-001" },
      covers = { "investigation-2" },
      hint = "`kubectl logs -n NAMESPACE POD --previous`",
    },
    {
      id = "PD-005",
      run = "usage",
      title = "memory in use",
      category = "workload",
      needs = { "PD-001" },
      covers = { "investigation-3" },
      hint = "`kubectl top pod -n NAMESPACE POD`",
    },
    {
      id = "PD-006",
      run = "node",
      title = "node of the pod",
      category = "cluster",
      needs = { "PD-001" },
      covers = { "investigation-4" },
      hint = "`kubectl describe node NODE`",
    },
    {
      id = "PD-007",
      run = "events",
      title = "warnings about the provider",
      category = "cluster",
      needs = { "PD-001" },
      covers = { "investigation-4" },
      hint = "`kubectl get events -n NAMESPACE --sort-by=.lastTimestamp`",
    },
    {
      id = "PD-008",
      run = "config",
      title = "ProviderConfig",
      category = "configuration",
      needs = { "PD-001" },
      covers = { "resolution-2" },
      hint = "`kubectl describe providerconfigs.discord.crossplane.io NAME`",
    },
    {
      id = "PD-009",
      run = "secret",
      title = "Secret with the token",
      category = "configuration",
      needs = { "PD-001" },
      covers = { "resolution-2" },
      hint = "`kubectl describe secret -n NAMESPACE discord-credentials`; never `-o yaml`, which "
        .. "prints the token",
    },
    {
      id = "PD-010",
      run = "lease",
      title = "Lease of the leader",
      category = "workload",
      needs = { "PD-001" },
      hint = "`kubectl get lease -n NAMESPACE LEASE -o yaml`",
    },
    {
      id = "PD-011",
      run = "package",
      title = "Crossplane's package",
      category = "workload",
      needs = { "PD-001" },
      hint = "`kubectl describe providers.pkg.crossplane.io NAME`",
    },
    {
      id = "PD-012",
      run = "answers",
      title = "the provider answers",
      category = "provider",
      covers = { "symptom-2", "symptom-3", "symptom-4" },
      hint = "`kubectl get --raw /api/v1/namespaces/NAMESPACE/pods/POD:8080/proxy/healthz`",
    },
    {
      id = "PD-013",
      run = "scraped",
      title = "Prometheus reaches it",
      category = "metrics",
      covers = { "symptom-1", "symptom-2" },
      hint = '`up{job="provider-discord"}` in Prometheus',
    },
  },
  plans = {
    {
      id = "set-memory-limit",
      build = "plan_memory",
      title = "raise the memory limit",
      risk = "medium",
      verify = { "PD-002", "PD-003" },
    },
    {
      id = "roll-back-image",
      build = "plan_image",
      title = "go back to the last image that was in use",
      risk = "medium",
      verify = { "PD-002", "PD-003" },
    },
    {
      id = "replace-token",
      build = "plan_token",
      title = "put a token into the Secret",
      risk = "medium",
      verify = { "PD-009" },
      inputs = { "token" },
    },
    {
      id = "release-lease",
      build = "plan_lease",
      title = "release the Lease of a dead holder",
      risk = "low",
      verify = { "PD-010" },
    },
    {
      id = "restart-pod",
      build = "plan_restart",
      title = "delete the pod, so that another is made",
      risk = "medium",
      verify = { "PD-002", "PD-012" },
    },
  },
  escalations = {
    { to = "Platform Team", when = "the provider does not run" },
    { to = "SRE Team", when = "it has not run for 15 minutes" },
    { to = "On-call Engineer", when = "emergency contact" },
  },
}

-- Everything that a provider which cannot start makes fail, the clocks of a recovery as well.
local VICTIMS <const> = { "PD-002", "PD-003", "PD-012", "PD-013", "DR-012", "DR-014" }

rb.api = preamble.api(rb.rights)
rb.available = workload.available({ "PD-012", "PD-013", "DR-012", "DR-014" }, "PD-003")
rb.pods = workload.pods({
  "PD-002",
  "PD-011",
  "PD-012",
  "PD-013",
  "DR-012",
  "DR-014",
  "HM-005",
})
rb.previous_log = workload.previous_log
rb.usage = workload.usage
rb.node = node.healthy(VICTIMS)
rb.events = workload.events(VICTIMS)
rb.config = token.configured(VICTIMS)
rb.secret = token.stored(VICTIMS)
rb.lease = lease.alive({ "PD-012", "PD-013" })
rb.package = rollback.package_healthy({ "PD-002", "PD-012", "PD-013" })
rb.answers = endpoints.live({ "PD-013" })
rb.scraped = endpoints.scraped
rb.plan_image = rollback.plan_image
rb.plan_token = token.plan_replace
rb.plan_lease = lease.plan_release

function rb.plan_memory(ctx)
  return limits.more_memory(ctx, ctx.thresholds.memory_limit)
end

function rb.plan_restart(ctx)
  local maximum = ctx.thresholds.invalid_veto
  return restart.delete_pod(ctx, "its Deployment makes another at once", maximum)
end

return rb
