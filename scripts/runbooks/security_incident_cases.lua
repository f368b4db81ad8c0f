-- Cases of security_incident.lua for `provider-discord scripts test`. Its checks of log lines and
-- Events are those of the other runbooks.
local s = require("lib.runbook_situations")

local GUILD <const> =
  s.object("Guild", "team", { annotations = { ["crossplane.io/external-name"] = "900" } })
local ROLE <const> =
  s.object("Role", "moderator", { annotations = { ["crossplane.io/external-name"] = "950" } })

local function entry(action, user, members)
  local made = {
    id = "1",
    at = "2026-01-01T11:00:00Z",
    action = action,
    user = { id = user, username = user == "77" and "bot" or "mallory" },
    target_id = "999",
    by_provider = false,
    changes = array({}),
  }
  for key, value in pairs(members or {}) do
    made[key] = value
  end
  return made
end

local function audited(name, entries, expect)
  local guilds, roles, channels = s.objects({ GUILD }, { ROLE }, {})
  local me = s.answer(
    "discord.get",
    { status = 200, body = { id = "77", username = "bot" } },
    { path = "/users/@me" }
  )
  return s.check(name, "SI-002", {
    guilds,
    roles,
    channels,
    me,
    s.answer("discord.audit", entries, { guild_id = "900" }),
  }, expect)
end

local function judged(name, check, counts, expect, newest)
  local observed = { counts = counts, newest = newest }
  return s.check(name, check, {}, expect, {
    results = { ["SI-002"] = { status = "pass", observed = observed } },
  })
end

local function reader(kind, name, namespace)
  return {
    subject = { kind = kind, name = name, namespace = namespace },
    binding = { kind = "RoleBinding", name = "readers" },
    role = { kind = "Role", name = "reader" },
    wildcard = false,
  }
end

local EXPECTED <const> = reader("ServiceAccount", "provider-discord", "crossplane-system")
local KUBERNETES <const> = reader("User", "system:kube-controller-manager")

local function readers(name, list, expect, more)
  return s.check(name, "SI-008", { s.answer("kube.who_can", list) }, expect, more)
end

local function changed(name, members, expect)
  return s.check(name, "SI-009", { s.fingerprint(members) }, expect)
end

-- `written` are lines that have the mark themselves, `lines` all of them, tokens replaced.
local function log(name, written, lines, expect)
  return s.check(name, "SI-010", {
    s.list("pods", { s.running_pod() }),
    s.answer("kube.logs", written, { match = { "[redacted]" } }),
    s.answer("kube.logs", lines),
  }, expect)
end

local function me(status, id)
  return s.answer(
    "discord.get",
    { status = status, body = { id = id or "77", username = "bot" } },
    { path = "/users/@me" }
  )
end

local GRANTED <const> = { { key = "permissions", old_value = "0", new_value = "8" } }

local cases = {
  audited("only our own", {
    entry(30, "77", { by_provider = true }),
    entry(31, "77", { target_id = "950" }),
  }, { status = "pass", observed = { own = 2, counts = {} } }),
  audited("classes", {
    entry(30, "5"),
    entry(31, "5", { changes = GRANTED }),
    entry(14, "5"),
    entry(50, "5"),
    entry(28, "5"),
    entry(10, "5"),
  }, {
    status = "pass",
    observed = { counts = { role = 1, permission = 2, webhook = 1, bot = 1, other = 1 } },
  }),
  audited("our bot, for nothing of ours", { entry(30, "77") }, {
    status = "pass",
    observed = { counts = { role = 1, own_bot = 1 } },
  }),
  audited("no right to read it", "forbidden", { status = "unknown", message = "View Audit Log" }),
  s.check("no right to list", "SI-002", { s.list("guilds", nil) }, { status = "unknown" }),

  judged("none", "SI-003", {}, { status = "pass" }),
  judged("two", "SI-003", { role = 2 }, {
    status = "fail",
    cause = "audit.role",
    message = "2 changes of roles",
    plans = { "pause", "replace-token" },
    escalate = { { to = "Platform Team" }, { to = "Security Team" } },
  }),
  judged("none", "SI-004", { role = 2 }, { status = "pass" }),
  judged("one", "SI-004", { permission = 1 }, { status = "fail", cause = "audit.permission" }),
  judged("a minute ago: it goes on", "SI-004", { permission = 1 }, {
    status = "fail",
    escalate = {
      { to = "Platform Team" },
      { to = "Security Team" },
      { to = "Emergency Response Team", after = 0 },
    },
  }, "2026-01-01T11:59:00Z"),
  judged("none", "SI-005", {}, { status = "pass" }),
  judged("one", "SI-005", { webhook = 1 }, { status = "fail", cause = "audit.webhook" }),
  judged("none", "SI-006", {}, { status = "pass" }),
  judged("one", "SI-006", { bot = 1 }, { status = "fail", cause = "audit.bot" }),
  judged("none", "SI-007", {}, { status = "pass" }),
  judged("one", "SI-007", { own_bot = 1, role = 1 }, {
    status = "fail",
    cause = "audit.own_bot",
    explains = { "SI-003", "SI-004", "SI-005", "SI-006" },
  }),

  readers("only who must", { EXPECTED, KUBERNETES }, { status = "pass" }),
  readers("a person", { EXPECTED, reader("User", "mallory") }, {
    status = "warn",
    cause = "rbac.secret_readers",
    lines = { "User mallory, by RoleBinding readers" },
  }),
  readers("a person that is listed", { reader("User", "alice") }, { status = "pass" }, {
    values = { secretReaders = { "User alice" } },
  }),
  readers("everybody", { reader("Group", "system:authenticated") }, {
    status = "fail",
    cause = "rbac.secret_public",
    escalate = { { to = "Security Team" } },
  }),
  readers("every account of a namespace", { reader("Group", "system:serviceaccounts:team") }, {
    status = "warn",
  }),
  readers("not readable", "forbidden", { status = "unknown" }),

  changed("long ago", nil, { status = "pass" }),
  changed("made today", {
    changed_at = "2026-01-01T11:00:00Z",
    created_at = "2026-01-01T11:00:00Z",
  }, { status = "pass" }),
  changed("changed today", { changed_at = "2026-01-01T11:00:00Z", manager = "kubectl-edit" }, {
    status = "warn",
    cause = "secret.changed",
    message = "kubectl-edit",
  }),
  changed("not there", { exists = false }, { status = "fail", cause = "secret.missing" }),
  changed("no record", { changed_at = "" }, { status = "unknown" }),
  s.check("not readable", "SI-009", { s.answer("secret.fingerprint", "forbidden") }, {
    status = "unknown",
  }),

  log("clean", array({}), array({ "started" }), { status = "pass" }),
  log("the provider's own mark", array({ "a [redacted]" }), array({ "a [redacted]" }), {
    status = "pass",
  }),
  log("a token", array({ "a [redacted]" }), array({ "a [redacted]", "token [redacted]" }), {
    status = "fail",
    cause = "token.in_logs",
    escalate = { { to = "Security Team", why = "credential compromise" } },
  }),
  log("not readable", "forbidden", "forbidden", { status = "unknown" }),

  s.check("taken", "SI-011", {
    me(200),
    s.answer("provider.state", "unreachable"),
    s.metric("metrics.value", "provider_discord_invalid_requests", 4),
  }, { status = "pass" }),
  s.check("refused", "SI-011", { me(401), s.answer("secret.fingerprint", "forbidden") }, {
    status = "fail",
    cause = "auth.401",
  }),
  s.check("many refusals", "SI-011", {
    me(200),
    s.answer("provider.state", "unreachable"),
    s.metric("metrics.value", "provider_discord_invalid_requests", 3000),
  }, { status = "warn", cause = "auth.refusals" }),
  s.check("nobody can ask", "SI-011", {
    s.answer("discord.get", "unreachable"),
    s.answer("provider.state", "unreachable"),
  }, { status = "unknown" }),

  s.check("named", "SI-012", { me(200) }, { status = "pass", message = "bot (77)" }),
  s.check("another bot's", "SI-012", { me(200, "78") }, {
    status = "fail",
    cause = "token.other_bot",
  }, { values = { botId = "77" } }),
  s.check("nobody can ask", "SI-012", { s.answer("discord.get", "timeout") }, {
    status = "unknown",
  }),

  s.check("the provider's own changes", "SI-013", {
    s.list("pods", { s.running_pod() }),
    s.answer("kube.logs", array({ '{"level":"info","msg":"security: discord changed"}' })),
  }, { status = "pass" }),
  s.check("something else", "SI-013", {
    s.list("pods", { s.running_pod() }),
    s.answer("kube.logs", array({ '{"level":"warning","msg":"security: token refused"}' })),
  }, { status = "warn", cause = "log.security" }),

  s.plan("everything", "pause", { s.objects({ GUILD }, { ROLE }, {}) }, {
    ops = {
      { name = "team", body = { ["crossplane.io/paused"] = "true" } },
      { name = "moderator", body = { ["crossplane.io/paused"] = "true" } },
    },
  }),
  s.plan("not readable", "pause", { s.list("guilds", nil) }, { veto = "cannot be read" }),
}

return { runbook = "runbooks.security_incident", cases = cases }
