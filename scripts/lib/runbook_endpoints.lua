-- The provider's own endpoints, and whether Prometheus reaches them.
local check = require("lib.check")
local prom = require("lib.prom")
local provider = require("lib.provider")

local endpoints = {}

--- A check: /healthz answers, and says yes.
---@param explains string[]
---@return fun(ctx: table): table
function endpoints.live(explains)
  return function()
    local health, err = provider.health()
    if not health then
      if err and err.kind ~= "unreachable" and err.kind ~= "timeout" and err.kind ~= "notfound" then
        return check.no_answer("the provider", err)
      end
      return check.fail("the provider does not answer: " .. (err and err.message or "no data"), {
        cause = "provider.unreachable",
        explains = explains,
      })
    end
    if not health.live then
      return check.fail("/healthz says that the provider is not alive", {
        cause = "provider.not_live",
        explains = explains,
        plans = { "restart-pod" },
      })
    end
    return check.pass(string.format("/healthz answers in %.0f ms", health.ms or 0))
  end
end

--- A check: /readyz says yes; if not, which of its checks does not.
---@return fun(ctx: table): table
function endpoints.ready()
  return function()
    local health, err = provider.health()
    if not health then
      return check.no_answer("the provider", err)
    end
    if health.ready then
      return check.pass("/readyz: ready")
    end
    local failed = {}
    for _, one in ipairs(health.checks or {}) do
      if not one.ok then
        failed[#failed + 1] = one.name .. (one.message and ": " .. one.message or "")
      end
    end
    return check.fail(
      "/readyz: " .. (#failed > 0 and table.concat(failed, "; ") or "not ready"),
      { cause = "provider.not_ready", observed = { failed = array(failed) } }
    )
  end
end

--- A check: Prometheus scrapes the provider.
---@param ctx table
function endpoints.scraped(ctx)
  local job = (ctx.values or {}).prometheusJob or "provider-discord"
  local samples, err = prom.query(string.format("max(up{job=%q})", job))
  if samples then
    if samples[1].value >= 1 then
      return check.pass("Prometheus scrapes the provider")
    end
    return check.fail("Prometheus knows the provider and cannot scrape it", {
      cause = "metrics.not_scraped",
    })
  elseif err and err.kind == "unconfigured" then
    return check.skip("no Prometheus was named")
  elseif err and err.kind == "nodata" then
    return check.fail(string.format("Prometheus has no target of the job %s", job), {
      cause = "metrics.no_target",
    })
  end
  return check.no_answer("Prometheus", err)
end

return endpoints
