-- The provider's metrics: from Prometheus where `--prometheus` names one, or else from two
-- scrapes of the provider's /metrics, directly (`--provider URL`) or through the API server's pod
-- proxy. Two scrapes cover a second or so: look at `info.window` and `info.count` before you trust
-- a rate.
--
-- Labels select series: { status = "success" } equal; { status = { "401", "403" } } one of them;
-- { status = { ["not"] = "success" } } and { status = { ["not"] = { "a", "b" } } } none of them.
local perform = ...

local metrics = {}

---@class MetricInfo
---@field source "prometheus"|"scrape"
---@field window number|nil seconds that a rate covers
---@field count number|nil how much the counters grew in that window: the requests, for instance

---@class MetricValue
---@field labels table<string, string>
---@field value number

---@class MetricQuery
---@field labels? table<string, any>
---@field by? string[] labels that make a group
---@field window? number seconds; for Prometheus, 300 if not given. Two scrapes have their own

-- On success the second value says where the first is from; on failure it is the error.
local function unwrap(given)
  if given.error then
    return nil, given.error
  end
  return given.value, given.info
end

local function ask(effect, name, query)
  query = query or {}
  return {
    effect = effect,
    name = name,
    labels = query.labels,
    by = query.by and array(query.by),
    window = query.window,
  }
end

--- The sum of a gauge, or of a counter since its process started. Without a series: "nodata".
---@param name string
---@param labels? table<string, any>
---@return number|nil value
---@return MetricInfo|SourceError info
function metrics.value(name, labels)
  return unwrap(perform(ask("metrics.value", name, { labels = labels })))
end

--- Every series of a metric.
---@param name string
---@param labels? table<string, any>
---@return MetricValue[]|nil series
---@return MetricInfo|SourceError info
function metrics.series(name, labels)
  return unwrap(perform(ask("metrics.series", name, { labels = labels })))
end

--- How fast counters grow in all, per second. A metric that exists and does not grow has 0.
---@param name string
---@param query? MetricQuery
---@return number|nil per_second
---@return MetricInfo|SourceError info
function metrics.rate(name, query)
  return unwrap(perform(ask("metrics.rate", name, query)))
end

--- How fast counters grow, per second, in groups; the largest first.
---@param name string
---@param query? MetricQuery with `by`
---@return MetricValue[]|nil groups
---@return MetricInfo|SourceError info
function metrics.sum_rate(name, query)
  return unwrap(perform(ask("metrics.sum_rate", name, query)))
end

---@class MetricQuantile : MetricValue
---@field beyond boolean whether it lies above the largest finite bound, which is then the value
---@field count number observations in the window

--- A quantile of a histogram over the window, in groups (one without labels if `by` is missing). A
--- quantile in the last bucket is the largest bound, with `beyond = true`. Groups without an
--- observation in the window are left out; none at all is "nodata".
---@param q number 0.95
---@param name string without _bucket
---@param query? MetricQuery
---@return MetricQuantile[]|nil groups
---@return MetricInfo|SourceError info
function metrics.quantile(q, name, query)
  local effect = ask("metrics.quantile", name, query)
  effect.q = q
  return unwrap(perform(effect))
end

--- The names of all metrics of the live scrape.
---@return string[]|nil names
---@return MetricInfo|SourceError info
function metrics.names()
  return unwrap(perform({ effect = "metrics.names" }))
end

return metrics
