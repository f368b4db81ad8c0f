-- Disaster Recovery: whether the backup would bring everything back, and, in a disaster, how much
-- of the recovery time is left.
local preamble = require("lib.runbook_preamble")
local reconcile = require("lib.runbook_reconcile")
local resources = require("lib.runbook_resources")
local restore = require("lib.runbook_restore")
local rto = require("lib.runbook_rto")
local saved = require("lib.runbook_backup")

local rb = {
  runbook = "disaster-recovery",
  code = "DR",
  title = "Disaster Recovery",
  alerts = {},
  owner = "Platform Team",
  reviewed = "2026-11-25",
  timeout = 90,
  summary = "Run it with `--backup DIR`, also when all is well: a backup that nobody looked at is "
    .. "a hope. After a disaster it shows the clocks of the recovery.",
  symptoms = {
    "The cluster, the namespace or the guild is lost",
    "A backup has to be checked",
  },
  capabilities = { "kube.read", "discord.read", "backup.read" },
  rights = {
    { verb = "get", group = "apps", resource = "deployments", namespace = true },
    {
      verb = "get",
      group = "apiextensions.k8s.io",
      resource = "customresourcedefinitions",
      cluster = true,
    },
    { verb = "list", group = "guild.discord.crossplane.io", resource = "guilds", cluster = true },
    {
      verb = "list",
      group = "channel.discord.crossplane.io",
      resource = "channels",
      cluster = true,
    },
    { verb = "list", group = "role.discord.crossplane.io", resource = "roles", cluster = true },
  },
  thresholds = {
    config_hours = { default = 24, unit = "h", text = "the document's RPO of the configuration" },
    state_hours = { default = 1, unit = "h", text = "the document's RPO of the state" },
    rto_provider = { default = 15, unit = "min", text = "the document's RTO of the provider" },
    rto_objects = { default = 30, unit = "min", text = "the document's RTO of reconciliation" },
    rto_service = { default = 45, unit = "min", text = "the document's RTO of the service" },
  },
  checks = {
    {
      id = "DR-001",
      run = "api",
      title = "Kubernetes API and rights",
      category = "cluster",
      hint = "`kubectl version`",
    },
    {
      id = "DR-002",
      run = "readable",
      title = "the backup can be read",
      category = "backup",
      timeout = 30,
      covers = { "backup-1" },
      hint = "`--backup DIR` names its folder",
    },
    {
      id = "DR-003",
      run = "config_age",
      title = "age of the configuration",
      category = "backup",
      needs = { "DR-002" },
      covers = { "backup-1", "rpo-1" },
      hint = "save it at least once a day",
    },
    {
      id = "DR-004",
      run = "state_age",
      title = "age of the state of Discord",
      category = "backup",
      needs = { "DR-002" },
      covers = { "backup-2", "rpo-2" },
      hint = "save it every hour, into a file with state or snapshot in its name",
    },
    {
      id = "DR-005",
      run = "kinds",
      title = "every kind is in it",
      category = "backup",
      needs = { "DR-002" },
      covers = { "backup-1" },
      hint = "`kubectl get " .. resources.names() .. " -A -o yaml`: `roles` alone are "
        .. "Kubernetes' own",
    },
    {
      id = "DR-006",
      run = "external_names",
      title = "every object knows its ID in Discord",
      category = "backup",
      needs = { "DR-002" },
      covers = { "backup-1" },
      hint = "keep metadata.annotations when a backup is cleaned up",
    },
    {
      id = "DR-007",
      run = "secret",
      title = "the Secret is in it, encrypted",
      category = "backup",
      needs = { "DR-002" },
      covers = { "backup-1" },
      hint = "`kubectl get secret -o yaml` is base64, which is clear text: pipe it through age or "
        .. "sops",
    },
    {
      id = "DR-008",
      run = "versions",
      title = "the cluster serves its versions",
      category = "restore",
      needs = { "DR-001", "DR-002" },
      covers = { "recovery-1" },
      hint = "install the chart first",
    },
    {
      id = "DR-009",
      run = "complete",
      title = "everything live is in it",
      category = "backup",
      needs = { "DR-001", "DR-005" },
      covers = { "backup-1" },
      hint = "were all namespaces saved (`-A`)?",
    },
    {
      id = "DR-010",
      run = "in_discord",
      title = "what it knows is still in Discord",
      category = "restore",
      needs = { "DR-002" },
      timeout = 30,
      covers = { "backup-2", "recovery-3" },
      hint = "compare the guild with the backup",
    },
    {
      id = "DR-011",
      run = "duplicates",
      title = "nothing stands for the same thing twice",
      category = "restore",
      needs = { "DR-001" },
      covers = { "recovery-3" },
      hint = "delete one of the objects with deletionPolicy Orphan",
    },
    {
      id = "DR-012",
      run = "provider_clock",
      title = "clock of the provider",
      category = "clock",
      needs = { "DR-001" },
      covers = { "recovery-1", "rto-1" },
      hint = "`provider-discord runbook run provider-down`",
    },
    {
      id = "DR-013",
      run = "objects_clock",
      title = "clock of the objects",
      category = "clock",
      needs = { "DR-001" },
      covers = { "recovery-2", "recovery-3", "rto-2" },
      hint = "`provider-discord runbook run reconciliation-stuck`",
    },
    {
      id = "DR-014",
      run = "service_clock",
      title = "clock of the service",
      category = "clock",
      needs = { "DR-012", "DR-013" },
      needs_any_outcome = true,
      covers = { "rto-3" },
      hint = "the two clocks above",
    },
  },
  plans = {
    {
      id = "restore",
      build = "plan_restore",
      title = "apply the backup's objects, paused",
      risk = "high",
      verify = { "DR-009", "DR-011" },
    },
    {
      id = "unpause",
      build = "plan_unpause",
      title = "end the pause, parents first",
      risk = "medium",
      verify = { "DR-011", "DR-013" },
      on_request = true,
    },
  },
  escalations = {
    { to = "On-call Engineer", when = "a recovery is under way (row Critical of the matrix)" },
    { to = "Platform Team Lead", when = "it lasts longer than 30 minutes" },
    { to = "CTO", when = "it lasts longer than an hour" },
  },
  sections = {
    {
      title = "Saving",
      text = "`kubectl get guilds,channels,roles` saves Kubernetes' own roles instead of "
        .. "Discord's. Name each type with its group:\n\n"
        .. "```bash\n"
        .. "kubectl get "
        .. resources.names()
        .. " -A -o yaml > objects.yaml\n"
        .. "kubectl get providerconfigs.discord.crossplane.io -o yaml > provider-config.yaml\n"
        .. "kubectl get secret discord-credentials -n crossplane-system -o yaml "
        .. "| age -r RECIPIENT > discord-secrets.yaml.age\n"
        .. "```",
    },
    {
      title = "Recovery",
      text = "1. `helm install provider-discord chart/provider-discord -n crossplane-system` from "
        .. "a checkout or a release's chart.\n"
        .. "2. Decrypt and apply the Secret.\n"
        .. "3. `runbook fix disaster-recovery/restore --backup DIR`: ProviderConfig, guilds, "
        .. "roles, categories, channels, all paused.\n"
        .. "4. `runbook fix disaster-recovery/unpause`.\n"
        .. "5. Run this again until its clocks are green.",
    },
  },
}

rb.api = preamble.api(rb.rights)
rb.readable = saved.readable
rb.config_age = saved.config_age
rb.state_age = saved.state_age
rb.kinds = saved.kinds
rb.external_names = saved.external_names
rb.secret = saved.secret
rb.versions = saved.versions
rb.complete = restore.complete
rb.in_discord = restore.in_discord
rb.duplicates = restore.duplicates
rb.provider_clock = rto.provider_clock({ "DR-013", "DR-014" })
rb.objects_clock = rto.objects_clock({ "DR-014" })
rb.service_clock = rto.service_clock({ "DR-012", "DR-013" })
rb.plan_restore = restore.plan
rb.plan_unpause = reconcile.plan_unpause

return rb
