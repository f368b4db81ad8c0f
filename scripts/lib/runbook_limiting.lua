-- How near the provider is to Discord's limits: answers 429, and the answers 401, 403 and 429 of
-- which 10,000 in ten minutes ban the address. A 429 of scope "shared" is the fault of others and
-- does not count.
local check = require("lib.check")
local metrics = require("lib.metrics")
local provider = require("lib.provider")
local requests = require("lib.runbook_requests")

local limiting = {}

local BAN <const> = 10000
local WINDOW <const> = 600

--- Answers 401, 403 and 429 of the last ten minutes, by metric, else by the provider's state.
---@return number|nil count
---@return SourceError|nil err
function limiting.invalid_requests()
  local count, info = metrics.value("provider_discord_invalid_requests")
  if count then
    return count
  end
  local state, err = provider.state()
  if not state then
    return nil, err or info
  end
  local most
  for _, connection in ipairs(state.discord or {}) do
    local invalid = (connection.invalidRequests or {}).inTenMinutes
    if invalid then
      most = math.max(most or 0, invalid)
    end
  end
  return most, info
end

--- A check: the invalid requests are far from a ban.
---@param explains string[]
---@return fun(ctx: table): table
function limiting.far_from_ban(explains)
  return function(ctx)
    local count, err = limiting.invalid_requests()
    if not count then
      return check.no_answer("invalid requests", err)
    end
    local message = string.format("%.0f invalid requests of %d in ten minutes", count, BAN)
    local observed = { value = count, ban = BAN }
    for _, level in ipairs({ "fail", "warn" }) do
      local bound = ctx.thresholds["invalid_" .. level]
      if count >= bound then
        return check[level](message, {
          cause = "rate_limit.invalid_requests",
          explains = explains,
          observed = observed,
          threshold = { value = bound, unit = "requests/10 min" },
          escalate = { { to = "Platform Team", after = 0, why = "a ban of the address is near" } },
        })
      end
    end
    return check.pass(message, { observed = observed })
  end
end

local function describe(reading)
  local scopes = {}
  for scope, count in pairs(reading.by_scope) do
    if count > 0 then
      scopes[#scopes + 1] = string.format("%s ×%.0f", scope, count)
    end
  end
  table.sort(scopes)
  return table.concat(scopes, ", ")
end

--- A check: few answers 429 that count.
---@param explains string[]
---@return fun(ctx: table): table
function limiting.checked(explains)
  return function(ctx)
    local reading, err = requests.limited(WINDOW)
    if not reading then
      if err and err.kind == "nodata" then
        return check.pass("Discord has not answered 429")
      end
      return check.no_answer("answers 429", err)
    end
    local observed = { counted = reading.counted, shared = reading.shared }
    -- Two scrapes cover a second: the bound for ten minutes is scaled, and one or two are chance.
    local bound = math.max(2, ctx.thresholds.limited_warn * reading.window / WINDOW)
    if reading.counted > bound then
      return check.fail("Discord answers 429: " .. describe(reading), {
        cause = "rate_limit.429",
        explains = explains,
        observed = observed,
        threshold = { value = ctx.thresholds.limited_warn, unit = "429/10 min" },
      })
    end
    if reading.shared > 0 then
      return check.pass(
        string.format("%.0f answers 429 of shared limits, which count for nobody", reading.shared),
        { observed = observed }
      )
    end
    return check.pass(
      string.format("%.0f answers 429 that count", reading.counted),
      { observed = observed }
    )
  end
end

return limiting
