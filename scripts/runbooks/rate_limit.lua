-- Rate Limit Approaching: how near Discord's limits are, who makes the requests, and how near a ban
-- of the address is.
local limiting = require("lib.runbook_limiting")
local logs = require("lib.runbook_logs")
local preamble = require("lib.runbook_preamble")
local rates = require("lib.runbook_rates")
local reconcile = require("lib.runbook_reconcile")
local requests = require("lib.runbook_requests")
local resources = require("lib.runbook_resources")
local restart = require("lib.runbook_restart")

local rb = {
  runbook = "rate-limit",
  code = "RL",
  title = "Rate Limit Approaching",
  alerts = { "ProviderDiscordRateLimitApproaching" },
  owner = "Platform Team",
  reviewed = "2026-11-25",
  timeout = 60,
  summary = "The provider makes so many requests, or so many that Discord refuses, that its limits "
    .. "are near. It slows down by itself; a ban of the address would stop it for a day.",
  symptoms = {
    "AlertManager: `ProviderDiscordRateLimitApproaching`",
    "429 responses from Discord API",
    "Increased latency",
  },
  capabilities = { "kube.read", "metrics.read", "provider.read" },
  rights = {
    { verb = "list", group = "", resource = "pods", namespace = true },
    { verb = "get", group = "", resource = "pods", subresource = "log", namespace = true },
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
    rate_warn = { default = 35, unit = "requests/s", text = "of Discord's 50 (ours)" },
    rate_fail = { default = 45, unit = "requests/s", text = "of Discord's 50 (ours)" },
    bucket_wait = { default = 5, unit = "s", text = "for an empty bucket (ours)" },
    limited_warn = { default = 10, unit = "429/10 min", text = "answers 429 that count (ours)" },
    invalid_warn = { default = 2500, unit = "requests/10 min", text = "of 10,000 (ours)" },
    invalid_fail = { default = 5000, unit = "requests/10 min", text = "of 10,000 (ours)" },
    windows = { default = 5, unit = "windows", text = "of five minutes that are looked at (ours)" },
    windows_fail = { default = 3, unit = "windows", text = "with answers 429 (ours)" },
    limiter_wait = {
      default = 2,
      unit = "s",
      text = "95th percentile of the waits for limits (ours)",
      metric = "provider_discord_rate_limiter_wait_seconds",
    },
    poll_minutes = { default = 10, unit = "min", text = "between two looks, after the fix (ours)" },
  },
  checks = {
    {
      id = "RL-001",
      run = "api",
      title = "Kubernetes API and rights",
      category = "cluster",
      hint = "`kubectl version`",
    },
    {
      id = "RL-002",
      run = "global",
      title = "requests a second",
      category = "limits",
      covers = { "investigation-1", "investigation-2" },
      hint = "`sum(rate(provider_discord_api_operations_total[1m]))`",
    },
    {
      id = "RL-003",
      run = "limited",
      title = "answers 429",
      category = "limits",
      covers = { "symptom-2", "investigation-2" },
      hint = "`sum by (scope) (increase(provider_discord_rate_limited_total[10m]))`",
    },
    {
      id = "RL-004",
      run = "invalid",
      title = "distance to a ban",
      category = "limits",
      hint = "`provider_discord_invalid_requests`",
    },
    {
      id = "RL-005",
      run = "buckets",
      title = "Discord's buckets",
      category = "limits",
      covers = { "investigation-2" },
      hint = "/debug/state of the provider",
    },
    {
      id = "RL-006",
      run = "sustained",
      title = "limits hit again and again",
      category = "limits",
      covers = { "escalation-1" },
      hint = "`increase(provider_discord_rate_limited_total[5m])`, over 25 minutes",
    },
    {
      id = "RL-007",
      run = "degraded",
      title = "waits for the limits",
      category = "limits",
      covers = { "symptom-3", "escalation-2" },
      hint = "`histogram_quantile(0.95, sum by (le) "
        .. "(rate(provider_discord_rate_limiter_wait_seconds_bucket[5m])))`",
    },
    {
      id = "RL-008",
      run = "talkers",
      title = "who asks most",
      category = "activity",
      covers = { "investigation-3" },
      hint = "`sum by (resource_type, operation) "
        .. "(rate(provider_discord_api_operations_total[5m]))`",
    },
    {
      id = "RL-009",
      run = "objects",
      title = "number of objects",
      category = "activity",
      covers = { "resolution-3" },
      hint = "`kubectl get " .. resources.names() .. " -A --no-headers | wc -l`",
    },
    {
      id = "RL-010",
      run = "log",
      title = "what the log says about limits",
      category = "activity",
      needs = { "RL-001" },
      covers = { "resolution-1" },
      hint = '`kubectl logs -n NAMESPACE deployment/NAME | grep -i "rate.*limit"`',
    },
  },
  plans = {
    {
      id = "poll-less",
      build = "plan_poll_less",
      title = "look less often at the objects that cause most requests",
      risk = "low",
      verify = { "RL-002", "RL-003" },
    },
    {
      id = "restart",
      build = "plan_restart",
      title = "restart the provider",
      risk = "high",
      verify = { "RL-002" },
      on_request = true,
    },
  },
  escalations = {
    { to = "Development Team", when = "limits are hit consistently: in 3 of 5 windows" },
    { to = "Platform Team", when = "the limits degrade the service" },
  },
}

rb.api = preamble.api(rb.rights)
rb.global = rates.global
rb.limited = limiting.checked({ "RL-006", "RL-007" })
rb.invalid = limiting.far_from_ban({ "RL-003" })
rb.buckets = rates.buckets
rb.sustained = rates.sustained({ "RL-003" })
rb.degraded = rates.degraded
rb.talkers = rates.talkers
rb.objects = rates.objects
rb.log = logs.without({
  what = "lines about limits",
  words = { "rate" },
  -- Not the field rate_limit_per_user of a channel.
  pattern = "rate[ %-]limit",
  cause = "log.rate_limit",
  file = "limits.log",
})

-- The types that make half of all requests, the most talkative first.
local function talkative()
  local talkers = requests.talkers() or {}
  local total, sum, types = 0, 0, {}
  for _, one in ipairs(talkers) do
    total = total + one.rate
  end
  for _, one in ipairs(talkers) do
    if sum < total / 2 then
      types[one.resource_type] = true
      sum = sum + one.rate
    end
  end
  return types
end

function rb.plan_poll_less(ctx)
  local interval = string.format("%.0fm", ctx.thresholds.poll_minutes)
  return reconcile.plan_poll_less(talkative(), interval)
end

function rb.plan_restart(ctx)
  return restart.roll_out(
    ctx,
    "the document's way to reset the limits",
    ctx.thresholds.invalid_warn,
    "a restart forgets what is known of Discord's limits and asks everything again at once"
  )
end

return rb
