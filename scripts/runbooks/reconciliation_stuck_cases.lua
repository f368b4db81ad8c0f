-- Cases of reconciliation_stuck.lua for `provider-discord scripts test`.
local s = require("lib.runbook_situations")

local function objects(name, check, guilds, roles, channels, expect, more)
  return s.check(name, check, { s.objects(guilds, roles, channels) }, expect, more)
end

local GUILD <const> = s.object("Guild", "team")
local BAD_GUILD <const> = s.object("Guild", "team", {
  ready = "False",
  synced = "False",
  message = "InvalidSpec: name",
  since = "2026-01-01T11:00:00Z",
})

local function child(name, members)
  members.spec = { guildIdRef = { name = "team" } }
  members.synced = "False"
  members.message = "waits for its guild"
  return s.object("Channel", name, members)
end

local function bad(since, labels)
  return s.object("Channel", "general", {
    synced = "False",
    message = "MissingPermissions: no",
    since = since,
    labels = labels,
  })
end

local PENDING <const> = { ["crossplane.io/external-create-pending"] = "2026-01-01T11:00:00Z" }
local ENDED <const> = {
  ["crossplane.io/external-create-pending"] = "2026-01-01T11:00:00Z",
  ["crossplane.io/external-create-succeeded"] = "2026-01-01T11:00:01Z",
}
local PAUSED <const> = { ["crossplane.io/paused"] = "true" }

local function rate(value, info)
  return s.metric("metrics.rate", "controller_runtime_reconcile_total", value, info)
end

local EXIST <const> = s.metric("metrics.value", "crossplane_managed_resource_exists", 9)
local SCRAPE <const> = { source = "scrape", window = 1 }

local function configs(name, list, expect)
  return s.check(name, "RS-007", {
    s.list("guilds", { GUILD }),
    s.list("roles", {}),
    s.list("channels", { s.object("Channel", "c", { config = { name = "other" } }) }),
    s.list("providerconfigs", list),
  }, expect)
end

local function config(name)
  return { metadata = { name = name } }
end

local function event(kind)
  return { type = "Warning", reason = "r", message = "m", object = { kind = kind, name = "x" } }
end

local cases = {
  objects("all well", "RS-002", { GUILD }, {}, {}, { status = "pass" }),
  objects("not for long", "RS-002", {}, {}, { bad("2026-01-01T11:58:00Z") }, { status = "pass" }),
  objects("for a quarter of an hour", "RS-002", {}, {}, { bad("2026-01-01T11:45:00Z") }, {
    status = "warn",
    cause = "resource.not_synced",
  }),
  objects("for two hours", "RS-002", {}, {}, { bad("2026-01-01T10:00:00Z") }, {
    status = "fail",
    cause = "resource.not_synced",
    message = "1 object does not get on",
    escalate = { { to = "Platform Team", after = 1800 } },
  }),
  objects(
    "a critical one",
    "RS-002",
    {},
    {},
    { bad("2026-01-01T11:45:00Z", { ["discord.crossplane.io/criticality"] = "critical" }) },
    {
      status = "warn",
      escalate = {
        { to = "Platform Team", after = 0, why = "critical resource" },
        { to = "Platform Team", after = 1800 },
      },
    }
  ),
  objects(
    "two wait for a guild",
    "RS-002",
    { BAD_GUILD },
    {},
    { child("a", {}), child("b", {}) },
    {
      status = "fail",
      cause = "parent.not_ready",
      message = "1 object does not get on, 2 more wait",
    }
  ),
  objects("a guild that is not there", "RS-002", {}, {}, { child("a", {}) }, {
    status = "fail",
    cause = "parent.missing",
    lines = { "Channel team/a, for 4h: Guild team/team does not exist" },
  }),
  s.check("not readable", "RS-002", { s.list("guilds", nil) }, { status = "unknown" }),

  objects("none", "RS-003", { GUILD }, {}, {}, { status = "pass" }),
  objects("just now", "RS-003", {}, {}, {
    s.object("Channel", "c", { deleted = "2026-01-01T11:59:00Z" }),
  }, { status = "pass" }),
  objects("for a quarter of an hour", "RS-003", {}, {}, {
    s.object("Channel", "c", { deleted = "2026-01-01T11:45:00Z" }),
  }, { status = "warn", cause = "resource.finalizer" }),
  objects("for hours", "RS-003", {}, {}, {
    s.object("Channel", "c", { deleted = "2026-01-01T09:00:00Z" }),
  }, { status = "fail", cause = "resource.finalizer" }),
  s.check("not readable", "RS-003", { s.list("guilds", nil) }, { status = "unknown" }),

  objects("none", "RS-004", { GUILD }, {}, {}, { status = "pass" }),
  objects("one", "RS-004", {}, {}, { s.object("Channel", "c", { annotations = PAUSED }) }, {
    status = "warn",
    cause = "resource.paused",
    plans = { "unpause" },
  }),
  s.check("not readable", "RS-004", { s.list("guilds", nil) }, { status = "unknown" }),

  objects("none", "RS-005", { GUILD }, {}, {
    s.object("Channel", "c", { annotations = ENDED }),
  }, { status = "pass" }),
  objects("one, for an hour", "RS-005", {}, {}, {
    s.object("Channel", "c", { annotations = PENDING }),
  }, { status = "fail", cause = "resource.create_pending" }),
  s.check("not readable", "RS-005", { s.list("guilds", nil) }, { status = "unknown" }),

  objects("none", "RS-006", { GUILD }, {}, {}, { status = "pass" }),
  objects("one, for hours", "RS-006", {}, {}, {
    s.object("Channel", "c", { generation = 2, observed = 1 }),
  }, { status = "fail", cause = "resource.generation_lag" }),
  s.check("not readable", "RS-006", { s.list("guilds", nil) }, { status = "unknown" }),

  configs("all there", { config("default"), config("other") }, { status = "pass" }),
  configs("one is missing", { config("default") }, {
    status = "fail",
    cause = "providerconfig.missing",
    message = "ProviderConfig other does not exist; used by 1 object",
  }),
  configs("not readable", nil, { status = "unknown" }),

  s.check("works", "RS-009", { rate(0.5), EXIST }, { status = "pass" }),
  s.check("idle", "RS-009", { rate(0), EXIST }, {
    status = "fail",
    cause = "reconcile.idle",
    plans = { "restart" },
  }),
  s.check("a quiet second", "RS-009", {
    rate(0, SCRAPE),
    EXIST,
    s.answer("provider.state", { queue = { oldestSeconds = 0 } }),
  }, { status = "pass" }),
  s.check("keys wait for an hour", "RS-009", {
    rate(0, SCRAPE),
    EXIST,
    s.answer("provider.state", { queue = { oldestSeconds = 3600 } }),
  }, { status = "fail", cause = "reconcile.idle" }),
  s.check("no objects", "RS-009", {
    rate(0),
    s.metric("metrics.value", "crossplane_managed_resource_exists", 0),
  }, { status = "pass" }),
  s.check("no metrics", "RS-009", {
    rate("unreachable"),
    s.metric("metrics.value", "crossplane_managed_resource_exists", "unreachable"),
  }, { status = "unknown" }),

  s.check("short", "RS-010", { s.metric("metrics.value", "workqueue_depth", 3) }, {
    status = "pass",
  }),
  s.check("long", "RS-010", { s.metric("metrics.value", "workqueue_depth", 900) }, {
    status = "warn",
    cause = "queue.backlog",
  }),
  s.check("no metrics", "RS-010", { s.metric("metrics.value", "workqueue_depth", "timeout") }, {
    status = "unknown",
  }),

  s.check("none", "RS-011", { s.answer("metrics.sum_rate", "nodata") }, { status = "pass" }),
  s.check("one", "RS-011", {
    s.metric("metrics.sum_rate", "provider_discord_script_failures_total", {
      { labels = { module = "resources.channel", kind = "runtime" }, value = 0.1 },
    }),
  }, { status = "fail", cause = "script.failing", message = "resources.channel" }),
  s.check("no metrics", "RS-011", { s.answer("metrics.sum_rate", "timeout") }, {
    status = "unknown",
  }),

  s.check("none about objects", "RS-013", { s.answer("kube.events", { event("Pod") }) }, {
    status = "pass",
  }),
  s.check("one about an object", "RS-013", { s.answer("kube.events", { event("Channel") }) }, {
    status = "warn",
    cause = "events.warning",
  }),
  s.check("not readable", "RS-013", { s.answer("kube.events", "forbidden") }, {
    status = "unknown",
  }),

  s.plan("only of the roots", "request-reconcile", {
    s.objects({ BAD_GUILD }, {}, { child("a", {}) }),
  }, {
    ops = {
      { name = "team", body = { ["crossplane.io/reconcile-requested-at"] = s.NOW } },
    },
  }),
  s.plan("none", "request-reconcile", { s.objects({ GUILD }, {}, {}) }, {
    veto = "no such object",
  }),
  s.plan("of the paused", "unpause", {
    s.objects({ GUILD }, {}, { s.object("Channel", "c", { annotations = PAUSED }) }),
  }, { ops = { { name = "c", body = { ["crossplane.io/paused"] = null } } } }),
  s.plan("of the paused, categories before what is in them", "unpause", {
    s.objects({}, { s.object("Role", "r", { annotations = PAUSED }) }, {
      s.object("Channel", "a", { annotations = PAUSED, spec = { type = 0 } }),
      s.object("Channel", "b", { annotations = PAUSED, spec = { type = 4 } }),
    }),
  }, { ops = { { name = "r" }, { name = "b" }, { name = "a" } } }),
  s.plan("when nothing is reconciled", "restart", { s.answer("provider.state", {}) }, {
    ops = { { verb = "restart", name = "provider-discord" } },
  }, { results = { ["RS-009"] = { status = "fail" } } }),
  s.plan("not when others are", "restart", { s.answer("provider.state", {}) }, {
    veto = "reconciles other objects",
  }, { results = { ["RS-009"] = { status = "pass" } } }),
}

return { runbook = "runbooks.reconciliation_stuck", cases = cases }
