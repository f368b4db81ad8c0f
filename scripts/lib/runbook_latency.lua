-- Where the time of a request goes.
local check = require("lib.check")
local metrics = require("lib.metrics")
local network = require("lib.runbook_network")

local latency = {}

local DURATION <const> = "provider_discord_api_duration_seconds"
local WAIT <const> = "provider_discord_rate_limiter_wait_seconds"

local function seconds(group)
  return string.format("%s%.1f s", group.beyond and "more than " or "", group.value)
end

--- The slowest operation's 95th percentile.
---@return MetricQuantile|nil
---@return MetricInfo|SourceError
function latency.slowest()
  local groups, info = metrics.quantile(0.95, DURATION, { by = { "operation" }, window = 300 })
  if not groups then
    return nil, info
  end
  local worst
  for _, group in ipairs(groups) do
    if not worst or group.value > worst.value then
      worst = group
    end
  end
  return worst, info
end

--- A check: the 95th percentile of Discord's answers, by operation.
---@param ctx table
function latency.percentile(ctx)
  local worst, err = latency.slowest()
  if not worst then
    if err and err.kind == "nodata" then
      return check.pass("no request was made in this time")
    end
    return check.no_answer("latency of Discord's answers", err)
  end
  local message = string.format(
    "95 %% of the answers come within %s (%s, %.0f requests)",
    seconds(worst),
    worst.labels.operation or "all",
    worst.count or 0
  )
  local observed = { value = worst.value, operation = worst.labels.operation }
  local begun = ctx.alert and ctx.alert.starts_at
  for _, level in ipairs({ "fail", "warn" }) do
    local bound = ctx.thresholds["latency_" .. level]
    if worst.value > bound or (worst.beyond and worst.value >= bound) then
      local after = level == "fail" and 0 or ctx.thresholds.degraded
      return check[level](message, {
        cause = "latency.high",
        observed = observed,
        threshold = { value = bound, unit = "s" },
        plans = { "wait" },
        escalate = { { to = "Platform Team", after = after, since = begun } },
      })
    end
  end
  return check.pass(message, { observed = observed })
end

--- A check: requests do not wait long for the rate limits.
---@param explains string[]
---@return fun(ctx: table): table
function latency.limiter(explains)
  return function(ctx)
    local groups, err = metrics.quantile(0.95, WAIT, { window = 300 })
    local group = groups and groups[1]
    if not group then
      if err and err.kind == "nodata" then
        return check.pass("no request waited in this time")
      end
      return check.no_answer("waits for the limits", err)
    end
    local message = string.format("95 %% of the requests wait up to %s for limits", seconds(group))
    local observed = { value = group.value }
    if group.value >= ctx.thresholds.limiter_wait then
      return check.fail(message, {
        cause = "latency.limiter",
        explains = explains,
        observed = observed,
        threshold = { value = ctx.thresholds.limiter_wait, unit = "s" },
        hint = "`provider-discord runbook run rate-limit` says who asks so much",
      })
    end
    return check.pass(message, { observed = observed })
  end
end

local function milliseconds(value)
  return value and string.format("%.0f ms", value) or "unknown"
end

--- A check: one request without a token, timed from here and from the provider.
---@param explains string[]
---@return fun(ctx: table): table
function latency.round_trip(explains)
  return function(ctx)
    local trip = network.round_trip(ctx)
    local slowest = math.max(trip.here or 0, trip.provider or 0) / 1000
    local message = string.format(
      "GET /gateway: here %s, provider %s",
      milliseconds(trip.here),
      milliseconds(trip.provider)
    )
    if not trip.here and not trip.provider then
      return check.unknown(message)
    end
    local observed = { here_ms = trip.here, provider_ms = trip.provider }
    local bound = ctx.thresholds.latency_warn
    if slowest <= bound then
      return check.pass(message, { observed = observed })
    end
    local is_near_fast = trip.here and trip.here / 1000 <= bound
    local is_far_fast = trip.provider and trip.provider / 1000 <= bound
    if is_far_fast then
      return check.warn(message .. ": only this machine's way is slow", {
        cause = "latency.here",
        observed = observed,
      })
    end
    return check.fail(
      message
        .. (
          is_near_fast and ": only the provider's way is slow, the cluster's network"
          or ": Discord is slow, or the Internet between"
        ),
      {
        cause = is_near_fast and "latency.network" or "latency.discord",
        explains = explains,
        observed = observed,
        threshold = { value = bound, unit = "s" },
        plans = { "wait" },
      }
    )
  end
end

local function mean(name)
  local sum = metrics.rate(name .. "_sum", { window = 300 })
  local count = metrics.rate(name .. "_count", { window = 300 })
  if not sum or not count or count == 0 then
    return nil
  end
  return sum / count, sum
end

--- A check that tells which part takes the most time; it judges nothing.
function latency.components()
  local parts = {}
  for name, title in pairs({
    [WAIT] = "waits for limits",
    [DURATION] = "Discord's answers",
    ["provider_discord_script_duration_seconds"] = "scripts",
    ["controller_runtime_reconcile_time_seconds"] = "reconciles in all",
  }) do
    local average, rate = mean(name)
    if average then
      parts[#parts + 1] = { title = title, mean = average, rate = rate }
    end
  end
  if #parts == 0 then
    return check.skip("nothing was timed in this window")
  end
  table.sort(parts, function(a, b)
    return a.rate > b.rate or (a.rate == b.rate and a.title < b.title)
  end)
  local lines, largest = {}, nil
  for _, part in ipairs(parts) do
    lines[#lines + 1] = string.format("%s: %.0f ms on average", part.title, 1000 * part.mean)
    if not largest and part.title ~= "reconciles in all" then
      largest = part.title
    end
  end
  return check.pass("the largest part: " .. (largest or "unknown"), { lines = array(lines) })
end

--- A plan for a slowness that is not ours.
function latency.plan_wait()
  return {
    why = "Discord itself is slow: nothing here makes it faster, and it has no regional addresses",
    ops = array({}),
    manual = {
      "Look at https://discordstatus.com, and wait. The provider waits with growing pauses "
        .. "and loses nothing.",
      "Do not restart it: a restart asks for everything at once.",
    },
  }
end

return latency
