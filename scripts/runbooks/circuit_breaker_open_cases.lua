-- Cases of circuit_breaker_open.lua for `provider-discord scripts test`. Its checks of token and
-- network are those of high_error_rate.lua and api_health.lua.
local s = require("lib.runbook_situations")

local STATE <const> = "provider_discord_circuit_breaker_state"

local function states(open)
  local series = {}
  for _, kind in ipairs({ "channel", "guild", "role" }) do
    for _, state in ipairs({ "closed", "open", "half-open" }) do
      local now = open[kind] or "closed"
      series[#series + 1] = {
        labels = { resource_type = kind, state = state },
        value = state == now and 1 or 0,
      }
    end
  end
  return s.metric("metrics.series", STATE, series)
end

local function remembered(list)
  local breakers = {}
  for kind, opened in pairs(list) do
    breakers[#breakers + 1] = { resourceType = kind, state = "open", openedAt = opened }
  end
  return s.answer("provider.state", { discord = { { breakers = array(breakers) } } })
end

local function closed(name, answers, expect)
  return s.check(name, "CB-002", answers, expect)
end

local NO_STATE <const> = s.answer("provider.state", "unreachable")

local function log(name, lines, expect)
  return s.check(name, "CB-003", {
    s.list("pods", { s.running_pod() }),
    s.answer("kube.logs", lines),
  }, expect)
end

local OBJECTS <const> = {
  s.objects({ s.object("Guild", "team") }, {}, {
    s.object("Channel", "paused", { annotations = { ["crossplane.io/paused"] = "true" } }),
    s.object("Channel", "general"),
  }),
}

local function try(name, results, expect)
  return s.plan(name, "try-breaker", {
    states({ channel = "open" }),
    remembered({ channel = "2026-01-01T11:50:00Z" }),
    OBJECTS[1],
    OBJECTS[2],
    OBJECTS[3],
  }, expect, { results = results })
end

local cases = {
  closed("all", { states({}), remembered({}) }, { status = "pass" }),
  closed("one opened just now", {
    states({ guild = "open" }),
    remembered({ guild = "2026-01-01T11:59:30Z" }),
  }, { status = "warn", cause = "breaker.open", message = "guild is open for 30s" }),
  closed("two opened just now", {
    states({ guild = "open", role = "half-open" }),
    remembered({ guild = "2026-01-01T11:59:30Z", role = "2026-01-01T11:59:30Z" }),
  }, {
    status = "warn",
    cause = "breaker.several_open",
    escalate = { { to = "Platform Team", after = 0 } },
  }),
  closed("does not recover", {
    states({ guild = "open" }),
    remembered({ guild = "2026-01-01T11:50:00Z" }),
  }, {
    status = "fail",
    cause = "breaker.not_recovering",
    escalate = { { to = "SRE Team", after = 0 } },
    plans = { "try-breaker" },
  }),
  closed("does not recover, as Prometheus remembers", {
    states({ guild = "open" }),
    NO_STATE,
    s.answer("prom.range", {
      {
        labels = { resource_type = "guild" },
        points = { { 1767268000, 1 }, { 1767268200, 0 }, { 1767268800, 0 } },
      },
    }),
  }, { status = "fail", cause = "breaker.not_recovering", message = "10m" }),
  closed("since when is unknown", {
    states({ guild = "open" }),
    NO_STATE,
    s.answer("prom.range", "unconfigured"),
  }, { status = "warn", cause = "breaker.open" }),
  closed("no metrics", { s.metric("metrics.series", STATE, "unreachable") }, {
    status = "unknown",
  }),

  log("quiet", array({ "the circuit is fine" }), { status = "pass" }),
  log("opened", array({ "Circuit breaker: closed -> open" }), {
    status = "warn",
    cause = "log.breaker",
  }),
  log("not readable", "forbidden", { status = "unknown" }),

  try("one object that is not paused", {}, {
    ops = {
      {
        verb = "annotate",
        name = "general",
        body = { ["crossplane.io/reconcile-requested-at"] = s.NOW },
      },
    },
  }),
  try("not while the cause lasts", { ["CB-008"] = { status = "fail" } }, {
    veto = "would open again",
  }),
  s.plan("a restart is never the way", "restart", { s.answer("provider.state", {}) }, {
    veto = "closes by itself",
  }),
  s.plan("nor while the cause lasts", "restart", { s.answer("provider.state", {}) }, {
    veto = "refuses the token",
  }, { results = { ["CB-005"] = { status = "fail" } } }),
}

return { runbook = "runbooks.circuit_breaker_open", cases = cases }
