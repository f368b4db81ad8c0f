-- Whether memory grows without a reason, and what could be the reason: the number of objects and
-- the bytes that they take.
local check = require("lib.check")
local clock = require("lib.clock")
local counted = require("lib.counted")
local memory = require("lib.runbook_memory")
local metrics = require("lib.metrics")
local pods = require("lib.runbook_pods")
local prom = require("lib.prom")
local quantity = require("lib.quantity")
local target = require("lib.runbook_target")

local growth = {}

local GIBIBYTE <const> = 2 ^ 30

--- A check: memory is well below the limit, and below the document's 1 GB.
---@param ctx table
function growth.resident(ctx)
  local reading, err = memory.read(ctx)
  if not reading then
    return check.no_answer("memory in use", err)
  end
  local observed = { bytes = reading.bytes, limit = reading.limit, ratio = reading.ratio }
  local message = quantity.bytes(reading.bytes)
    .. (reading.limit and " of " .. quantity.bytes(reading.limit) or ", without a limit")
  local plans = { "set-memory-limit", "restart" }
  local maximum = ctx.thresholds.memory_bytes_fail * GIBIBYTE
  if reading.bytes > maximum then
    return check.fail(message .. ", more than " .. quantity.bytes(maximum), {
      cause = "memory.over_maximum",
      observed = observed,
      threshold = { value = maximum, unit = "bytes" },
      plans = plans,
      escalate = { { to = "Platform Team", after = 0, why = "> 1 GB" } },
    })
  end
  for _, level in ipairs({ "fail", "warn" }) do
    local bound = ctx.thresholds["memory_ratio_" .. level]
    if (reading.ratio or 0) > bound then
      return check[level](string.format("%s, more than %.0f %%", message, 100 * bound), {
        cause = "memory.near_limit",
        observed = observed,
        threshold = { value = bound, unit = "ratio" },
        plans = plans,
      })
    end
  end
  return check.pass(message, { observed = observed })
end

--- A check: the container has a limit, so that it cannot take the node's memory.
---@param ctx table
function growth.limited(ctx)
  local limits, err = target.deployment_limits(ctx)
  if not limits then
    return check.no_answer("the memory limit", err)
  end
  if not limits.memory then
    return check.warn("the container has no memory limit", { cause = "memory.no_limit" })
  end
  return check.pass("the limit is " .. quantity.limit(limits.memory), {
    observed = { bytes = limits.memory },
  })
end

--- A check: the kubelet did not kill the container for its memory.
---@param explains string[]
---@return fun(ctx: table): table
function growth.kills(explains)
  return function(ctx)
    local list, err = target.pods(ctx)
    if not list then
      return check.no_answer("the pods", err)
    end
    local count, last = pods.oom_kills(list, target.container_of(ctx))
    if count == 0 then
      return check.pass("no container was killed for its memory")
    end
    local is_repeated = count >= ctx.thresholds.oom_repeated
    return check.fail(
      string.format(
        "killed for its memory %s, last at %s",
        counted.of(count, "time"),
        last or "unknown"
      ),
      {
        cause = is_repeated and "memory.oomkilled_repeatedly" or "memory.oomkilled",
        explains = explains,
        observed = { count = count, last = last },
        threshold = { value = ctx.thresholds.oom_repeated, unit = "kills" },
        plans = { "set-memory-limit" },
        escalate = is_repeated
            and { { to = "Development Team", after = 0, why = "repeatedly OOMKilled" } }
          or nil,
      }
    )
  end
end

-- Bytes a second over a window, and how much the number of objects changed in it.
local function slopes(ctx, window)
  local job = (ctx.values or {}).prometheusJob or "provider-discord"
  window = math.floor(window)
  local samples, err = prom.query(
    string.format("max(deriv(process_resident_memory_bytes{job=%q}[%ds]))", job, window)
  )
  if not samples then
    return nil, err
  end
  local objects = prom.query(
    string.format("sum(delta(provider_discord_resources_total{job=%q}[%ds]))", job, window)
  )
  local bytes, change = samples[1].value, objects and objects[1].value
  return {
    bytes = type(bytes) == "number" and bytes or 0,
    objects = type(change) == "number" and change or 0,
  }
end

--- When the limit is reached if memory grows on as it did; nil when it does not grow or nobody
--- knows.
---@param ctx table
---@return number|nil seconds
function growth.time_left(ctx)
  local reading = memory.read(ctx)
  local slope = slopes(ctx, ctx.thresholds.slope_window)
  if not slope or not reading or not reading.limit or slope.bytes <= 0 then
    return nil
  end
  return (reading.limit - reading.bytes) / slope.bytes
end

--- A check: memory does not grow towards the limit while the number of objects stays.
---@param explains string[]
---@return fun(ctx: table): table
function growth.leak(explains)
  return function(ctx)
    local slope, err = slopes(ctx, ctx.thresholds.slope_window)
    if not slope then
      if err and err.kind == "unconfigured" then
        return check.skip("growth needs the history of a Prometheus, and none was named")
      elseif err and err.kind == "nodata" then
        return check.skip("Prometheus has no history of the provider's memory yet")
      end
      return check.no_answer("growth of memory", err)
    end
    local message = string.format("%s an hour", quantity.bytes(math.max(0, slope.bytes) * 3600))
    local observed = { bytes_per_second = slope.bytes, objects = slope.objects }
    local left = growth.time_left(ctx)
    if not left or left > ctx.thresholds.leak_horizon then
      return check.pass("grows by " .. message, { observed = observed })
    end
    message = string.format("grows by %s: the limit is reached in %s", message, clock.text(left))
    if math.abs(slope.objects) >= 1 then
      return check.warn(message .. "; the number of objects changes too", {
        cause = "memory.growth",
        observed = observed,
      })
    end
    return check.fail(message .. ", although the number of objects stays", {
      cause = "memory.leak",
      explains = explains,
      observed = observed,
      threshold = { value = ctx.thresholds.leak_horizon, unit = "s" },
      plans = { "restart" },
      escalate = { { to = "Development Team", after = 0, why = "memory leak" } },
    })
  end
end

--- A check: the number of objects is what the memory was made for.
---@param explains string[]
---@return fun(ctx: table): table
function growth.objects(explains)
  return function(ctx)
    local count, err = metrics.value("provider_discord_resources_total")
    if not count then
      if err and err.kind == "nodata" then
        return check.pass("there are no objects")
      end
      return check.no_answer("the number of objects", err)
    end
    local bytes = metrics.value("provider_discord_store_bytes") or 0
    local message = string.format("%.0f objects, %s of them kept", count, quantity.bytes(bytes))
    local observed = { objects = count, bytes = bytes }
    if count > ctx.thresholds.objects_fail then
      return check.fail(message, {
        cause = "memory.many_objects",
        explains = explains,
        observed = observed,
        threshold = { value = ctx.thresholds.objects_fail, unit = "objects" },
        plans = { "set-memory-limit" },
      })
    end
    return check.pass(message, { observed = observed })
  end
end

return growth
