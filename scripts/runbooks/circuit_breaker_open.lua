-- Circuit Breaker Open: which breakers are open, for how long, and what opened them.
local breakers = require("lib.runbook_breakers")
local logs = require("lib.runbook_logs")
local network = require("lib.runbook_network")
local preamble = require("lib.runbook_preamble")
local reconcile = require("lib.runbook_reconcile")
local requests = require("lib.runbook_requests")
local restart = require("lib.runbook_restart")
local token = require("lib.runbook_token")

local rb = {
  runbook = "circuit-breaker-open",
  code = "CB",
  title = "Circuit Breaker Open",
  alerts = { "ProviderDiscordCircuitBreakerOpen" },
  owner = "Platform Team",
  reviewed = "2026-11-25",
  timeout = 60,
  summary = "Requests for a resource type have failed so often that they are held back. The "
    .. "breaker closes by itself when a trial request succeeds.",
  symptoms = {
    "AlertManager: `ProviderDiscordCircuitBreakerOpen`",
    "Resources not reconciling",
    "Repeated failures triggering circuit breaker",
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
    { verb = "get", group = "", resource = "secrets", namespace = true },
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
    cool_down = { default = 60, unit = "s", text = "the longest pause before a trial" },
    recovery_factor = { default = 3, unit = "pauses", text = "open for longer is bad (ours)" },
    error_ratio_warn = { default = 0.05, unit = "ratio", text = "share that fails (ours)" },
    minimum_requests = { default = 20, unit = "requests", text = "fewer give no ratio (ours)" },
    invalid_veto = {
      default = 2500,
      unit = "requests/10 min",
      text = "no restart from so many invalid requests on (ours)",
    },
  },
  checks = {
    {
      id = "CB-001",
      run = "api",
      title = "Kubernetes API and rights",
      category = "cluster",
      hint = "`kubectl version`",
    },
    {
      id = "CB-002",
      run = "closed",
      title = "state of the breakers",
      category = "breakers",
      covers = { "investigation-1", "resolution-2", "escalation-1", "escalation-2" },
      hint = '`provider_discord_circuit_breaker_state{state="open"} == 1`',
    },
    {
      id = "CB-003",
      run = "log",
      title = "what the log says about breakers",
      category = "breakers",
      needs = { "CB-001" },
      covers = { "investigation-2", "resolution-3" },
      hint = '`kubectl logs -n NAMESPACE deployment/NAME | grep -i "circuit.*open"`',
    },
    {
      id = "CB-004",
      run = "classes",
      title = "how requests fail",
      category = "cause",
      covers = { "investigation-3", "resolution-1" },
      hint = "`sum by (resource_type, status) (rate(provider_discord_api_operations_total"
        .. '{status!="success"}[5m]))`',
    },
    {
      id = "CB-005",
      run = "token",
      title = "Discord takes the token",
      category = "cause",
      covers = { "resolution-1" },
      hint = "GET /users/@me with the bot's token",
    },
    {
      id = "CB-006",
      run = "dns",
      title = "the name resolves",
      category = "cause",
      covers = { "resolution-1" },
      hint = "`provider-discord runbook run api-health`",
    },
    {
      id = "CB-007",
      run = "tcp",
      title = "connections open",
      category = "cause",
      needs = { "CB-006" },
      covers = { "resolution-1" },
      hint = "`provider-discord runbook run api-health`",
    },
    {
      id = "CB-008",
      run = "gateway",
      title = "Discord answers",
      category = "cause",
      needs = { "CB-007" },
      covers = { "resolution-1" },
      hint = "https://discordstatus.com",
    },
  },
  plans = {
    {
      id = "try-breaker",
      build = "plan_try",
      title = "send one trial request for each open type",
      risk = "low",
      verify = { "CB-002" },
    },
    {
      id = "replace-token",
      build = "plan_token",
      title = "put a new token into the Secret",
      risk = "medium",
      verify = { "CB-005" },
      inputs = { "token" },
    },
    {
      id = "restart",
      build = "plan_restart",
      title = "restart the provider to reset its breakers",
      risk = "high",
      verify = { "CB-002" },
      on_request = true,
    },
  },
  escalations = {
    { to = "Platform Team", when = "several breakers are open" },
    { to = "SRE Team", when = "a breaker does not recover" },
  },
}

rb.api = preamble.api(rb.rights)
rb.closed = breakers.closed
rb.log = logs.without({
  what = "lines about open breakers",
  words = { "circuit" },
  pattern = "circuit.*open",
  cause = "log.breaker",
  file = "breakers.log",
})
rb.classes = requests.dominant_class({
  window = 300,
  ratio = "error_ratio_warn",
  minimum = "minimum_requests",
  explains = { "CB-002" },
})
rb.token = token.accepted({ "CB-002", "CB-004" })
rb.dns = network.dns({
  name = "DNS",
  cause = "net.dns",
  explains = { "CB-002", "CB-004" },
  to = "Platform Team",
})
rb.tcp = network.tcp({
  name = "TCP",
  cause = "net.tcp",
  explains = { "CB-002", "CB-004" },
  to = "Platform Team",
})
rb.gateway = network.gateway({
  name = "GET /gateway",
  cause = "net.gateway",
  explains = { "CB-002", "CB-004" },
  to = "Platform Team",
})
rb.plan_token = token.plan_replace

-- The checks of what may hold a breaker open.
local CAUSES <const> = {
  ["CB-004"] = "requests still fail: the breaker would open again",
  ["CB-005"] = "Discord refuses the token: the breaker would open again",
  ["CB-006"] = "the name does not resolve: the breaker would open again",
  ["CB-007"] = "no connection opens: the breaker would open again",
  ["CB-008"] = "Discord does not answer: the breaker would open again",
}

function rb.plan_try(ctx)
  local plan = reconcile.plan_trial(ctx, breakers.types(ctx))
  plan.veto = plan.veto or restart.veto_by_results(ctx, CAUSES)
  return plan
end

function rb.plan_restart(ctx)
  return restart.roll_out(
    ctx,
    "the document's way to reset the breakers",
    ctx.thresholds.invalid_veto,
    restart.veto_by_results(ctx, CAUSES)
      or "a breaker closes by itself with the first trial that succeeds; a restart only forgets "
        .. "what is known of the limits"
  )
end

return rb
