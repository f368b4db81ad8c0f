-- Security Incident Response: what in Discord was changed by nobody that we know, and who could
-- have the token.
local activity = require("lib.runbook_activity")
local audit = require("lib.runbook_audit")
local credentials = require("lib.runbook_credentials")
local logs = require("lib.runbook_logs")
local preamble = require("lib.runbook_preamble")
local reconcile = require("lib.runbook_reconcile")
local token = require("lib.runbook_token")

local rb = {
  runbook = "security-incident",
  code = "SI",
  title = "Security Incident Response",
  alerts = {},
  owner = "Security Team",
  reviewed = "2026-11-25",
  timeout = 90,
  summary = "Somebody may have changed Discord, or may have the bot's token. Keep the evidence "
    .. "(`--evidence DIR`) before anything is changed.",
  symptoms = {
    "Unauthorized Discord changes",
    "Suspicious authentication attempts",
    "Security alerts from monitoring",
  },
  capabilities = {
    "kube.read",
    "metrics.read",
    "discord.read",
    "provider.read",
    "secret.fingerprint",
  },
  rights = {
    { verb = "list", group = "", resource = "pods", namespace = true },
    { verb = "get", group = "", resource = "pods", subresource = "log", namespace = true },
    { verb = "get", group = "", resource = "secrets", namespace = true },
    { verb = "list", group = "", resource = "events", cluster = true },
    { verb = "list", group = "guild.discord.crossplane.io", resource = "guilds", cluster = true },
    {
      verb = "list",
      group = "channel.discord.crossplane.io",
      resource = "channels",
      cluster = true,
    },
    { verb = "list", group = "role.discord.crossplane.io", resource = "roles", cluster = true },
    { verb = "list", group = "rbac.authorization.k8s.io", resource = "roles", cluster = true },
    {
      verb = "list",
      group = "rbac.authorization.k8s.io",
      resource = "rolebindings",
      cluster = true,
    },
    {
      verb = "list",
      group = "rbac.authorization.k8s.io",
      resource = "clusterroles",
      cluster = true,
    },
    {
      verb = "list",
      group = "rbac.authorization.k8s.io",
      resource = "clusterrolebindings",
      cluster = true,
    },
  },
  thresholds = {
    audit_hours = { default = 24, unit = "h", text = "the document's 24 hours" },
    attack_minutes = { default = 15, unit = "min", text = "the last change is so young (ours)" },
    invalid_warn = { default = 2500, unit = "requests/10 min", text = "of 10,000 (ours)" },
  },
  checks = {
    {
      id = "SI-001",
      run = "api",
      title = "Kubernetes API and rights",
      category = "cluster",
      hint = "`kubectl version`",
    },
    {
      id = "SI-002",
      run = "audit_log",
      title = "Discord's audit log",
      category = "discord",
      needs = { "SI-001" },
      timeout = 30,
      covers = { "investigation-3", "resolution-3", "symptom-1" },
      hint = "Server Settings, Audit Log",
    },
    {
      id = "SI-003",
      run = "role_changes",
      title = "changes of roles",
      category = "discord",
      needs = { "SI-002" },
      covers = { "resolution-3", "escalation-2" },
      hint = "Server Settings, Audit Log, Filter by Action: Roles",
    },
    {
      id = "SI-004",
      run = "permission_changes",
      title = "changes of permissions",
      category = "discord",
      needs = { "SI-002" },
      covers = { "resolution-3", "escalation-2" },
      hint = "Server Settings, Audit Log, Filter by Action: Channel Permissions",
    },
    {
      id = "SI-005",
      run = "webhook_changes",
      title = "changes of webhooks",
      category = "discord",
      needs = { "SI-002" },
      covers = { "resolution-3", "escalation-2" },
      hint = "Server Settings, Integrations, Webhooks",
    },
    {
      id = "SI-006",
      run = "bots_added",
      title = "bots that were added",
      category = "discord",
      needs = { "SI-002" },
      covers = { "resolution-3" },
      hint = "Server Settings, Integrations",
    },
    {
      id = "SI-007",
      run = "own_bot",
      title = "our bot, used for something else",
      category = "discord",
      needs = { "SI-002" },
      covers = { "investigation-2", "escalation-1" },
      hint = "somebody else may have the token: Reset Token in the Developer Portal",
    },
    {
      id = "SI-008",
      run = "readers",
      title = "who may read the Secret",
      category = "credentials",
      needs = { "SI-001" },
      covers = { "resolution-2" },
      hint = "`kubectl auth can-i get secret/discord-credentials -n NAMESPACE --as SUBJECT`; a "
        .. "grep for discord in the bindings finds only those that have it in their names",
    },
    {
      id = "SI-009",
      run = "unchanged",
      title = "changes of the Secret",
      category = "credentials",
      needs = { "SI-001" },
      covers = { "investigation-2" },
      hint = "`kubectl get secret … --show-managed-fields -o jsonpath={.metadata.managedFields}`",
    },
    {
      id = "SI-010",
      run = "not_in_log",
      title = "tokens in the log",
      category = "credentials",
      needs = { "SI-001" },
      covers = { "investigation-1", "investigation-2" },
      hint = "search the log for the shape of a token, three parts with dots; never print it",
    },
    {
      id = "SI-011",
      run = "refusals",
      title = "Discord takes the token",
      category = "credentials",
      covers = { "symptom-2", "escalation-1" },
      hint = "GET /users/@me with the bot's token",
    },
    {
      id = "SI-012",
      run = "identity",
      title = "whose token it is",
      category = "credentials",
      needs = { "SI-011" },
      covers = { "investigation-2" },
      hint = "GET /users/@me names the bot; `values.botId` is the one that is expected",
    },
    {
      id = "SI-013",
      run = "log",
      title = "what the log says about security",
      category = "cluster",
      needs = { "SI-001" },
      covers = { "investigation-1" },
      hint = "`kubectl logs -n NAMESPACE deployment/NAME | grep -i security`",
    },
    {
      id = "SI-014",
      run = "events",
      title = "warnings about objects",
      category = "cluster",
      needs = { "SI-001" },
      covers = { "investigation-3" },
      hint = "`kubectl get events -A --sort-by=.lastTimestamp | grep -i discord`",
    },
  },
  plans = {
    {
      id = "pause",
      build = "plan_pause",
      title = "let the provider change nothing in Discord",
      risk = "medium",
      verify = { "SI-002" },
      on_request = true,
    },
    {
      id = "replace-token",
      build = "plan_token",
      title = "put a new token into the Secret",
      risk = "medium",
      verify = { "SI-011" },
      inputs = { "token" },
      on_request = true,
    },
    {
      id = "unpause",
      build = "plan_unpause",
      title = "let the provider work again",
      risk = "medium",
      verify = { "SI-002" },
      on_request = true,
    },
  },
  escalations = {
    { to = "Security Team", when = "the token may be known to somebody else: at once" },
    { to = "Platform Team", when = "Discord was changed without authorization" },
    { to = "Security Team", when = "Discord was changed without authorization" },
    { to = "Emergency Response Team", when = "an attack is under way" },
  },
  sections = {
    {
      title = "Order",
      text = "1. Keep the evidence: run this with `--evidence DIR`.\n"
        .. "2. `runbook fix security-incident/pause`.\n"
        .. "3. Reset the token in the Developer Portal, then "
        .. "`runbook fix security-incident/replace-token`.\n"
        .. "4. Review who may read the Secret (SI-008).\n"
        .. "5. For a few days run this with `--interval`, and lower `audit_hours` to the time "
        .. "since the last run: what the document calls increased sensitivity.\n"
        .. "6. `runbook fix security-incident/unpause`.",
    },
  },
}

local CLASSES <const> = { "SI-003", "SI-004", "SI-005", "SI-006" }

rb.api = preamble.api(rb.rights)
rb.audit_log = audit.readable()
rb.role_changes = audit.none_of("SI-002", "role", "changes of roles")
rb.permission_changes = audit.none_of("SI-002", "permission", "changes of permissions")
rb.webhook_changes = audit.none_of("SI-002", "webhook", "changes of webhooks")
rb.bots_added = audit.none_of("SI-002", "bot", "new bots")
rb.own_bot = audit.none_of("SI-002", "own_bot", "changes by our own bot", CLASSES)
rb.readers = credentials.readers
rb.unchanged = credentials.unchanged
rb.not_in_log = credentials.not_in_log
rb.refusals = credentials.no_refusals
rb.identity = credentials.identity
rb.events = activity.events
rb.log = logs.without({
  what = "lines about security",
  words = { "security" },
  -- The provider writes one for each change that it makes itself.
  except = { '"level":"info"', " info " },
  cause = "log.security",
  file = "security.log",
})
rb.plan_pause = reconcile.plan_pause
rb.plan_unpause = reconcile.plan_unpause
rb.plan_token = token.plan_replace

return rb
