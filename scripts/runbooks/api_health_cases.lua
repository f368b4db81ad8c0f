-- Cases of api_health.lua for `provider-discord scripts test`. Its checks of the token and of the
-- policies are those of high_error_rate.lua.
local s = require("lib.runbook_situations")

local OK <const> = { ok = true, ms = 12 }
local BROKEN <const> = { ok = false, ms = 3000, error = "timeout" }
local SANDBOX <const> = {
  target = {
    discord = {
      base_url = "http://127.0.0.1:1/api/v10",
      scheme = "http",
      host = "127.0.0.1",
      port = 1,
    },
  },
}

local function layer(check, effect)
  return function(name, here, there, expect, more)
    return s.check(name, check, {
      s.answer(effect, here, { from = "cli" }),
      s.answer(effect, there, { from = "provider" }),
    }, expect, more)
  end
end

local dns = layer("AH-004", "net.dns")
local tcp = layer("AH-005", "net.tcp")
local tls = layer("AH-006", "net.tls")
local gateway = layer("AH-007", "net.http")

local function certificate(ok, not_after, issuer)
  return { ok = ok, ms = 30, not_after = not_after, issuer = issuer or "CA", error = "bad" }
end

local GOOD <const> = certificate(true, "2026-06-01T00:00:00Z")
local EXPIRED <const> = certificate(false, "2025-12-31T12:00:00Z")
local UNKNOWN_CA <const> = certificate(false, "2026-06-01T00:00:00Z", "CN=proxy")
local SOON <const> = certificate(true, "2026-01-05T12:00:00Z")

local function health(name, check, value, expect)
  return s.check(name, check, { s.answer("provider.health", value) }, expect)
end

local function pod(ready)
  return { status = { conditions = { { type = "Ready", status = ready } } } }
end

local function page(name, value, expect)
  return s.check(name, "AH-011", { s.answer("net.http", value, { body = true }) }, expect, {
    values = { statusPage = "https://status.example/api/v2/status.json" },
  })
end

local function status(indicator)
  return {
    ok = true,
    status = 200,
    ms = 5,
    body = { status = { indicator = indicator, description = "Partial outage" } },
  }
end

local cases = {
  health("alive", "AH-002", { live = true }, { status = "pass" }),
  health("dead", "AH-002", "unreachable", { status = "fail", cause = "provider.unreachable" }),
  health("ready", "AH-003", { live = true, ready = true }, { status = "pass" }),
  health("not ready", "AH-003", {
    live = true,
    ready = false,
    checks = { { name = "discord", ok = false, message = "refuses every token" } },
  }, { status = "fail", cause = "provider.not_ready", message = "discord: refuses every token" }),
  health("unknown", "AH-003", "timeout", { status = "unknown" }),

  dns("resolves", OK, OK, { status = "pass" }),
  dns("only the cluster does not", OK, { ok = false, error = "dns" }, {
    status = "fail",
    cause = "net.dns",
    message = "the cluster's network",
    observed = { vantage = "cluster" },
    escalate = { { to = "Platform Team" }, { to = "On-call Engineer", after = 600 } },
  }),
  dns("nobody does", { ok = false, error = "dns" }, { ok = false, error = "dns" }, {
    status = "fail",
    cause = "net.dns",
    message = "it is Discord",
  }),
  dns("only here it does not", { ok = false, error = "dns" }, OK, { status = "warn" }),
  dns("broken from the only place that answers", "refused", { ok = false, error = "dns" }, {
    status = "fail",
    observed = { vantage = "provider" },
  }),
  dns("nobody knows", "refused", "unreachable", { status = "unknown" }),
  s.check("an address needs no name", "AH-004", {}, { status = "pass" }, SANDBOX),

  tcp("connects", OK, OK, { status = "pass" }),
  tcp("blocked in the cluster", OK, BROKEN, { status = "fail", cause = "net.tcp" }),
  tcp("blocked everywhere", BROKEN, BROKEN, { status = "fail", cause = "net.tcp" }),
  tcp("nobody knows", "timeout", "timeout", { status = "unknown" }),

  tls("good", GOOD, GOOD, { status = "pass" }),
  tls("expired", EXPIRED, EXPIRED, {
    status = "fail",
    cause = "net.tls_expired",
    message = "expired 1d ago",
    escalate = { { to = "Security Team" }, { to = "On-call Engineer" } },
  }),
  tls("somebody in between", GOOD, UNKNOWN_CA, {
    status = "fail",
    cause = "net.tls_untrusted",
    message = "CN=proxy",
  }),
  tls("expires soon", SOON, SOON, { status = "warn", cause = "net.tls_expiring" }),
  tls("nobody knows", "timeout", "timeout", { status = "unknown" }),
  s.check("no TLS in a sandbox", "AH-006", {}, { status = "skip" }, SANDBOX),

  gateway("answers", { ok = true, status = 200 }, { ok = true, status = 200 }, {
    status = "pass",
  }),
  gateway("5xx", { ok = false, status = 502 }, { ok = false, status = 502 }, {
    status = "fail",
    cause = "discord.5xx",
  }),
  gateway("no answer", BROKEN, BROKEN, { status = "fail", cause = "net.gateway" }),
  gateway("nobody knows", "timeout", "timeout", { status = "unknown" }),

  s.check("runs", "AH-009", { s.list("pods", { pod("True"), pod("True") }) }, {
    status = "pass",
  }),
  s.check("one is down", "AH-009", { s.list("pods", { pod("True"), pod("False") }) }, {
    status = "warn",
    cause = "dns.cluster_degraded",
  }),
  s.check("down", "AH-009", { s.list("pods", { pod("False") }) }, {
    status = "fail",
    cause = "dns.cluster_down",
    explains = { "AH-004" },
  }),
  s.check("another kind of DNS", "AH-009", { s.list("pods", {}) }, { status = "skip" }),
  s.check("not readable", "AH-009", { s.list("pods", nil) }, { status = "unknown" }),

  page("all well", status("none"), { status = "pass" }),
  page("an incident", status("major"), {
    status = "warn",
    cause = "discord.incident",
    message = "Partial outage",
  }),
  page("no page", { ok = false, status = 404 }, { status = "unknown" }),
  page("not reachable", "unreachable", { status = "unknown" }),
  s.check("none is named", "AH-011", {}, { status = "skip" }),
  page("is no status page", { ok = true, status = 200, ms = 5, body = { status = "fine" } }, {
    status = "unknown",
    message = "not that of statuspage.io",
  }),
  page("does not answer", { ok = false, error = "dns", ms = 5 }, {
    status = "unknown",
    message = "cannot be read: dns",
  }),

  s.plan("one more policy", "allow-egress", { s.get("deployments", s.deployment(1)) }, {
    ops = {
      {
        verb = "apply",
        name = "provider-discord-allow-egress",
        body = {
          kind = "NetworkPolicy",
          spec = {
            podSelector = { matchLabels = { app = "provider-discord" } },
            policyTypes = { "Egress" },
          },
        },
      },
    },
  }),
}

return { runbook = "runbooks.api_health", cases = cases }
