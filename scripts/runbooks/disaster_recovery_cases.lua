-- Cases of disaster_recovery.lua for `provider-discord scripts test`.
local s = require("lib.runbook_situations")

local GROUPS <const> = {
  Guild = "guild.discord.crossplane.io/v1alpha1",
  Channel = "channel.discord.crossplane.io/v1alpha1",
  Role = "role.discord.crossplane.io/v1alpha1",
  ProviderConfig = "discord.crossplane.io/v1alpha1",
}

local function saved(kind, name, id, members)
  local object = {
    file = "objects.yaml",
    api_version = GROUPS[kind] or "v1",
    kind = kind,
    namespace = "team",
    name = name,
    external_name = id,
    spec = { forProvider = {} },
  }
  for key, value in pairs(members or {}) do
    object[key] = value
  end
  return object
end

local function file(name, modified, format)
  return { name = name, bytes = 10, modified = modified, format = format or "yaml", objects = 1 }
end

local FRESH <const> = "2026-01-01T11:30:00Z"
local ENCRYPTED <const> = file("discord-secrets.yaml.age", FRESH, "other")
local ALL <const> = {
  saved("Guild", "g", "900"),
  saved("Channel", "c", "910"),
  saved("Role", "r", "920"),
  saved("ProviderConfig", "default", nil),
}

local function backup(objects, files)
  return s.answer("backup.inspect", {
    path = "b",
    newest = FRESH,
    oldest = FRESH,
    files = files or { file("objects.yaml", FRESH), file("state.json", FRESH, "json"), ENCRYPTED },
    objects = array(objects),
  })
end

local function inspected(name, check, objects, files, expect)
  return s.check(name, check, { backup(objects, files) }, expect)
end

local function live(kind, name, id, members)
  members = members or {}
  members.annotations = { ["crossplane.io/external-name"] = id }
  return s.object(kind, name, members)
end

local LIVE <const> = {
  s.objects({ live("Guild", "g", "900") }, { live("Role", "r", "920") }, {
    live("Channel", "c", "910"),
  }),
}

local function against(name, check, objects, expect)
  return s.check(name, check, { backup(objects), LIVE[1], LIVE[2], LIVE[3] }, expect)
end

local function crd(name, version)
  local served = { spec = { versions = { { name = version, served = true } } } }
  local answer = s.get("customresourcedefinitions", version and served)
  answer.name = name
  return answer
end

local function versions(name, role, expect)
  return s.check(name, "DR-008", {
    backup(ALL),
    crd("guilds.guild.discord.crossplane.io", "v1alpha1"),
    crd("channels.channel.discord.crossplane.io", "v1alpha1"),
    role,
    crd("providerconfigs.discord.crossplane.io", "v1alpha1"),
  }, expect)
end

local ROLES_CRD <const> = "roles.role.discord.crossplane.io"

local function snapshot(name, value, expect)
  return s.check(name, "DR-010", {
    backup(ALL),
    s.answer("discord.snapshot", value, { guild_id = "900" }),
  }, expect)
end

local function guild(roles)
  return { guild = { id = "900", roles = roles }, channels = { { id = "910" } }, me = {} }
end

local function clocks(provider, objects)
  return {
    results = {
      ["DR-012"] = { status = provider and "fail" or "pass", observed = { seconds = provider } },
      ["DR-013"] = { status = objects and "warn" or "pass", observed = { seconds = objects } },
    },
  }
end

local function provider(name, deployment, expect, more)
  return s.check(name, "DR-012", { s.get("deployments", deployment) }, expect, more)
end

local function unready(since)
  return s.object("Guild", "g", { ready = "False", since = since })
end

local cases = {
  inspected("good", "DR-002", ALL, nil, { status = "pass" }),
  inspected("empty", "DR-002", {}, nil, { status = "fail", cause = "backup.empty" }),
  inspected("broken", "DR-002", ALL, {
    { name = "objects.yaml", modified = FRESH, format = "yaml", error = "no YAML" },
  }, { status = "fail", cause = "backup.unreadable", message = "no YAML" }),
  s.check("none is named", "DR-002", { s.answer("backup.inspect", "unconfigured") }, {
    status = "unknown",
    message = "--backup",
  }),

  inspected("half an hour", "DR-003", ALL, nil, { status = "pass" }),
  inspected("two days", "DR-003", ALL, { file("objects.yaml", "2025-12-30T12:00:00Z") }, {
    status = "fail",
    cause = "backup.stale_config",
    message = "more than 24 h",
  }),
  inspected("no date", "DR-003", ALL, {}, { status = "unknown" }),

  inspected("half an hour", "DR-004", ALL, nil, { status = "pass" }),
  inspected("three hours", "DR-004", ALL, { file("state.json", "2026-01-01T09:00:00Z", "json") }, {
    status = "fail",
    cause = "backup.stale_state",
  }),
  inspected("none", "DR-004", ALL, { file("objects.yaml", FRESH) }, {
    status = "warn",
    cause = "backup.no_state",
  }),

  against("all of them", "DR-005", ALL, { status = "pass" }),
  against("Kubernetes' own roles instead", "DR-005", {
    ALL[1],
    ALL[2],
    ALL[4],
    saved("Role", "reader", nil, { api_version = "rbac.authorization.k8s.io/v1" }),
  }, {
    status = "fail",
    cause = "backup.roles_missing",
    message = { "Kubernetes' own", "roles.role.discord.crossplane.io" },
  }),
  against("no channels", "DR-005", { ALL[1], ALL[3], ALL[4] }, {
    status = "fail",
    cause = "backup.kind_missing",
    message = "Channel",
  }),

  inspected("known", "DR-006", ALL, nil, { status = "pass" }),
  inspected("missing", "DR-006", { saved("Channel", "c", nil) }, nil, {
    status = "fail",
    cause = "backup.external_names",
  }),

  inspected("an encrypted file", "DR-007", ALL, nil, { status = "pass" }),
  inspected("sealed", "DR-007", { saved("SealedSecret", "s", nil) }, {}, { status = "pass" }),
  inspected("clear text", "DR-007", { saved("Secret", "s", nil, { secret_plain = true }) }, nil, {
    status = "fail",
    cause = "backup.secret_plain",
    escalate = { { to = "Security Team" } },
  }),
  inspected("none", "DR-007", ALL, {}, { status = "fail", cause = "backup.secret_missing" }),

  versions("served", crd(ROLES_CRD, "v1alpha1"), { status = "pass" }),
  versions("another version", crd(ROLES_CRD, "v1beta1"), {
    status = "fail",
    cause = "backup.crd_version",
    message = ROLES_CRD .. " v1alpha1",
  }),
  versions("not installed", crd(ROLES_CRD, nil), { status = "fail" }),

  against("complete", "DR-009", ALL, { status = "pass" }),
  against("one is missing", "DR-009", { ALL[1], ALL[2] }, {
    status = "fail",
    cause = "backup.incomplete",
    lines = { "Role team/r" },
  }),

  snapshot("all there", guild({ { id = "920" } }), { status = "pass" }),
  snapshot("a role is gone", guild({}), {
    status = "fail",
    cause = "discord.lost",
    lines = { "Role team/r" },
  }),
  snapshot("nobody knows", "unreachable", { status = "unknown" }),
  inspected("no guild in it", "DR-010", {}, nil, { status = "skip" }),

  s.check("none", "DR-011", LIVE, { status = "pass" }),
  s.check("one", "DR-011", {
    s.objects({}, {}, { live("Channel", "c", "910"), live("Channel", "d", "910") }),
  }, { status = "fail", cause = "restore.duplicates" }),
  s.check("not readable", "DR-011", { s.list("guilds", nil) }, { status = "unknown" }),

  provider("runs", s.deployment(1), { status = "pass" }),
  provider("down for five minutes", s.deployment(0, { since = "2026-01-01T11:55:00Z" }), {
    status = "warn",
    cause = "rto.running",
    message = "5m of 15 min",
  }),
  provider("down for an hour", s.deployment(0, { since = "2026-01-01T11:00:00Z" }), {
    status = "fail",
    cause = "rto.provider",
    escalate = { { to = "On-call Engineer" }, { to = "Platform Team Lead" }, { to = "CTO" } },
  }),
  provider("gone, as the alert says", nil, { status = "fail", cause = "rto.provider" }, {
    alert = { starts_at = "2026-01-01T11:00:00Z" },
  }),
  provider("gone, nobody knows since when", nil, { status = "unknown" }),

  s.check("ready", "DR-013", LIVE, { status = "pass" }),
  s.check("ten minutes", "DR-013", { s.objects({ unready("2026-01-01T11:50:00Z") }, {}, {}) }, {
    status = "warn",
    cause = "rto.running",
  }),
  s.check("an hour", "DR-013", { s.objects({ unready("2026-01-01T11:00:00Z") }, {}, {}) }, {
    status = "fail",
    cause = "rto.objects",
  }),
  s.check("not readable", "DR-013", { s.list("guilds", nil) }, { status = "unknown" }),

  s.check("whole", "DR-014", {}, { status = "pass" }, clocks()),
  s.check("not for long", "DR-014", {}, { status = "warn" }, clocks(1200, 600)),
  s.check("too long", "DR-014", {}, { status = "fail", cause = "rto.service" }, clocks(3000)),

  s.plan("parents first, paused", "restore", {
    backup({
      saved("Channel", "general", "911"),
      saved("Channel", "team", "912", { spec = { forProvider = { type = 4 } } }),
      saved("Role", "r", "920"),
      saved("Guild", "g", "900"),
      saved("ProviderConfig", "default", nil),
    }),
  }, {
    ops = {
      { verb = "apply", body = { kind = "ProviderConfig" } },
      {
        body = {
          kind = "Guild",
          metadata = {
            annotations = {
              ["crossplane.io/external-name"] = "900",
              ["crossplane.io/paused"] = "true",
            },
          },
        },
      },
      { body = { kind = "Role" } },
      { name = "team" },
      { name = "general" },
    },
  }),
  s.plan("not without external names", "restore", { backup({ saved("Guild", "g", nil) }) }, {
    veto = "would be made again",
  }),
}

return { runbook = "runbooks.disaster_recovery", cases = cases }
