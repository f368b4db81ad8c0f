-- Cases of high_latency.lua for `provider-discord scripts test`.
local s = require("lib.runbook_situations")

local DURATION <const> = "provider_discord_api_duration_seconds"
local WAIT <const> = "provider_discord_rate_limiter_wait_seconds"

local function percentile(name, value, expect, beyond)
  local groups = type(value) == "string" and value
    or {
      { labels = { operation = "observe" }, value = 0.1, count = 9, beyond = false },
      { labels = { operation = "create" }, value = value, count = 40, beyond = beyond or false },
    }
  return s.check(name, "HL-002", { s.metric("metrics.quantile", DURATION, groups) }, expect)
end

local function limiter(name, value, expect)
  local groups = type(value) == "string" and value
    or { { labels = {}, value = value, count = 40, beyond = value >= 5 } }
  return s.check(name, "HL-003", { s.metric("metrics.quantile", WAIT, groups) }, expect)
end

local function trip(name, here, there, expect)
  return s.check(name, "HL-004", {
    s.answer("net.http", here, { from = "cli" }),
    s.answer("net.http", there, { from = "provider" }),
  }, expect)
end

local function took(ms)
  return { ok = true, status = 200, ms = ms }
end

local function cpu(name, cores, expect, limits)
  return s.check(name, "HL-005", {
    s.metric("metrics.rate", "process_cpu_seconds_total", cores),
    s.get("deployments", s.deployment(1, { limits = limits })),
  }, expect)
end

local function throttled(name, value, expect)
  local samples = type(value) == "string" and value or { { labels = {}, value = value } }
  return s.check(name, "HL-006", { s.answer("prom.query", samples) }, expect)
end

local function memory(name, mebibytes, expect, limits)
  return s.check(name, "HL-007", {
    s.metric("metrics.value", "process_resident_memory_bytes", mebibytes * 2 ^ 20),
    s.get("deployments", s.deployment(1, { limits = limits })),
  }, expect)
end

local function rate(name, value)
  return s.metric("metrics.rate", name, value)
end

local cases = {
  percentile("fast", 0.3, { status = "pass" }),
  percentile("slow", 3, {
    status = "warn",
    cause = "latency.high",
    message = "create",
    escalate = { { to = "Platform Team", after = 3600 } },
  }),
  percentile("very slow", 20, {
    status = "fail",
    cause = "latency.high",
    escalate = { { to = "Platform Team", after = 0 } },
  }),
  percentile("beyond the last bucket", 60, { status = "fail", message = "more than 60.0 s" }, true),
  percentile("no request", "nodata", { status = "pass" }),
  percentile("no metrics", "unreachable", { status = "unknown" }),

  limiter("no waits", 0.001, { status = "pass" }),
  limiter("waits", 4.8, { status = "fail", cause = "latency.limiter" }),
  limiter("no request", "nodata", { status = "pass" }),
  limiter("no metrics", "unreachable", { status = "unknown" }),

  trip("fast", took(80), took(90), { status = "pass" }),
  trip("slow from both", took(4000), took(4200), {
    status = "fail",
    cause = "latency.discord",
    plans = { "wait" },
  }),
  trip("slow from the provider", took(80), took(4200), {
    status = "fail",
    cause = "latency.network",
  }),
  trip("slow from here", took(4000), took(80), { status = "warn", cause = "latency.here" }),
  trip("nobody knows", "unreachable", "refused", { status = "unknown" }),

  cpu("little", 0.02, { status = "pass" }),
  cpu("much", 0.21, { status = "warn", cause = "cpu.saturated" }),
  cpu("all", 0.25, { status = "fail", cause = "cpu.saturated", plans = { "set-cpu-limit" } }),
  cpu("without a limit", 2, { status = "pass" }, {}),
  s.check("by the kubelet's word", "HL-005", {
    rate("process_cpu_seconds_total", "unreachable"),
    s.list("pods", { s.running_pod() }),
    s.answer("kube.usage", { cpu = 0.25, memory = 1, containers = {} }),
    s.get("deployments", s.deployment(1)),
  }, { status = "fail", cause = "cpu.saturated" }),
  s.check("nobody knows", "HL-005", {
    rate("process_cpu_seconds_total", "unreachable"),
    s.list("pods", nil),
  }, { status = "unknown" }),

  throttled("seldom", 0.01, { status = "pass" }),
  throttled("often", 0.5, { status = "fail", cause = "cpu.throttled" }),
  s.check("never had a period", "HL-006", {
    s.answer("prom.query", { { labels = {}, value = null } }),
  }, { status = "pass" }),
  throttled("no Prometheus", "unconfigured", { status = "skip" }),
  throttled("no cAdvisor", "nodata", { status = "skip" }),
  throttled("Prometheus is down", "unreachable", { status = "unknown" }),

  memory("little", 60, { status = "pass" }),
  memory("nearly all", 250, {
    status = "fail",
    cause = "memory.pressure",
    plans = { "set-memory-limit" },
  }),
  memory("without a limit", 900, { status = "pass" }, {}),
  s.check("nobody knows", "HL-007", {
    s.metric("metrics.value", "process_resident_memory_bytes", "unreachable"),
    s.list("pods", nil),
  }, { status = "unknown" }),

  s.check("the largest part", "HL-009", {
    rate(DURATION .. "_sum", 0.5),
    rate(DURATION .. "_count", 2),
    rate(WAIT .. "_sum", 3),
    rate(WAIT .. "_count", 2),
    rate("provider_discord_script_duration_seconds_sum", "nodata"),
    rate("provider_discord_script_duration_seconds_count", "nodata"),
    rate("controller_runtime_reconcile_time_seconds_sum", 4),
    rate("controller_runtime_reconcile_time_seconds_count", 2),
  }, { status = "pass", message = "waits for limits" }),
  s.check("nothing was timed", "HL-009", {
    s.answer("metrics.rate", "nodata"),
  }, { status = "skip" }),

  s.plan("the document's 500m, or twice as much", "set-cpu-limit", {
    s.get("deployments", s.deployment(1)),
  }, {
    ops = {
      {
        body = {
          spec = {
            template = {
              spec = { containers = { { resources = { limits = { cpu = "500m" } } } } },
            },
          },
        },
      },
    },
  }),
  s.plan("never less", "set-cpu-limit", {
    s.get("deployments", s.deployment(1, { limits = { cpu = "2" } })),
  }, {
    ops = {
      {
        body = {
          spec = {
            template = {
              spec = { containers = { { resources = { limits = { cpu = "4000m" } } } } },
            },
          },
        },
      },
    },
  }),
  s.plan("the document's 512Mi", "set-memory-limit", {
    s.get("deployments", s.deployment(1)),
  }, { why = "512Mi" }),
  s.plan("nothing to do but wait", "wait", {}, { ops = {}, why = "Discord itself is slow" }),
}

return { runbook = "runbooks.high_latency", cases = cases }
