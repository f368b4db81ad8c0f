-- High Error Rate: which of the requests to Discord fail, and why.
local access = require("lib.runbook_access")
local check = require("lib.check")
local egress = require("lib.runbook_egress")
local limiting = require("lib.runbook_limiting")
local logs = require("lib.runbook_logs")
local network = require("lib.runbook_network")
local preamble = require("lib.runbook_preamble")
local requests = require("lib.runbook_requests")
local resources = require("lib.runbook_resources")
local restart = require("lib.runbook_restart")
local token = require("lib.runbook_token")

local rb = {
  runbook = "high-error-rate",
  code = "HER",
  title = "High Error Rate",
  alerts = { "ProviderDiscordHighErrorRate" },
  owner = "Platform Team",
  reviewed = "2026-11-25",
  timeout = 60,
  summary = "Too many of the requests to Discord fail. Objects whose requests fail are tried again "
    .. "with growing pauses.",
  symptoms = {
    "AlertManager: `ProviderDiscordHighErrorRate`",
    "Discord API returning errors",
    "Resources failing to reconcile",
    "Increased retry attempts",
  },
  capabilities = {
    "kube.read",
    "metrics.read",
    "discord.read",
    "net.probe",
    "provider.read",
    "secret.fingerprint",
  },
  rights = {
    { verb = "list", group = "", resource = "pods", namespace = true },
    { verb = "get", group = "", resource = "pods", subresource = "log", namespace = true },
    { verb = "get", group = "apps", resource = "deployments", namespace = true },
    { verb = "get", group = "", resource = "secrets", namespace = true },
    { verb = "list", group = "networking.k8s.io", resource = "networkpolicies", namespace = true },
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
    error_ratio_warn = { default = 0.05, unit = "ratio", text = "share that fails (ours)" },
    error_ratio_fail = { default = 0.20, unit = "ratio", text = "the document's 20 %" },
    minimum_requests = { default = 20, unit = "requests", text = "fewer give no ratio (ours)" },
    sustained = { default = 1800, unit = "s", text = "the document's 30 minutes" },
    limited_warn = { default = 10, unit = "429/10 min", text = "answers 429 that count (ours)" },
    invalid_warn = { default = 2500, unit = "requests/10 min", text = "of 10,000 (ours)" },
    invalid_fail = { default = 5000, unit = "requests/10 min", text = "of 10,000 (ours)" },
  },
  checks = {
    {
      id = "HER-001",
      run = "api",
      title = "Kubernetes API and rights",
      category = "cluster",
      hint = "`kubectl version`; `kubectl auth can-i --list -n NAMESPACE`",
    },
    {
      id = "HER-002",
      run = "error_ratio",
      title = "share of requests that fail",
      category = "metrics",
      covers = { "investigation-1", "escalation-1", "escalation-3" },
      hint = '`sum(rate(provider_discord_api_operations_total{status!="success"}[5m])) / '
        .. "sum(rate(provider_discord_api_operations_total[5m]))`",
    },
    {
      id = "HER-003",
      run = "classes",
      title = "how they fail",
      category = "metrics",
      covers = { "investigation-1", "symptom-2" },
      hint = "`sum by (status, resource_type) (rate(provider_discord_api_operations_total[5m]))`",
    },
    {
      id = "HER-004",
      run = "token",
      title = "Discord takes the token",
      category = "auth",
      covers = { "investigation-3", "resolution-1", "escalation-2" },
      hint = "GET /users/@me with the bot's token; 401 means that it is refused",
    },
    {
      id = "HER-005",
      run = "secret",
      title = "Secret with the token",
      category = "auth",
      needs = { "HER-001" },
      covers = { "resolution-1" },
      hint = "`kubectl describe secret -n NAMESPACE discord-credentials`",
    },
    {
      id = "HER-006",
      run = "permissions",
      title = "permissions of the bot",
      category = "auth",
      needs = { "HER-001", "HER-004" },
      covers = { "resolution-3" },
      hint = "Server Settings, Roles: View Channels, Manage Channels, Manage Roles",
    },
    {
      id = "HER-007",
      run = "limits",
      title = "rate limits",
      category = "limits",
      covers = { "resolution-2" },
      hint = "`provider-discord runbook run rate-limit`",
    },
    {
      id = "HER-008",
      run = "reachable",
      title = "Discord answers",
      category = "network",
      covers = { "investigation-3", "resolution-4" },
      hint = "`provider-discord runbook run api-health`",
    },
    {
      id = "HER-009",
      run = "policies",
      title = "NetworkPolicies",
      category = "network",
      needs = { "HER-001" },
      covers = { "resolution-4" },
      hint = "`kubectl get networkpolicy -n NAMESPACE -o yaml`",
    },
    {
      id = "HER-010",
      run = "objects",
      title = "objects that report problems",
      category = "objects",
      needs = { "HER-001" },
      covers = { "investigation-4", "symptom-3" },
      hint = "`kubectl get " .. resources.names() .. " -A -o wide`",
    },
    {
      id = "HER-011",
      run = "log",
      title = "errors in the log",
      category = "objects",
      needs = { "HER-001" },
      covers = { "investigation-2", "symptom-4" },
      hint = "`kubectl logs -n NAMESPACE deployment/NAME | grep -i error | tail -20`",
    },
  },
  plans = {
    {
      id = "replace-token",
      build = "plan_token",
      title = "put a new token into the Secret",
      risk = "medium",
      verify = { "HER-004", "HER-005" },
      inputs = { "token" },
    },
    {
      id = "allow-egress",
      build = "plan_egress",
      title = "let the provider reach DNS and Discord",
      risk = "low",
      verify = { "HER-008", "HER-009" },
    },
    {
      id = "restart",
      build = "plan_restart",
      title = "restart the provider",
      risk = "high",
      verify = { "HER-002" },
      on_request = true,
    },
  },
  escalations = {
    { to = "Platform Team", when = "more than 20 % of the requests fail: at once" },
    { to = "Security Team", when = "Discord refuses the token" },
    { to = "On-call Engineer", when = "it lasts longer than 30 minutes" },
  },
}

local WINDOW <const> = 300

rb.api = preamble.api(rb.rights)
rb.classes = requests.dominant_class({
  window = WINDOW,
  ratio = "error_ratio_warn",
  minimum = "minimum_requests",
  explains = { "HER-002" },
})
rb.token = token.accepted({ "HER-002", "HER-003", "HER-006", "HER-007" })
rb.secret = token.stored({ "HER-002", "HER-003", "HER-004", "HER-006" })
rb.permissions = access.granted({ "HER-002", "HER-003", "HER-007" })
rb.limits = limiting.checked({ "HER-002", "HER-003" })
rb.reachable = network.gateway({
  name = "GET /gateway",
  cause = "net.gateway",
  explains = { "HER-002", "HER-003", "HER-004" },
  to = "Platform Team",
})
rb.policies = egress.open({ "HER-002", "HER-003", "HER-008" })
rb.objects = access.objects
rb.log = logs.without({
  what = "errors",
  words = { "error" },
  pattern = {
    '"level":"error"',
    '"level":"critical"',
    "%serror%s",
    "^error",
    "level=error",
  },
  cause = "log.errors",
  file = "errors.log",
})
rb.plan_token = token.plan_replace
rb.plan_egress = egress.plan_allow

function rb.error_ratio(ctx)
  local reading, err = requests.errors(ctx, WINDOW, ctx.thresholds.minimum_requests)
  if not reading then
    return check.no_answer("the share of requests that fail", err)
  end
  local count =
    string.format("%.0f of %.0f requests failed %s", reading.failed, reading.total, reading.span)
  local observed = { value = reading.ratio, failed = reading.failed, total = reading.total }
  if reading.total < ctx.thresholds.minimum_requests then
    return check.pass(count .. "; too few for a ratio", { observed = observed })
  end
  local message = string.format("%.1f %% of the requests fail", 100 * reading.ratio)
  local begun = ctx.alert and ctx.alert.starts_at
  local details = {
    cause = "requests.failing",
    observed = observed,
    lines = array({ count .. ": " .. requests.describe(reading) }),
    escalate = {
      { to = "On-call Engineer", after = ctx.thresholds.sustained, since = begun, why = "lasts" },
    },
  }
  for _, level in ipairs({ "fail", "warn" }) do
    local bound = ctx.thresholds["error_ratio_" .. level]
    if reading.ratio > bound then
      details.threshold = { value = bound, unit = "ratio" }
      if level == "fail" then
        table.insert(details.escalate, 1, { to = "Platform Team", after = 0, why = "> 20 %" })
      end
      return check[level](string.format("%s, more than %.0f %%", message, 100 * bound), details)
    end
  end
  return check.pass(message .. "; " .. count, { observed = observed })
end

function rb.plan_restart(ctx)
  return restart.roll_out(
    ctx,
    "the document's way to reset the limits; it throws away what is known of them",
    ctx.thresholds.invalid_warn,
    restart.veto_by_results(ctx, {
      ["HER-007"] = "answers 429 are many: a restart forgets the limits and earns more of them",
      ["HER-004"] = "Discord refuses the token: a restart would send it again",
    })
  )
end

return rb
