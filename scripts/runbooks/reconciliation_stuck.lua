-- Reconciliation Stuck: which objects do not get on, which of them only wait for others, and
-- whether the provider works at all.
local activity = require("lib.runbook_activity")
local logs = require("lib.runbook_logs")
local preamble = require("lib.runbook_preamble")
local reconcile = require("lib.runbook_reconcile")
local resources = require("lib.runbook_resources")
local restart = require("lib.runbook_restart")
local stuck = require("lib.runbook_stuck")
local token = require("lib.runbook_token")

local rb = {
  runbook = "reconciliation-stuck",
  code = "RS",
  title = "Reconciliation Stuck",
  alerts = { "ProviderDiscordReconciliationStuck" },
  owner = "Platform Team",
  reviewed = "2026-11-25",
  timeout = 60,
  summary = "Objects have not been Ready and Synced for long, or none has been looked at.",
  symptoms = {
    "AlertManager: `ProviderDiscordReconciliationStuck`",
    "Resources in pending state",
    "No reconciliation activity",
  },
  capabilities = { "kube.read", "metrics.read", "provider.read", "secret.fingerprint" },
  rights = {
    { verb = "list", group = "", resource = "pods", namespace = true },
    { verb = "get", group = "", resource = "pods", subresource = "log", namespace = true },
    { verb = "get", group = "", resource = "secrets", namespace = true },
    { verb = "list", group = "", resource = "events", cluster = true },
    {
      verb = "list",
      group = "discord.crossplane.io",
      resource = "providerconfigs",
      cluster = true,
    },
    { verb = "list", group = "guild.discord.crossplane.io", resource = "guilds", cluster = true },
    {
      verb = "list",
      group = "channel.discord.crossplane.io",
      resource = "channels",
      cluster = true,
    },
    { verb = "list", group = "role.discord.crossplane.io", resource = "roles", cluster = true },
  },
  thresholds = {
    stuck_warn = { default = 600, unit = "s", text = "for so long (ours)" },
    stuck_fail = { default = 1800, unit = "s", text = "the document's 30 minutes" },
    idle_window = { default = 600, unit = "s", text = "without a reconcile (ours)" },
    backlog_warn = { default = 500, unit = "keys", text = "that are due and wait (ours)" },
    invalid_veto = {
      default = 2500,
      unit = "requests/10 min",
      text = "no restart from so many invalid requests on (ours)",
    },
  },
  checks = {
    {
      id = "RS-001",
      run = "api",
      title = "Kubernetes API and rights",
      category = "cluster",
      hint = "`kubectl version`",
    },
    {
      id = "RS-002",
      run = "objects",
      title = "objects that do not get on",
      category = "objects",
      needs = { "RS-001" },
      covers = {
        "investigation-1",
        "resolution-1",
        "symptom-2",
        "escalation-1",
        "escalation-2",
      },
      hint = "`kubectl get " .. resources.names() .. " -A`, then `kubectl describe`",
    },
    {
      id = "RS-003",
      run = "deletions",
      title = "deletions that wait",
      category = "objects",
      needs = { "RS-001" },
      hint = "`kubectl get … -o jsonpath={.metadata.finalizers}`; a finalizer is never removed by "
        .. "hand before it is known what stays behind in Discord",
    },
    {
      id = "RS-004",
      run = "paused",
      title = "paused objects",
      category = "objects",
      needs = { "RS-001" },
      hint = "`kubectl annotate … crossplane.io/paused-`",
    },
    {
      id = "RS-005",
      run = "creations",
      title = "undecided creates",
      category = "objects",
      needs = { "RS-001" },
      hint = "look into the guild, then set or remove the annotation that the condition names",
    },
    {
      id = "RS-006",
      run = "generations",
      title = "changes that were not looked at",
      category = "objects",
      needs = { "RS-001" },
      hint = "metadata.generation against observedGeneration of Synced",
    },
    {
      id = "RS-007",
      run = "configs",
      title = "ProviderConfigs in use",
      category = "dependencies",
      needs = { "RS-001" },
      covers = { "resolution-2" },
      hint = "`kubectl get providerconfigs.discord.crossplane.io`",
    },
    {
      id = "RS-008",
      run = "secret",
      title = "Secret with the token",
      category = "dependencies",
      needs = { "RS-001" },
      covers = { "resolution-2" },
      hint = "`kubectl describe secret -n NAMESPACE discord-credentials`",
    },
    {
      id = "RS-009",
      run = "active",
      title = "the provider reconciles",
      category = "provider",
      covers = { "symptom-3", "resolution-3" },
      hint = "`sum(increase(controller_runtime_reconcile_total[10m]))`",
    },
    {
      id = "RS-010",
      run = "backlog",
      title = "length of the queue",
      category = "provider",
      hint = "`sum(workqueue_depth)`",
    },
    {
      id = "RS-011",
      run = "scripts",
      title = "scripts that fail",
      category = "provider",
      hint = "`rate(provider_discord_script_failures_total[5m])`",
    },
    {
      id = "RS-012",
      run = "log",
      title = "reconciles that failed, in the log",
      category = "provider",
      needs = { "RS-001" },
      covers = { "investigation-2" },
      hint = "`kubectl logs -n NAMESPACE deployment/NAME | grep -i reconcile`",
    },
    {
      id = "RS-013",
      run = "events",
      title = "warnings about objects",
      category = "objects",
      needs = { "RS-001" },
      covers = { "investigation-3" },
      hint = "`kubectl get events -A --sort-by=.lastTimestamp | grep -i discord`",
    },
  },
  plans = {
    {
      id = "request-reconcile",
      build = "plan_request",
      title = "ask for a reconcile of the roots",
      risk = "low",
      verify = { "RS-002" },
    },
    {
      id = "unpause",
      build = "plan_unpause",
      title = "end the pause",
      risk = "medium",
      verify = { "RS-004" },
    },
    {
      id = "replace-token",
      build = "plan_token",
      title = "put a token into the Secret",
      risk = "medium",
      verify = { "RS-008" },
      inputs = { "token" },
    },
    {
      id = "restart",
      build = "plan_restart",
      title = "restart the provider",
      risk = "medium",
      verify = { "RS-009" },
    },
  },
  escalations = {
    { to = "Platform Team", when = "objects are stuck for more than 30 minutes" },
    { to = "Platform Team", when = "a critical object is stuck: at once" },
  },
}

local OBJECTS <const> = { "RS-002", "RS-003", "RS-005", "RS-006" }

rb.api = preamble.api(rb.rights)
rb.objects = stuck.none
rb.deletions = stuck.deletions
rb.paused = stuck.paused
rb.creations = stuck.creations
rb.generations = stuck.generations
rb.configs = stuck.configs(OBJECTS)
rb.secret = token.stored(OBJECTS)
rb.active = activity.active(OBJECTS)
rb.backlog = activity.backlog
rb.scripts = activity.scripts({ "RS-002", "RS-003", "RS-006" })
rb.events = activity.events
rb.log = logs.without({
  what = "failed reconciles",
  words = { "reconcile" },
  pattern = { '"level":"error"', "%serror%s", "^error", "level=error" },
  cause = "log.reconcile",
  file = "reconciles.log",
})
rb.plan_unpause = reconcile.plan_unpause
rb.plan_token = token.plan_replace

function rb.plan_request(ctx)
  return reconcile.plan_request(ctx, ctx.thresholds.stuck_warn)
end

function rb.plan_restart(ctx)
  local active = (ctx.results or {})["RS-009"] or {}
  local veto = active.status ~= "fail"
      and "the provider reconciles other objects: a restart would not help these"
    or nil
  return restart.roll_out(ctx, "nothing is reconciled at all", ctx.thresholds.invalid_veto, veto)
end

return rb
