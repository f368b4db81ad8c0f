-- Whether the provider works at all: reconciles, queue, scripts, and the Events about objects.
local check = require("lib.check")
local clock = require("lib.clock")
local counted = require("lib.counted")
local evidence = require("lib.evidence")
local kube = require("lib.kube")
local metrics = require("lib.metrics")
local provider = require("lib.provider")

local activity = {}

local RECONCILES <const> = "controller_runtime_reconcile_total"

-- For how long the oldest key that is due has waited, as the provider itself says.
local function oldest_wait()
  local state = provider.state()
  local seconds = state and state.queue and state.queue.oldestSeconds
  return type(seconds) == "number" and seconds or nil
end

--- A check: objects are reconciled. Two scrapes cover a second, in which nothing may be due; then
--- only keys that have waited for long mean that the provider is idle.
---@param explains string[]
---@return fun(ctx: table): table
function activity.active(explains)
  return function(ctx)
    local window = ctx.thresholds.idle_window
    local rate, info = metrics.rate(RECONCILES, { window = window })
    local objects = metrics.value("crossplane_managed_resource_exists")
    if not rate and not (info and info.kind == "nodata" and objects) then
      return check.no_answer("reconciles", info)
    end
    rate = rate or 0
    local observed = { rate = rate, objects = objects }
    if objects == 0 then
      return check.pass("there are no objects", { observed = observed })
    elseif rate > 0 then
      return check.pass(string.format("%.2f reconciles a second", rate), { observed = observed })
    end
    local is_long = info and info.source == "prometheus"
    local wait = not is_long and oldest_wait() or 0
    if is_long or wait > window then
      local text = is_long and "in " .. clock.text(window)
        or "although the oldest key has been due for " .. clock.text(wait)
      return check.fail("nothing was reconciled " .. text, {
        cause = "reconcile.idle",
        explains = explains,
        observed = observed,
        plans = { "restart" },
        escalate = { { to = "Platform Team", after = 0 } },
      })
    end
    return check.pass("nothing is due at this moment", { observed = observed })
  end
end

--- A check: few keys are due and wait.
---@param ctx table
function activity.backlog(ctx)
  local depth, err = metrics.value("workqueue_depth")
  if not depth then
    return check.no_answer("the queue", err)
  end
  local message = string.format("%.0f keys are due and wait", depth)
  if depth > ctx.thresholds.backlog_warn then
    return check.warn(message, {
      cause = "queue.backlog",
      observed = { value = depth },
      threshold = { value = ctx.thresholds.backlog_warn, unit = "keys" },
    })
  end
  return check.pass(message, { observed = { value = depth } })
end

--- A check: no script ends with an error.
---@param explains string[]
---@return fun(ctx: table): table
function activity.scripts(explains)
  return function()
    local name = "provider_discord_script_failures_total"
    local groups, err = metrics.sum_rate(name, { by = { "module", "kind" }, window = 600 })
    if not groups then
      if err and err.kind == "nodata" then
        return check.pass("no script failed")
      end
      return check.no_answer("failures of scripts", err)
    end
    local worst = groups[1]
    if not worst or worst.value <= 0 then
      return check.pass("no script failed")
    end
    return check.fail(
      string.format("%s ends with errors (%s)", worst.labels.module, worst.labels.kind),
      {
        cause = "script.failing",
        explains = explains,
        observed = { module = worst.labels.module, kind = worst.labels.kind },
        hint = "`kubectl describe` an object of it: the condition names file and line",
      }
    )
  end
end

local KINDS <const> = { Guild = true, Channel = true, Role = true, ProviderConfig = true }

--- A check: no warnings about the provider's objects.
---@param ctx table
function activity.events(ctx)
  local events, err = kube.events({ since = ctx.since, type = "Warning" })
  if not events then
    return check.no_answer("Events", err)
  end
  local lines, found = {}, {}
  for _, event in ipairs(events) do
    if KINDS[event.object.kind] then
      found[#found + 1] = event
      if #lines < 5 then
        lines[#lines + 1] = string.format(
          "%s %s/%s %s: %s",
          event.object.kind,
          event.object.namespace or "",
          event.object.name,
          event.reason,
          event.message
        )
      end
    end
  end
  if #found == 0 then
    return check.pass("no warnings about objects")
  end
  return check.warn(counted.of(#found, "warning") .. " about objects", {
    cause = "events.warning",
    observed = { count = #found },
    lines = array(lines),
    evidence = { evidence.add("events.json", found) },
  })
end

return activity
