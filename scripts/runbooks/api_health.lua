-- API Health Check Failing: which layer between the provider and Discord is broken, seen from here
-- and from inside the provider. The first broken layer is the cause.
local check = require("lib.check")
local clusterdns = require("lib.runbook_cluster_dns")
local egress = require("lib.runbook_egress")
local endpoints = require("lib.runbook_endpoints")
local network = require("lib.runbook_network")
local preamble = require("lib.runbook_preamble")
local probe = require("lib.probe")
local token = require("lib.runbook_token")

local rb = {
  runbook = "api-health",
  code = "AH",
  title = "API Health Check Failing",
  alerts = { "ProviderDiscordAPIUnhealthy" },
  owner = "Platform Team",
  reviewed = "2026-11-25",
  timeout = 60,
  summary = "No request to Discord succeeds: something between the provider and Discord is broken, "
    .. "or the provider does not ask.",
  symptoms = {
    "AlertManager: `ProviderDiscordAPIUnhealthy`",
    "Health endpoint returning 503",
    "Discord API connectivity issues",
  },
  capabilities = {
    "kube.read",
    "discord.read",
    "net.probe",
    "provider.read",
    "secret.fingerprint",
  },
  rights = {
    { verb = "get", group = "apps", resource = "deployments", namespace = true },
    { verb = "list", group = "networking.k8s.io", resource = "networkpolicies", namespace = true },
    { verb = "list", group = "", resource = "pods", namespace = "kube-system" },
    { verb = "get", group = "", resource = "secrets", namespace = true },
  },
  thresholds = {
    certificate_days_warn = { default = 14, unit = "days", text = "before its end (ours)" },
    persists = { default = 600, unit = "s", text = "the document's 10 minutes" },
  },
  checks = {
    {
      id = "AH-001",
      run = "api",
      title = "Kubernetes API and rights",
      category = "cluster",
      hint = "`kubectl version`",
    },
    {
      id = "AH-002",
      run = "live",
      title = "the provider answers",
      category = "provider",
      covers = { "investigation-1", "investigation-3" },
      hint = "`kubectl port-forward -n NAMESPACE deployment/NAME 8080:8080`, then /healthz",
    },
    {
      id = "AH-003",
      run = "ready",
      title = "the provider is ready",
      category = "provider",
      needs = { "AH-002" },
      covers = { "investigation-1", "symptom-2" },
      hint = "`curl http://localhost:8080/readyz`",
    },
    {
      id = "AH-004",
      run = "dns",
      title = "the name resolves",
      category = "network",
      covers = { "investigation-2", "resolution-1", "escalation-1", "escalation-3" },
      hint = "`getent hosts discord.com`; the image has neither nslookup nor a shell",
    },
    {
      id = "AH-005",
      run = "tcp",
      title = "connections open",
      category = "network",
      needs = { "AH-004" },
      covers = { "investigation-2", "escalation-1", "escalation-3" },
      hint = "`nc -vz discord.com 443`",
    },
    {
      id = "AH-006",
      run = "tls",
      title = "the certificate is good",
      category = "network",
      needs = { "AH-005" },
      covers = { "resolution-3", "escalation-2" },
      hint = "`openssl s_client -connect discord.com:443 -verify_return_error`",
    },
    {
      id = "AH-007",
      run = "gateway",
      title = "Discord answers",
      category = "network",
      needs = { "AH-005" },
      covers = { "investigation-2", "symptom-3" },
      hint = "`curl -v https://discord.com/api/v10/gateway`",
    },
    {
      id = "AH-008",
      run = "auth",
      title = "Discord takes the token",
      category = "auth",
      needs = { "AH-007" },
      hint = "GET /users/@me with the bot's token",
    },
    {
      id = "AH-009",
      run = "cluster_dns",
      title = "the cluster's DNS runs",
      category = "cluster",
      needs = { "AH-001" },
      covers = { "resolution-1" },
      hint = "`kubectl get pods -n kube-system -l k8s-app=kube-dns`",
    },
    {
      id = "AH-010",
      run = "policies",
      title = "NetworkPolicies",
      category = "cluster",
      needs = { "AH-001" },
      covers = { "investigation-3", "resolution-2" },
      hint = "`kubectl get networkpolicy -n NAMESPACE -o yaml`; never delete one to find out",
    },
    {
      id = "AH-011",
      run = "status_page",
      title = "Discord's status page",
      category = "network",
      hint = "https://discordstatus.com",
    },
  },
  plans = {
    {
      id = "allow-egress",
      build = "plan_egress",
      title = "let the provider reach DNS and Discord",
      risk = "low",
      verify = { "AH-004", "AH-005", "AH-010" },
    },
    {
      id = "replace-token",
      build = "plan_token",
      title = "put a new token into the Secret",
      risk = "medium",
      verify = { "AH-008" },
      inputs = { "token" },
    },
  },
  escalations = {
    { to = "Platform Team", when = "DNS or the network is broken" },
    { to = "Security Team", when = "the certificate is not good" },
    { to = "On-call Engineer", when = "it lasts longer than 10 minutes" },
  },
}

rb.api = preamble.api(rb.rights)
rb.live = endpoints.live({ "AH-003" })
rb.ready = endpoints.ready()
rb.dns = network.dns({
  name = "DNS",
  cause = "net.dns",
  explains = { "AH-003", "AH-005", "AH-007" },
  to = "Platform Team",
})
rb.tcp = network.tcp({
  name = "TCP",
  cause = "net.tcp",
  explains = { "AH-003", "AH-006", "AH-007" },
  to = "Platform Team",
})
rb.tls = network.tls({
  name = "TLS",
  explains = { "AH-003", "AH-007", "AH-008" },
  to = "Security Team",
})
rb.gateway = network.gateway({
  name = "GET /gateway",
  cause = "net.gateway",
  explains = { "AH-003", "AH-008" },
  to = "Platform Team",
})
rb.auth = token.accepted({ "AH-003" })
rb.cluster_dns = clusterdns.runs({ "AH-004" })
rb.policies = egress.open({ "AH-003", "AH-004", "AH-005", "AH-007", "HL-004" })
rb.plan_egress = egress.plan_allow
rb.plan_token = token.plan_replace

function rb.status_page(ctx)
  local url = (ctx.values or {}).statusPage
  if not url then
    return check.skip("the values file names no status page (values.statusPage)")
  end
  local answer, err = probe.http(url, { body = true })
  if not answer then
    return check.no_answer("the status page", err)
  end
  local body = answer.body
  local status = type(body) == "table" and type(body.status) == "table" and body.status or {}
  if not answer.ok or not status.indicator then
    local why = answer.error or "its answer is not that of statuspage.io's status.json"
    return check.unknown("the status page cannot be read: " .. why)
  end
  if status.indicator ~= "none" then
    return check.warn("Discord reports: " .. (status.description or status.indicator), {
      cause = "discord.incident",
      observed = { indicator = status.indicator },
    })
  end
  return check.pass("Discord reports no incident")
end

return rb
