-- The way to Discord, layer by layer, from here and from inside the provider. The first layer that
-- is broken is the cause. Broken only from the provider: the cluster's network. Broken from both:
-- Discord, or the Internet between.
local check = require("lib.check")
local clock = require("lib.clock")
local probe = require("lib.probe")

local network = {}

---@class Vantage
---@field result ProbeResult|nil
---@field err SourceError|nil
---@field is_ok boolean|nil nil when it could not be told

local function look(ask, from)
  local result, err = ask({ from = from })
  local is_ok
  if result then
    is_ok = result.ok
  end
  return { result = result, err = err, is_ok = is_ok }
end

local function say(vantage)
  if vantage.is_ok == nil then
    return "unknown (" .. (vantage.err and vantage.err.message or "no data") .. ")"
  elseif vantage.is_ok then
    return string.format("ok in %.0f ms", vantage.result.ms or 0)
  end
  return vantage.result.error or "broken"
end

local function where(here, there)
  if there.is_ok == false and here.is_ok then
    return "only from the provider: it is the cluster's network", "cluster"
  elseif there.is_ok == false and here.is_ok == false then
    return "from here and from the provider: it is Discord, or the Internet between", "everywhere"
  elseif here.is_ok == false and there.is_ok then
    return "only from here: it is this machine's network, the provider is well", "here"
  elseif there.is_ok == false then
    return "from the provider; from here it is unknown", "provider"
  end
  return "from here; from the provider it is unknown", "unclear"
end

---@class Layer
---@field name string "DNS"
---@field cause? string `tls` names its own
---@field explains string[]
---@field to string who is called
---@field plans? string[]

-- The document's ten minutes, where a runbook has no figure of its own.
local PERSISTS <const> = 600

local function judge(ctx, layer, here, there, detail)
  local said = string.format("%s: here %s, provider %s", layer.name, say(here), say(there))
  local observed = { here = here.is_ok, provider = there.is_ok }
  if here.is_ok == nil and there.is_ok == nil then
    return check.unknown(said)
  end
  if here.is_ok ~= false and there.is_ok ~= false then
    return check.pass(said, { observed = observed })
  end
  local place, vantage = where(here, there)
  observed.vantage = vantage
  local details = {
    cause = layer.cause,
    explains = layer.explains,
    observed = observed,
    plans = layer.plans,
    escalate = {
      { to = layer.to, after = 0 },
      {
        to = "On-call Engineer",
        after = ctx.thresholds.persists or PERSISTS,
        since = ctx.alert and ctx.alert.starts_at,
        why = "persists",
      },
    },
  }
  local message = said .. "; " .. (detail or place)
  -- What only this machine cannot reach is no incident of the provider.
  if vantage == "here" then
    details.escalate = nil
    return check.warn(message, details)
  end
  return check.fail(message, details)
end

--- A check: the name of Discord's API resolves.
---@param layer Layer
---@return fun(ctx: table): table
function network.dns(layer)
  return function(ctx)
    local host = ctx.target.discord.host
    if host:match("^[%d.]+$") or host:find(":", 1, true) then
      return check.pass(host .. " is an address, nothing has to be resolved")
    end
    local function ask(options)
      return probe.dns(host, options)
    end
    return judge(ctx, layer, look(ask, "cli"), look(ask, "provider"))
  end
end

--- A check: Discord's API takes connections.
---@param layer Layer
---@return fun(ctx: table): table
function network.tcp(layer)
  return function(ctx)
    local function ask(options)
      return probe.tcp(ctx.target.discord.host, ctx.target.discord.port, options)
    end
    return judge(ctx, layer, look(ask, "cli"), look(ask, "provider"))
  end
end

local function expiry(ctx, vantage)
  local result = vantage.result
  local age = result and clock.age(ctx, result.not_after)
  return age and -age
end

--- A check: the certificate is good, and will be for a while. `causes` are those of an expired
--- certificate, of one that is not trusted, and of one that expires soon.
---@param layer Layer
---@return fun(ctx: table): table
function network.tls(layer)
  return function(ctx)
    if ctx.target.discord.scheme ~= "https" then
      return check.skip("Discord's API is reached without TLS here (a simulator)")
    end
    local function ask(options)
      return probe.tls(ctx.target.discord.host, ctx.target.discord.port, options)
    end
    local here, there = look(ask, "cli"), look(ask, "provider")
    local bad = there.is_ok == false and there or here
    local left = expiry(ctx, bad.result and bad or there)
    local own = { explains = layer.explains, to = layer.to, name = layer.name }
    own.cause = left and left < 0 and "net.tls_expired" or "net.tls_untrusted"
    local detail
    if bad.is_ok == false then
      detail = left
          and left < 0
          and string.format("the certificate expired %s ago", clock.text(-left))
        or string.format(
          "the certificate of %s is not trusted; issued by %s",
          ctx.target.discord.host,
          bad.result.issuer or "nobody known"
        )
    end
    local outcome = judge(ctx, own, here, there, detail)
    local days = ctx.thresholds.certificate_days_warn
    if outcome.status == "pass" and left and left < days * 86400 then
      return check.warn(string.format("the certificate expires in %s", clock.text(left)), {
        cause = "net.tls_expiring",
        observed = { seconds = left },
        threshold = { value = days, unit = "days" },
        escalate = { { to = "Security Team", after = 0 } },
      })
    end
    return outcome
  end
end

--- A check: Discord's API answers a request that needs no token.
---@param layer Layer
---@return fun(ctx: table): table
function network.gateway(layer)
  return function(ctx)
    local url = ctx.target.discord.base_url .. "/gateway"
    local function ask(options)
      local result, err = probe.http(url, options)
      -- 429 is an answer: the way is open.
      if result and result.status and result.status < 500 then
        result.ok = true
      elseif result and result.status then
        result.ok, result.error = false, "status " .. result.status
      end
      return result, err
    end
    local here, there = look(ask, "cli"), look(ask, "provider")
    local own = {}
    for key, value in pairs(layer) do
      own[key] = value
    end
    local status = (there.result and there.result.status) or (here.result and here.result.status)
    own.cause = status and status >= 500 and "discord.5xx" or layer.cause
    return judge(ctx, own, here, there)
  end
end

---@class RoundTrip
---@field here number|nil milliseconds
---@field provider number|nil

--- How long Discord takes for a request that needs no token, from both places.
---@param ctx table
---@return RoundTrip
function network.round_trip(ctx)
  local url = ctx.target.discord.base_url .. "/gateway"
  local trip = {}
  for from, key in pairs({ cli = "here", provider = "provider" }) do
    local result = probe.http(url, { from = from, timeout = 15 })
    if result and (result.ok or result.status or result.error == "timeout") then
      trip[key] = result.ms
    end
  end
  return trip
end

return network
