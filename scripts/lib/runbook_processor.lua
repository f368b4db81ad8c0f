-- How much CPU the provider gets. Its own counter of CPU seconds needs no metrics.k8s.io.
local check = require("lib.check")
local kube = require("lib.kube")
local metrics = require("lib.metrics")
local prom = require("lib.prom")
local target = require("lib.runbook_target")

local processor = {}

local function usage(ctx)
  local cores, info = metrics.rate("process_cpu_seconds_total", { window = 300 })
  if cores then
    return cores
  end
  local pod = target.pod(ctx)
  local used = pod and kube.usage(pod)
  if used then
    local container = used.containers[target.container_of(ctx)(pod)]
    return (container or used).cpu
  end
  return nil, info
end

--- A check: the provider does not use all the CPU that it may.
---@param explains string[]
---@return fun(ctx: table): table
function processor.saturated(explains)
  return function(ctx)
    local cores, err = usage(ctx)
    if not cores then
      return check.no_answer("CPU in use", err)
    end
    local limits, problem = target.deployment_limits(ctx)
    if not limits then
      return check.no_answer("the CPU limit", problem)
    end
    local message = string.format("%.0f m in use", cores * 1000)
    if not limits.cpu then
      return check.pass(message .. ", without a limit", { observed = { cores = cores } })
    end
    message = string.format("%s of %.0f m", message, limits.cpu * 1000)
    local ratio = cores / limits.cpu
    local observed = { cores = cores, limit = limits.cpu, ratio = ratio }
    for _, level in ipairs({ "fail", "warn" }) do
      local bound = ctx.thresholds["cpu_" .. level]
      if ratio > bound then
        return check[level](message, {
          cause = "cpu.saturated",
          explains = explains,
          observed = observed,
          threshold = { value = bound, unit = "ratio" },
          plans = { "set-cpu-limit" },
        })
      end
    end
    return check.pass(message, { observed = observed })
  end
end

--- A check: the kernel seldom makes the container wait for its CPU limit. Only cAdvisor's metrics
--- tell, so Prometheus is needed.
---@param explains string[]
---@return fun(ctx: table): table
function processor.throttled(explains)
  return function(ctx)
    local selector = string.format(
      "{namespace=%q,container=%q}",
      ctx.target.namespace,
      ctx.target.container
    )
    local samples, err = prom.query(
      string.format(
        "sum(rate(container_cpu_cfs_throttled_periods_total%s[5m]))"
          .. " / sum(rate(container_cpu_cfs_periods_total%s[5m]))",
        selector,
        selector
      )
    )
    if not samples then
      if err and err.kind == "unconfigured" then
        return check.skip("only Prometheus has cAdvisor's metrics, and none was named")
      elseif err and err.kind == "nodata" then
        return check.skip("Prometheus has no cAdvisor metrics of the container")
      end
      return check.no_answer("throttling", err)
    end
    local share = samples[1].value
    if type(share) ~= "number" then -- 0/0
      return check.pass("the container had no period to be throttled in")
    end
    local message = string.format("throttled in %.0f %% of the periods", 100 * share)
    if share > ctx.thresholds.throttled_fail then
      return check.fail(message, {
        cause = "cpu.throttled",
        explains = explains,
        observed = { value = share },
        threshold = { value = ctx.thresholds.throttled_fail, unit = "ratio" },
        plans = { "set-cpu-limit" },
      })
    end
    return check.pass(message, { observed = { value = share } })
  end
end

return processor
