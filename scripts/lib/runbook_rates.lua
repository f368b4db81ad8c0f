-- How near the provider is to Discord's 50 requests a second, who makes them, and whether the
-- limits are hit again and again.
local check = require("lib.check")
local clock = require("lib.clock")
local counted = require("lib.counted")
local metrics = require("lib.metrics")
local prom = require("lib.prom")
local provider = require("lib.provider")
local requests = require("lib.runbook_requests")

local rates = {}

--- A check: the requests a second are below the global limit.
---@param ctx table
function rates.global(ctx)
  local rate, err = requests.rate()
  if not rate then
    if err and err.kind == "nodata" then
      return check.pass("no request was made")
    end
    return check.no_answer("requests a second", err)
  end
  local message = string.format("%.1f requests a second of 50", rate)
  for _, level in ipairs({ "fail", "warn" }) do
    local bound = ctx.thresholds["rate_" .. level]
    if rate >= bound then
      return check[level](message, {
        cause = "rate_limit.global",
        observed = { value = rate, limit = 50 },
        threshold = { value = bound, unit = "requests/s" },
        plans = { "poll-less" },
      })
    end
  end
  return check.pass(message, { observed = { value = rate, limit = 50 } })
end

-- For how long an empty bucket makes requests wait, in seconds; 0 for one that is not empty.
local function holds_up(bucket)
  local blocked, reset = bucket.blockedForSeconds, bucket.resetInSeconds
  local longest = type(blocked) == "number" and blocked or 0
  if bucket.remaining == 0 and type(reset) == "number" then
    longest = math.max(longest, reset)
  end
  return longest
end

--- A check: no bucket of Discord's is empty for long while requests wait for it.
---@param ctx table
function rates.buckets(ctx)
  local state, err = provider.state()
  if not state then
    return check.no_answer("the provider's buckets", err)
  end
  local lines, waiting, known = {}, 0, 0
  for _, connection in ipairs(state.discord or {}) do
    for _, bucket in ipairs(connection.buckets or {}) do
      known = known + 1
      local seconds = holds_up(bucket)
      if bucket.waiting > 0 and seconds > ctx.thresholds.bucket_wait then
        waiting = waiting + bucket.waiting
        lines[#lines + 1] = string.format(
          "%s %s: %d wait, for %s",
          bucket.bucket,
          bucket.major,
          bucket.waiting,
          clock.text(seconds)
        )
      end
    end
  end
  if #lines == 0 then
    return check.pass(string.format("nothing waits for one of %d buckets", known))
  end
  return check.warn(counted.of(waiting, "request") .. " waiting for empty buckets", {
    cause = "rate_limit.bucket",
    observed = { waiting = waiting, buckets = #lines },
    lines = array({ table.unpack(lines, 1, 5) }),
  })
end

--- A check that names who asks most; it judges nothing.
function rates.talkers()
  local talkers, info = requests.talkers()
  if not talkers then
    if info and info.kind == "nodata" then
      return check.pass("no request was made")
    end
    return check.no_answer("who makes the requests", info)
  end
  if #talkers == 0 then
    return check.pass("no request was made in this time")
  end
  local lines = {}
  for index = 1, math.min(5, #talkers) do
    local one = talkers[index]
    lines[index] = string.format("%s %s: %.2f/s", one.resource_type, one.operation, one.rate)
  end
  return check.pass("most requests: " .. lines[1], {
    observed = { resource_type = talkers[1].resource_type, operation = talkers[1].operation },
    lines = array(lines),
  })
end

--- A check: the limits are not hit in most of the last windows.
---@param explains string[]
---@return fun(ctx: table): table
function rates.sustained(explains)
  return function(ctx)
    local job = (ctx.values or {}).prometheusJob or "provider-discord"
    local windows = ctx.thresholds.windows
    local series, err = prom.range(
      string.format(
        'sum(increase(provider_discord_rate_limited_total{job=%q,scope!="shared"}[5m]))',
        job
      ),
      300 * (windows - 1),
      300
    )
    if not series then
      if err and err.kind == "unconfigured" then
        return check.skip("this needs the history of a Prometheus, and none was named")
      elseif err and err.kind == "nodata" then
        return check.pass("no limit was hit in any window")
      end
      return check.no_answer("answers 429 over time", err)
    end
    local hit = 0
    for _, point in ipairs(series[1].points) do
      if point[2] >= 1 then
        hit = hit + 1
      end
    end
    local message = string.format("limits were hit in %d of %g windows of 5 min", hit, windows)
    if hit < ctx.thresholds.windows_fail then
      return check.pass(message, { observed = { value = hit } })
    end
    return check.fail(message, {
      cause = "rate_limit.sustained",
      explains = explains,
      observed = { value = hit },
      threshold = { value = ctx.thresholds.windows_fail, unit = "windows" },
      plans = { "poll-less" },
      escalate = { { to = "Development Team", after = 0, why = "limits are hit consistently" } },
    })
  end
end

--- A check: the limits do not slow the service down.
---@param ctx table
function rates.degraded(ctx)
  local groups, err =
    metrics.quantile(0.95, "provider_discord_rate_limiter_wait_seconds", { window = 300 })
  if not groups then
    if err and err.kind == "nodata" then
      return check.pass("no request waited in this time")
    end
    return check.no_answer("waits for the limits", err)
  end
  local wait = groups[1].value
  local message = string.format("95 %% of the requests wait up to %.1f s for limits", wait)
  if wait >= ctx.thresholds.limiter_wait then
    return check.warn(message, {
      cause = "rate_limit.degraded",
      observed = { value = wait },
      threshold = { value = ctx.thresholds.limiter_wait, unit = "s" },
      plans = { "poll-less" },
      escalate = { { to = "Platform Team", after = 0, why = "service degradation" } },
    })
  end
  return check.pass(message, { observed = { value = wait } })
end

--- A check that counts the objects, since each is asked about in every poll; it judges nothing.
function rates.objects()
  local series, err = metrics.series("crossplane_managed_resource_exists")
  if not series then
    if err and err.kind == "nodata" then
      return check.pass("there are no objects")
    end
    return check.no_answer("the number of objects", err)
  end
  local total, parts = 0, {}
  for _, one in ipairs(series) do
    total = total + one.value
    parts[#parts + 1] = string.format("%.0f %s", one.value, one.labels.gvk or "?")
  end
  return check.pass(string.format("%.0f objects", total), {
    observed = { value = total },
    lines = array(parts),
  })
end

return rates
