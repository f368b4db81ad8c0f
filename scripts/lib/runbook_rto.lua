-- The recovery time objectives as clocks: how long a disaster has lasted, how long it may, and whom
-- to call when.
local check = require("lib.check")
local clock = require("lib.clock")
local counted = require("lib.counted")
local escalation = require("lib.runbook_escalation")
local resources = require("lib.runbook_resources")
local target = require("lib.runbook_target")

local rto = {}

local function clock_of(ctx, since, minutes, cause, what, explains)
  local age = clock.age(ctx, since)
  if not age then
    return check.unknown("since when is not recorded: " .. what)
  end
  local message = string.format("%s: %s of %g min", what, clock.text(age), minutes)
  local details = {
    cause = age > minutes * 60 and cause or "rto.running",
    explains = explains,
    observed = { seconds = age },
    threshold = { value = minutes * 60, unit = "s" },
    plans = { "restore" },
    escalate = escalation.of(ctx, "critical", since),
  }
  if age > minutes * 60 then
    return check.fail(message .. ", too long", details)
  end
  return check.warn(message, details)
end

--- A check: the provider is restored within its recovery time.
---@param explains string[]
---@return fun(ctx: table): table
function rto.provider_clock(explains)
  return function(ctx)
    local deployment, err = target.deployment(ctx)
    local began = ctx.alert and ctx.alert.starts_at
    if not deployment then
      if err and err.kind == "notfound" then
        return clock_of(ctx, began, ctx.thresholds.rto_provider, "rto.provider",
          "there is no provider", explains)
      end
      return check.no_answer("the Deployment", err)
    end
    if ((deployment.status or {}).availableReplicas or 0) > 0 then
      return check.pass("the provider runs")
    end
    for _, condition in ipairs((deployment.status or {}).conditions or {}) do
      if condition.type == "Available" and condition.status ~= "True" then
        began = condition.lastTransitionTime
      end
    end
    return clock_of(
      ctx,
      began or deployment.metadata.creationTimestamp,
      ctx.thresholds.rto_provider,
      "rto.provider",
      "the provider does not run",
      explains
    )
  end
end

--- A check: the objects are reconciled within their recovery time.
---@param explains string[]
---@return fun(ctx: table): table
function rto.objects_clock(explains)
  return function(ctx)
    local list, err = resources.all()
    if not list then
      return check.no_answer("guilds, channels and roles", err)
    end
    local oldest, count = 0, 0
    for _, entry in ipairs(resources.stuck(ctx, list)) do
      oldest, count = math.max(oldest, entry.age), count + 1
    end
    if count == 0 then
      return check.pass(string.format("all %d objects are Ready and Synced", #list))
    end
    return clock_of(
      ctx,
      ctx.now_ms - math.floor(oldest * 1000),
      ctx.thresholds.rto_objects,
      "rto.objects",
      counted.of(count, "object") .. " not ready",
      explains
    )
  end
end

--- A check: the service as a whole is restored within its recovery time.
---@param sources string[] ids of the two clocks above
---@return fun(ctx: table): table
function rto.service_clock(sources)
  return function(ctx)
    local longest
    for _, id in ipairs(sources) do
      local result = ctx.results[id] or {}
      local seconds = result.status ~= "pass" and (result.observed or {}).seconds
      if seconds then
        longest = math.max(longest or 0, seconds)
      elseif result.status == "unknown" then
        return check.unknown("whether the service is restored is unknown: " .. result.message)
      end
    end
    if not longest then
      return check.pass("the service is whole")
    end
    local since = ctx.now_ms - math.floor(longest * 1000)
    return clock_of(ctx, since, ctx.thresholds.rto_service, "rto.service", "full restoration")
  end
end

return rto
