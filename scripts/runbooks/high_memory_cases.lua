-- Cases of high_memory.lua for `provider-discord scripts test`.
local s = require("lib.runbook_situations")

local RESIDENT <const> = "process_resident_memory_bytes"
local MEBIBYTE <const> = 2 ^ 20

local function resident(name, mebibytes, limits, expect)
  return s.check(name, "HM-002", {
    s.metric("metrics.value", RESIDENT, mebibytes * MEBIBYTE),
    s.get("deployments", s.deployment(1, { limits = limits })),
  }, expect)
end

local function killed(times, last)
  local ended = { reason = "OOMKilled", exitCode = 137, finishedAt = last }
  return s.pod({
    state = { running = {} },
    lastState = { terminated = ended },
    restartCount = times,
    ready = true,
  })
end

local function kills(name, pods, expect)
  return s.check(name, "HM-005", { s.list("pods", pods) }, expect)
end

-- Growth in bytes a second and in objects over the window, as Prometheus answers.
local function grows(bytes, objects)
  return s.answer("prom.query", { { labels = {}, value = bytes } }, {
    expr = 'max(deriv(process_resident_memory_bytes{job="provider-discord"}[3600s]))',
  }),
    s.answer("prom.query", { { labels = {}, value = objects } }, {
      expr = 'sum(delta(provider_discord_resources_total{job="provider-discord"}[3600s]))',
    })
end

local function growth(name, bytes, objects, expect)
  local slope, change = grows(bytes, objects)
  return s.check(name, "HM-006", {
    slope,
    change,
    s.metric("metrics.value", RESIDENT, 200 * MEBIBYTE),
    s.get("deployments", s.deployment(1)),
  }, expect)
end

local function history(name, kind, expect)
  return s.check(name, "HM-006", { s.answer("prom.query", kind) }, expect)
end

local function objects(name, count, expect)
  return s.check(name, "HM-007", {
    s.metric("metrics.value", "provider_discord_resources_total", count),
    s.metric("metrics.value", "provider_discord_store_bytes", count * 1200),
  }, expect)
end

local function log(name, lines, expect)
  return s.check(name, "HM-008", {
    s.list("pods", { s.running_pod() }),
    s.answer("kube.logs", lines),
  }, expect)
end

local SLOPE, CHANGE <const> = grows(5000, 0)

local cases = {
  resident("little", 60, nil, { status = "pass" }),
  resident("more than three quarters", 200, nil, {
    status = "warn",
    cause = "memory.near_limit",
    message = "200 MiB of 256 MiB",
  }),
  resident("nearly all", 240, nil, {
    status = "fail",
    cause = "memory.near_limit",
    plans = { "set-memory-limit", "restart" },
  }),
  resident("more than the document's 1 GB", 1100, { memory = "4Gi" }, {
    status = "fail",
    cause = "memory.over_maximum",
    escalate = { { to = "Platform Team", after = 0 } },
  }),
  resident("without a limit", 500, {}, { status = "pass" }),
  s.check("nobody knows", "HM-002", {
    s.metric("metrics.value", RESIDENT, "unreachable"),
    s.list("pods", nil),
  }, { status = "unknown" }),

  s.check("there", "HM-003", { s.get("deployments", s.deployment(1)) }, {
    status = "pass",
    message = "256Mi",
  }),
  s.check("none", "HM-003", { s.get("deployments", s.deployment(1, { limits = {} })) }, {
    status = "warn",
    cause = "memory.no_limit",
  }),
  s.check("not readable", "HM-003", { s.get("deployments") }, { status = "unknown" }),

  kills("never", { s.running_pod() }, { status = "pass" }),
  kills("once", { killed(1, "2026-01-01T11:00:00Z") }, {
    status = "fail",
    cause = "memory.oomkilled",
    plans = { "set-memory-limit" },
  }),
  kills("again and again", { killed(3, "2026-01-01T11:00:00Z") }, {
    status = "fail",
    cause = "memory.oomkilled_repeatedly",
    escalate = { { to = "Development Team", after = 0 } },
  }),
  kills("not readable", nil, { status = "unknown" }),

  growth("none", 0, 0, { status = "pass" }),
  growth("too slow to matter", 100, 0, { status = "pass" }),
  growth("with the number of objects", 10000, 50, { status = "warn", cause = "memory.growth" }),
  growth("a leak", 10000, 0, {
    status = "fail",
    cause = "memory.leak",
    explains = { "HM-002", "HM-005" },
    escalate = { { to = "Development Team" } },
  }),
  history("no Prometheus", "unconfigured", { status = "skip" }),
  history("no history yet", "nodata", { status = "skip" }),
  history("Prometheus is down", "unreachable", { status = "unknown" }),

  objects("few", 200, { status = "pass" }),
  objects("very many", 30000, { status = "fail", cause = "memory.many_objects" }),
  s.check("no objects", "HM-007", {
    s.metric("metrics.value", "provider_discord_resources_total", "nodata"),
  }, { status = "pass" }),
  s.check("no metrics", "HM-007", {
    s.metric("metrics.value", "provider_discord_resources_total", "timeout"),
  }, { status = "unknown" }),

  log("nothing bad", array({ "memory: 40 MiB" }), { status = "pass" }),
  log("too little", array({ "std::bad_alloc: out of memory" }), {
    status = "warn",
    cause = "log.memory",
  }),
  log("not readable", "forbidden", { status = "unknown" }),

  s.plan("the document's 1Gi", "set-memory-limit", { s.get("deployments", s.deployment(1)) }, {
    why = "1024Mi",
  }),
  s.plan("not 1Gi where there is 3Gi", "set-memory-limit", {
    s.get("deployments", s.deployment(1, { limits = { memory = "3Gi" } })),
  }, { why = "6144Mi" }),
  s.plan("how long it helps", "restart", {
    s.metric("metrics.value", RESIDENT, 200 * MEBIBYTE),
    s.get("deployments", s.deployment(1)),
    SLOPE,
    CHANGE,
    s.answer("provider.state", {}),
  }, { why = "for about 3h", ops = { { verb = "restart" } } }),
  s.plan("not near a ban", "restart", {
    s.answer("prom.query", "unconfigured"),
    s.metric("metrics.value", RESIDENT, 200 * MEBIBYTE),
    s.get("deployments", s.deployment(1)),
    s.answer("provider.state", { discord = { { invalidRequests = { inTenMinutes = 9000 } } } }),
  }, { why = "unknown", veto = "9000 invalid requests" }),
}

return { runbook = "runbooks.high_memory", cases = cases }
