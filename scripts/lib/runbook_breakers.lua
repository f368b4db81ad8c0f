-- The circuit breakers: one for each resource type, open while Discord keeps failing. They close by
-- themselves, by a trial request after each cool-down.
local check = require("lib.check")
local clock = require("lib.clock")
local metrics = require("lib.metrics")
local prom = require("lib.prom")
local provider = require("lib.provider")

local breakers = {}

local STATE <const> = "provider_discord_circuit_breaker_state"

---@class Breaker
---@field type string "guild", "channel", "role"
---@field state string "open" or "half-open"
---@field seconds number|nil for how long it has not been closed

-- For how long each type has not been closed, as Prometheus remembers it.
local function by_prometheus(ctx)
  local series = prom.range(
    string.format('max by (resource_type) (%s{state="closed"})', STATE),
    math.max(ctx.since, 3600),
    15
  )
  local known = {}
  for _, one in ipairs(series or {}) do
    local since
    for _, point in ipairs(one.points) do
      if point[2] >= 1 then
        since = nil
      else
        since = since or point[1]
      end
    end
    if since then
      known[one.labels.resource_type] = ctx.now_ms / 1000 - since
    end
  end
  return known
end

-- Likewise, as the provider itself remembers it.
local function by_state(ctx)
  local known = {}
  local state = provider.state()
  for _, connection in ipairs(state and state.discord or {}) do
    for _, breaker in ipairs(connection.breakers or {}) do
      local age = clock.age(ctx, breaker.openedAt)
      if age and breaker.state ~= "closed" then
        known[breaker.resourceType] = math.max(known[breaker.resourceType] or 0, age)
      end
    end
  end
  return known
end

--- The breakers that are not closed.
---@param ctx table
---@return Breaker[]|nil open
---@return MetricInfo|SourceError info
function breakers.open(ctx)
  local series, info = metrics.series(STATE)
  if not series then
    return nil, info
  end
  local ages, remembered = by_state(ctx), nil
  local open = {}
  for _, one in ipairs(series) do
    local labels = one.labels
    if one.value >= 1 and labels.state ~= "closed" then
      local kind = labels.resource_type
      if not ages[kind] then
        remembered = remembered or by_prometheus(ctx)
      end
      open[#open + 1] = {
        type = kind,
        state = labels.state,
        seconds = ages[kind] or (remembered or {})[kind],
      }
    end
  end
  table.sort(open, function(a, b)
    return a.type < b.type
  end)
  return open, info
end

local function describe(breaker)
  local text = breaker.type .. " is " .. breaker.state
  return breaker.seconds and text .. " for " .. clock.text(breaker.seconds) or text
end

--- A check: every breaker is closed.
---@param ctx table
function breakers.closed(ctx)
  local open, err = breakers.open(ctx)
  if not open then
    return check.no_answer("the circuit breakers", err)
  end
  if #open == 0 then
    return check.pass("all circuit breakers are closed")
  end
  local parts, types, longest = {}, {}, nil
  for _, breaker in ipairs(open) do
    parts[#parts + 1] = describe(breaker)
    types[#types + 1] = breaker.type
    if breaker.seconds then
      longest = math.max(longest or 0, breaker.seconds)
    end
  end
  local bound = ctx.thresholds.cool_down * ctx.thresholds.recovery_factor
  local details = {
    observed = { open = array(types), longest = longest },
    threshold = { value = bound, unit = "s" },
    plans = { "try-breaker" },
    escalate = {},
  }
  if #open >= 2 then
    details.escalate[1] = { to = "Platform Team", after = 0, why = #open .. " breakers are open" }
  end
  local message = table.concat(parts, ", ")
  if longest and longest > bound then
    details.cause = "breaker.not_recovering"
    table.insert(details.escalate, { to = "SRE Team", after = 0, why = "it does not recover" })
    return check.fail(message, details)
  end
  details.cause = #open >= 2 and "breaker.several_open" or "breaker.open"
  return check.warn(message, details)
end

--- The types whose breakers are not closed, as a set.
---@param ctx table
---@return table<string, boolean>
function breakers.types(ctx)
  local set = {}
  for _, breaker in ipairs(breakers.open(ctx) or {}) do
    set[breaker.type] = true
  end
  return set
end

return breakers
