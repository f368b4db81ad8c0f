-- Whether NetworkPolicies let the provider out: to the cluster's DNS, and to Discord. Policies add
-- up, so what is missing is added by one more policy; none is ever deleted, which would open
-- everything that the others closed.
local check = require("lib.check")
local kube = require("lib.kube")
local target = require("lib.runbook_target")

local egress = {}

local function fits_expression(labels, expression)
  local value = labels[expression.key]
  local is_listed = false
  for _, one in ipairs(expression.values or {}) do
    is_listed = is_listed or one == value
  end
  if expression.operator == "In" then
    return value ~= nil and is_listed
  elseif expression.operator == "NotIn" then
    return not is_listed
  elseif expression.operator == "Exists" then
    return value ~= nil
  end
  return value == nil
end

local function selects(selector, labels)
  for key, value in pairs(selector.matchLabels or {}) do
    if labels[key] ~= value then
      return false
    end
  end
  for _, expression in ipairs(selector.matchExpressions or {}) do
    if not fits_expression(labels, expression) then
      return false
    end
  end
  return true
end

local function concerns_egress(policy)
  if not policy.spec.policyTypes then
    return policy.spec.egress ~= nil
  end
  for _, kind in ipairs(policy.spec.policyTypes) do
    if kind == "Egress" then
      return true
    end
  end
  return false
end

local function allows_port(rule, port, protocol)
  if not rule.ports or #rule.ports == 0 then
    return true
  end
  for _, entry in ipairs(rule.ports) do
    local first = entry.port
    local is_port = first == nil
      or first == port
      or (
        math.type(first) == "integer"
        and entry.endPort
        and first <= port
        and port <= entry.endPort
      )
    if is_port and (entry.protocol or "TCP") == protocol then
      return true
    end
  end
  return false
end

-- Addresses of private networks: Discord's are not among them.
local PRIVATE <const> = {
  "^10%.",
  "^192%.168%.",
  "^172%.1[6-9]%.",
  "^172%.2%d%.",
  "^172%.3[01]%.",
  "^f[cd]",
}

local function is_public(block)
  for _, pattern in ipairs(PRIVATE) do
    if block.cidr:find(pattern) then
      return false
    end
  end
  return true
end

local function leads_outside(rule)
  if not rule.to or #rule.to == 0 then
    return true
  end
  for _, peer in ipairs(rule.to) do
    if peer.ipBlock and is_public(peer.ipBlock) then
      return true
    end
  end
  return false
end

---@class EgressReading
---@field policies string[] names of those that restrict the provider's egress
---@field dns boolean whether one of them, or the lack of any, lets it reach a DNS server
---@field https boolean likewise Discord

--- What the namespace's policies leave open for a pod.
---@param policies table[]
---@param labels table<string, string>
---@param port integer of Discord's API
---@return EgressReading
function egress.read(policies, labels, port)
  local reading = { policies = {}, dns = false, https = false }
  for _, policy in ipairs(policies) do
    if concerns_egress(policy) and selects(policy.spec.podSelector or {}, labels) then
      reading.policies[#reading.policies + 1] = policy.metadata.name
      for _, rule in ipairs(policy.spec.egress or {}) do
        reading.dns = reading.dns or allows_port(rule, 53, "UDP")
        reading.https = reading.https or (leads_outside(rule) and allows_port(rule, port, "TCP"))
      end
    end
  end
  if #reading.policies == 0 then
    reading.dns, reading.https = true, true
  end
  return reading
end

-- A plain HTTP address is that of a simulator on some port; what matters in a cluster is 443.
local function port_of(ctx)
  local discord = ctx.target.discord or {}
  return discord.scheme == "https" and discord.port or 443
end

local function labels_of(ctx)
  local deployment = target.deployment(ctx)
  if deployment then
    return deployment.spec.template.metadata.labels or {}
  end
  local labels = {}
  for key, value in (ctx.target.app_label or ""):gmatch("([^=,]+)=([^,]+)") do
    labels[key] = value
  end
  return labels
end

--- A check: the policies let the provider out.
---@param explains string[]
---@return fun(ctx: table): table
function egress.open(explains)
  return function(ctx)
    local policies, err =
      kube.list(kube.types.networkpolicies, { namespace = ctx.target.namespace })
    if not policies then
      return check.no_answer("NetworkPolicies", err)
    end
    local reading = egress.read(policies, labels_of(ctx), port_of(ctx))
    local observed = {
      policies = array(reading.policies),
      dns = reading.dns,
      https = reading.https,
    }
    if reading.dns and reading.https then
      return check.pass(
        #reading.policies == 0 and "no NetworkPolicy restricts the provider's egress"
          or "the NetworkPolicies let the provider reach DNS and Discord",
        { observed = observed }
      )
    end
    local closed = not reading.dns and not reading.https and "neither DNS (53) nor Discord (443)"
      or (not reading.dns and "no DNS (53)" or "no connection to Discord (443)")
    return check.fail(
      string.format("%s allow the provider %s", table.concat(reading.policies, ", "), closed),
      {
        cause = "egress.blocked",
        explains = explains,
        observed = observed,
        plans = { "allow-egress" },
        escalate = { { to = "Platform Team", after = 0 } },
      }
    )
  end
end

--- A plan: one more policy that lets the provider reach DNS and HTTPS.
---@param ctx table
function egress.plan_allow(ctx)
  local name = ctx.target.deployment .. "-allow-egress"
  return {
    why = "DNS and HTTPS are opened for the provider's pods; every other policy stays as it is",
    ops = {
      {
        verb = "apply",
        gvr = kube.types.networkpolicies,
        namespace = ctx.target.namespace,
        name = name,
        body = {
          apiVersion = "networking.k8s.io/v1",
          kind = "NetworkPolicy",
          metadata = { name = name, namespace = ctx.target.namespace },
          spec = {
            podSelector = { matchLabels = labels_of(ctx) },
            policyTypes = { "Egress" },
            egress = {
              { ports = { { port = 53, protocol = "UDP" }, { port = 53, protocol = "TCP" } } },
              { ports = { { port = port_of(ctx), protocol = "TCP" } } },
            },
          },
        },
        note = "policies add up: this one allows, and takes nothing away",
      },
    },
  }
end

return egress
