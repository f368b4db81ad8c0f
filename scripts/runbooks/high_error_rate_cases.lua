-- Cases of high_error_rate.lua for `provider-discord scripts test`. Its first check is the one of
-- provider_down.lua.
local s = require("lib.runbook_situations")

local OPERATIONS <const> = "provider_discord_api_operations_total"

-- What the counters grew by in five minutes, by status.
local function growth(by_status, info)
  local groups = {}
  for status, count in pairs(by_status) do
    groups[#groups + 1] = { labels = { status = status }, value = count / 300 }
  end
  return s.metric("metrics.sum_rate", OPERATIONS, array(groups), info)
end

local function ratio(name, by_status, expect)
  return s.check(name, "HER-002", { growth(by_status) }, expect)
end

local function classes(name, by_status, expect)
  return s.check(name, "HER-003", { growth(by_status) }, expect)
end

local function me(status)
  return s.answer("discord.get", { status = status, body = {} }, { path = "/users/@me" })
end

local function guilds(permissions, owner)
  return s.answer("discord.get", {
    status = 200,
    body = { { id = "900", name = "Team", owner = owner or false, permissions = permissions } },
  }, { path = "/users/@me/guilds" })
end

local GUILD <const> =
  s.object("Guild", "team", { annotations = { ["crossplane.io/external-name"] = "900" } })
local OBJECTS <const> = { s.objects({ GUILD }, {}, {}) }

local function permissions(name, answer, expect)
  return s.check(name, "HER-006", { OBJECTS[1], OBJECTS[2], OBJECTS[3], answer }, expect)
end

local function limited(by_scope)
  local groups = {}
  for scope, count in pairs(by_scope) do
    groups[#groups + 1] = { labels = { scope = scope }, value = count / 600 }
  end
  return s.metric(
    "metrics.sum_rate",
    "provider_discord_rate_limited_total",
    array(groups),
    { source = "prometheus", window = 600 }
  )
end

local function http(from, value)
  return s.answer("net.http", value, { from = from })
end

local function reachable(name, here, there, expect)
  return s.check(name, "HER-008", { http("cli", here), http("provider", there) }, expect)
end

local OK <const> = { ok = true, status = 200, ms = 20 }

local function policy(egress, types)
  return {
    metadata = { name = "provider-discord-netpol" },
    spec = {
      podSelector = { matchLabels = { app = "provider-discord" } },
      policyTypes = types or { "Ingress", "Egress" },
      egress = egress,
    },
  }
end

local DNS <const> = { ports = { { port = 53, protocol = "UDP" }, { port = 53, protocol = "TCP" } } }
local HTTPS <const> = {
  to = { { ipBlock = { cidr = "0.0.0.0/0" } } },
  ports = { { port = 443, protocol = "TCP" } },
}

local function policies(name, list, expect)
  return s.check(name, "HER-009", {
    s.list("networkpolicies", list),
    s.get("deployments", s.deployment(1)),
  }, expect)
end

local function log(name, lines, expect)
  return s.check(name, "HER-011", {
    s.list("pods", { s.running_pod() }),
    s.answer("kube.logs", lines),
  }, expect)
end

local cases = {
  ratio("nothing fails", { success = 100 }, { status = "pass" }),
  ratio("some fail", { success = 90, server_error = 10 }, {
    status = "warn",
    cause = "requests.failing",
    message = "10.0 %",
  }),
  ratio("many fail", { success = 70, server_error = 30 }, {
    status = "fail",
    cause = "requests.failing",
    escalate = { { to = "Platform Team", after = 0 }, { to = "On-call Engineer", after = 1800 } },
  }),
  ratio("too few for a ratio", { success = 1, server_error = 9 }, {
    status = "pass",
    message = "too few",
  }),
  s.check("two scrapes of a young process: since its start", "HER-002", {
    growth({ success = 0 }, { source = "scrape", window = 1 }),
    s.metric("metrics.value", "process_start_time_seconds", 1767268200),
    s.metric("metrics.series", OPERATIONS, {
      { labels = { status = "success" }, value = 50 },
      { labels = { status = "network_error" }, value = 50 },
    }),
  }, { status = "fail", message = { "50.0 %" } }),
  s.check("no metrics", "HER-002", {
    s.metric("metrics.sum_rate", OPERATIONS, "unreachable"),
  }, { status = "unknown" }),

  classes("nothing fails", { success = 100 }, { status = "pass" }),
  classes("a few fail", { success = 100, server_error = 2 }, {
    status = "pass",
    message = "server_error ×2",
  }),
  classes("5xx", { success = 50, server_error = 50 }, {
    status = "fail",
    cause = "discord.5xx",
    explains = { "HER-002" },
  }),
  classes("429", { success = 50, rate_limited = 50 }, {
    status = "fail",
    cause = "rate_limit.429",
  }),
  classes("network", { success = 50, network_error = 50, server_error = 2 }, {
    status = "fail",
    cause = "net.errors",
  }),
  classes("4xx", { success = 50, client_error = 50 }, { status = "fail", cause = "auth.4xx" }),
  s.check("no metrics", "HER-003", {
    s.metric("metrics.sum_rate", OPERATIONS, "timeout"),
  }, { status = "unknown" }),

  s.check("taken", "HER-004", { s.token_taken() }, { status = "pass", message = "bot" }),
  s.check("refused", "HER-004", {
    me(401),
    s.fingerprint({ changed_at = "2026-01-01T11:46:00Z", manager = "kubectl-edit" }),
  }, {
    status = "fail",
    cause = "auth.401",
    message = { "changed 14m ago", "kubectl-edit" },
    plans = { "replace-token" },
    escalate = { { to = "Security Team" } },
  }),
  s.check("refused, as the provider says", "HER-004", {
    s.answer("discord.get", "forbidden"),
    s.answer("provider.state", { discord = { { tokenRefused = true } } }),
    s.answer("secret.fingerprint", "forbidden"),
  }, { status = "fail", cause = "auth.401" }),
  s.check("whatever a sandbox calls a token", "HER-005", {
    s.fingerprint({ shape_ok = false, shape = "short" }),
  }, { status = "pass" }, { target = { flavour = "sandbox" } }),
  s.check("Discord is down", "HER-004", { me(503), s.answer("provider.state", {}) }, {
    status = "unknown",
  }),
  s.check("nobody can ask", "HER-004", {
    s.answer("discord.get", "unreachable"),
    s.answer("provider.state", "unreachable"),
  }, { status = "unknown" }),

  permissions("all there", guilds("268436496"), { status = "pass" }),
  permissions("administrator", guilds("8"), { status = "pass" }),
  permissions("owner", guilds("0", true), { status = "pass" }),
  permissions("some missing", guilds("1024"), {
    status = "fail",
    cause = "permission.missing",
    message = "missing MANAGE_CHANNELS, MANAGE_ROLES",
  }),
  permissions(
    "not in the guild",
    s.answer("discord.get", { status = 200, body = array({}) }, { path = "/users/@me/guilds" }),
    { status = "fail", cause = "guild.not_member" }
  ),
  permissions("not readable", s.answer("discord.get", "unauthorized"), { status = "unknown" }),
  s.check("no guild in use", "HER-006", { s.objects({}, {}, {}) }, { status = "pass" }),

  s.check("none", "HER-007", { limited({}) }, { status = "pass" }),
  s.check("shared ones count for nobody", "HER-007", { limited({ shared = 500 }) }, {
    status = "pass",
    message = "shared",
  }),
  s.check("many", "HER-007", { limited({ user = 30, global = 2 }) }, {
    status = "fail",
    cause = "rate_limit.429",
    message = { "user ×30", "global ×2" },
  }),
  s.check("no metrics", "HER-007", {
    s.metric("metrics.sum_rate", "provider_discord_rate_limited_total", "unreachable"),
  }, { status = "unknown" }),

  reachable("from both", OK, OK, { status = "pass" }),
  reachable("a limit is an answer", { ok = false, status = 429, ms = 1 }, OK, { status = "pass" }),
  reachable("5xx from both", { ok = false, status = 503 }, { ok = false, status = 503 }, {
    status = "fail",
    cause = "discord.5xx",
    message = "it is Discord",
  }),
  reachable("not from the provider", OK, { ok = false, error = "timeout" }, {
    status = "fail",
    cause = "net.gateway",
    message = "the cluster's network",
  }),
  reachable("not from here", { ok = false, error = "dns" }, OK, {
    status = "warn",
    message = "the provider is well",
  }),
  reachable("nobody knows", "refused", "unreachable", { status = "unknown" }),

  policies("none", {}, { status = "pass" }),
  policies("open enough", { policy({ DNS, HTTPS }) }, { status = "pass" }),
  policies("only for incoming traffic", { policy(nil, { "Ingress" }) }, { status = "pass" }),
  policies("no way to Discord", { policy({ DNS }) }, {
    status = "fail",
    cause = "egress.blocked",
    message = "443",
    plans = { "allow-egress" },
  }),
  policies("only the cluster's addresses", {
    policy({ DNS, { to = { { ipBlock = { cidr = "10.0.0.0/8" } } } } }),
  }, { status = "fail", cause = "egress.blocked" }),
  policies("no DNS", { policy({ HTTPS }) }, { status = "fail", message = "53" }),
  policies("two add up", { policy({ DNS }), policy({ HTTPS }) }, { status = "pass" }),
  s.check("not readable", "HER-009", { s.list("networkpolicies", nil) }, { status = "unknown" }),

  s.check("all well", "HER-010", OBJECTS, { status = "pass" }),
  s.check("one fails", "HER-010", {
    s.objects({ GUILD }, {}, {
      s.object("Channel", "general", { synced = "False", message = "MissingPermissions: no" }),
    }),
  }, {
    status = "warn",
    cause = "resource.failing",
    lines = { "Channel team/general: MissingPermissions: no" },
  }),
  s.check("not readable", "HER-010", { s.list("guilds", nil) }, { status = "unknown" }),

  log("quiet", array({ '{"level":"info","message":"no error"}' }), { status = "pass" }),
  log("errors", array({ '{"level":"error","message":"x"}' }), {
    status = "warn",
    cause = "log.errors",
  }),
  log("not readable", "forbidden", { status = "unknown" }),
}

return { runbook = "runbooks.high_error_rate", cases = cases }
