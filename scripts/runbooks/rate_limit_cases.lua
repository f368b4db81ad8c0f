-- Cases of rate_limit.lua for `provider-discord scripts test`. Its check of answers 429 is the one
-- of high_error_rate.lua.
local s = require("lib.runbook_situations")

local OPERATIONS <const> = "provider_discord_api_operations_total"
local INVALID <const> = "provider_discord_invalid_requests"
local WAIT <const> = "provider_discord_rate_limiter_wait_seconds"

local function rate(name, value, expect)
  return s.check(name, "RL-002", { s.metric("metrics.rate", OPERATIONS, value) }, expect)
end

local function invalid(name, value, expect)
  return s.check(name, "RL-004", { s.metric("metrics.value", INVALID, value) }, expect)
end

local function state(invalid_requests, buckets)
  return s.answer("provider.state", {
    discord = {
      { invalidRequests = { inTenMinutes = invalid_requests }, buckets = array(buckets or {}) },
    },
  })
end

local function bucket(members)
  local made = { bucket = "#a", major = "900", limit = 5, remaining = 5, waiting = 0 }
  made.blockedForSeconds, made.resetInSeconds = null, 30
  for key, value in pairs(members) do
    made[key] = value
  end
  return made
end

local function windows(name, values, expect)
  local points = {}
  for index, value in ipairs(values) do
    points[index] = { 1767268800 + index * 300, value }
  end
  return s.check(name, "RL-006", {
    s.answer("prom.range", { { labels = {}, points = points } }),
  }, expect)
end

local function waits(name, value, expect)
  local groups = type(value) == "string" and value
    or { { labels = {}, value = value, count = 9, beyond = false } }
  return s.check(name, "RL-007", { s.metric("metrics.quantile", WAIT, groups) }, expect)
end

local function talkers(list)
  return s.metric("metrics.sum_rate", OPERATIONS, list)
end

local CHANNELS <const> = { labels = { resource_type = "channel", operation = "get" }, value = 30 }
local ROLES <const> = { labels = { resource_type = "role", operation = "get" }, value = 2 }

local cases = {
  rate("few", 2, { status = "pass" }),
  rate("many", 36, { status = "warn", cause = "rate_limit.global" }),
  rate("nearly 50", 45, {
    status = "fail",
    cause = "rate_limit.global",
    plans = { "poll-less" },
  }),
  rate("none", "nodata", { status = "pass" }),
  rate("no metrics", "unreachable", { status = "unknown" }),

  invalid("few", 12, { status = "pass" }),
  invalid("a quarter of a ban", 2500, { status = "warn", cause = "rate_limit.invalid_requests" }),
  invalid("half of a ban", 5000, {
    status = "fail",
    cause = "rate_limit.invalid_requests",
    escalate = { { to = "Platform Team", after = 0 } },
  }),
  s.check("as the provider says", "RL-004", {
    s.metric("metrics.value", INVALID, "unreachable"),
    state(6000),
  }, { status = "fail" }),
  s.check("nobody knows", "RL-004", {
    s.metric("metrics.value", INVALID, "unreachable"),
    s.answer("provider.state", "unreachable"),
  }, { status = "unknown" }),

  s.check("nothing waits", "RL-005", { state(0, { bucket({ remaining = 0 }) }) }, {
    status = "pass",
  }),
  s.check("some wait, not for long", "RL-005", {
    state(0, { bucket({ remaining = 0, waiting = 7, resetInSeconds = 1 }) }),
  }, { status = "pass" }),
  s.check("some wait", "RL-005", {
    state(0, { bucket({ remaining = 0, waiting = 7 }), bucket({ waiting = 3 }) }),
  }, { status = "warn", cause = "rate_limit.bucket", message = "7 requests waiting" }),
  s.check("a bucket is blocked", "RL-005", {
    state(0, { bucket({ remaining = null, limit = null, waiting = 2, blockedForSeconds = 9 }) }),
  }, { status = "warn", cause = "rate_limit.bucket" }),
  s.check("nobody knows", "RL-005", { s.answer("provider.state", "unreachable") }, {
    status = "unknown",
  }),

  windows("once", { 0, 0, 4, 0, 0 }, { status = "pass" }),
  windows("in three of five", { 2, 0, 4, 0, 1 }, {
    status = "fail",
    cause = "rate_limit.sustained",
    escalate = { { to = "Development Team", after = 0 } },
  }),
  s.check("never", "RL-006", { s.answer("prom.range", "nodata") }, { status = "pass" }),
  s.check("no Prometheus", "RL-006", { s.answer("prom.range", "unconfigured") }, {
    status = "skip",
  }),
  s.check("Prometheus is down", "RL-006", { s.answer("prom.range", "timeout") }, {
    status = "unknown",
  }),

  waits("no waits", 0.01, { status = "pass" }),
  waits("waits", 4, {
    status = "warn",
    cause = "rate_limit.degraded",
    escalate = { { to = "Platform Team", after = 0 } },
  }),
  waits("no request", "nodata", { status = "pass" }),
  waits("no metrics", "timeout", { status = "unknown" }),

  s.check("channels", "RL-008", { talkers({ CHANNELS, ROLES }) }, {
    status = "pass",
    message = "channel get",
  }),
  s.check("nobody", "RL-008", { talkers(array({})) }, { status = "pass" }),
  s.check("no metrics", "RL-008", { talkers("timeout") }, { status = "unknown" }),

  s.check("counted", "RL-009", {
    s.metric("metrics.series", "crossplane_managed_resource_exists", {
      { labels = { gvk = "a" }, value = 3 },
      { labels = { gvk = "b" }, value = 4 },
    }),
  }, { status = "pass", message = "7 objects" }),
  s.check("no metrics", "RL-009", { s.answer("metrics.series", "timeout") }, {
    status = "unknown",
  }),

  s.check("quiet", "RL-010", {
    s.list("pods", { s.running_pod() }),
    s.answer("kube.logs", array({ "a separate line", "rate_limit_per_user" })),
  }, { status = "pass" }),
  s.check("limited", "RL-010", {
    s.list("pods", { s.running_pod() }),
    s.answer("kube.logs", array({ "Rate limited for 3 s" })),
  }, { status = "warn", cause = "log.rate_limit" }),
  s.check("not readable", "RL-010", { s.list("pods", nil) }, { status = "unknown" }),

  s.plan("only those that ask most", "poll-less", {
    talkers({ CHANNELS, ROLES }),
    s.objects({ s.object("Guild", "g") }, { s.object("Role", "r") }, { s.object("Channel", "c") }),
  }, { ops = { { name = "c", body = { ["crossplane.io/poll-interval"] = "10m" } } } }),
  s.plan("nobody asks", "poll-less", {
    talkers("timeout"),
    s.objects({}, {}, {}),
  }, { veto = "no such object" }),
  s.plan("a restart is always wrong", "restart", { state(0) }, { veto = "asks everything again" }),
}

return { runbook = "runbooks.rate_limit", cases = cases }
