-- Prometheus, where `--prometheus URL` names one; otherwise `err.kind` is "unconfigured". For the
-- provider's own metrics prefer lib.metrics, which also works without Prometheus.
local perform = ...

local answer = require("lib.answer")

local prom = {}

---@class PromSample
---@field labels table<string, string>
---@field value number
---@field at number seconds of Unix time

---@class PromSeries
---@field labels table<string, string>
---@field points number[][] each { seconds of Unix time, value }

--- An instant query. An empty result is "nodata".
---@param expr string PromQL
---@return PromSample[]|nil samples
---@return SourceError|nil err
function prom.query(expr)
  return answer.unwrap(perform({ effect = "prom.query", expr = expr }))
end

--- A range query, up to now. An empty result is "nodata".
---@param expr string PromQL
---@param from number seconds before now
---@param step number seconds
---@return PromSeries[]|nil series
---@return SourceError|nil err
function prom.range(expr, from, step)
  return answer.unwrap(perform({ effect = "prom.range", expr = expr, from = from, step = step }))
end

---@class PromAlert
---@field labels table<string, string>
---@field state "pending"|"firing"
---@field active_at string RFC 3339
---@field value number

--- The alerts that Prometheus has pending or firing.
---@return PromAlert[]|nil alerts
---@return SourceError|nil err
function prom.alerts()
  return answer.unwrap(perform({ effect = "prom.alerts" }))
end

return prom
