-- What the provider's metrics say about its requests to Discord: how many, how many fail, and how.
local check = require("lib.check")
local clock = require("lib.clock")
local metrics = require("lib.metrics")

local requests = {}

local OPERATIONS <const> = "provider_discord_api_operations_total"

--- The label `status` of a request, in words, and the cause that it stands for.
requests.classes = {
  client_error = { cause = "auth.4xx", text = "refused (4xx)" },
  rate_limited = { cause = "rate_limit.429", text = "rate limited (429)" },
  server_error = { cause = "discord.5xx", text = "Discord's own errors (5xx)" },
  network_error = { cause = "net.errors", text = "network errors" },
}

---@class ErrorReading
---@field total number requests
---@field failed number
---@field ratio number
---@field span string over which time, in words
---@field classes { status: string, count: number }[] the most frequent first

local function summed(groups, factor, span)
  local reading = { total = 0, failed = 0, classes = {}, span = span }
  local by_status = {}
  for _, group in ipairs(groups) do
    local status, count = group.labels.status, group.value * factor
    reading.total = reading.total + count
    if status ~= "success" then
      reading.failed = reading.failed + count
      by_status[status] = (by_status[status] or 0) + count
    end
  end
  for status, count in pairs(by_status) do
    if count > 0 then
      reading.classes[#reading.classes + 1] = { status = status, count = count }
    end
  end
  table.sort(reading.classes, function(a, b)
    return a.count > b.count or (a.count == b.count and a.status < b.status)
  end)
  reading.ratio = reading.total > 0 and reading.failed / reading.total or 0
  return reading
end

-- Two scrapes cover a second, which has few requests. The counters of a process that is younger
-- than an hour are then a better answer.
local function since_start(ctx)
  local started = metrics.value("process_start_time_seconds")
  local age = started and ctx.now_ms / 1000 - started
  local series = age and age <= 3600 and metrics.series(OPERATIONS)
  return series and summed(series, 1, "since the start " .. clock.text(age) .. " ago")
end

--- How many requests failed in the window.
---@param ctx table
---@param window number seconds; two scrapes have their own
---@param minimum number requests that a ratio needs
---@return ErrorReading|nil reading
---@return SourceError|nil err
function requests.errors(ctx, window, minimum)
  local groups, info = metrics.sum_rate(OPERATIONS, { by = { "status" }, window = window })
  if not groups then
    return nil, info
  end
  local seconds = info.window or window
  local reading = summed(groups, seconds, "in " .. clock.text(seconds))
  if reading.total < minimum and info.source ~= "prometheus" then
    local whole = since_start(ctx)
    return whole and whole.total >= minimum and whole or reading
  end
  return reading
end

--- The classes in one line: "server_error ×12, rate_limited ×3".
---@param reading ErrorReading
---@return string
function requests.describe(reading)
  local parts = {}
  for _, class in ipairs(reading.classes) do
    parts[#parts + 1] = string.format("%s ×%.0f", class.status, class.count)
  end
  return table.concat(parts, ", ")
end

--- A check: which class of failure is the most frequent one. It fails only where enough of the
--- requests fail, and then names what the class means.
---@param options { window: number, ratio: string, minimum: string, explains: string[] } names of
---  thresholds, and what the class explains
---@return fun(ctx: table): table
function requests.dominant_class(options)
  return function(ctx)
    local minimum = ctx.thresholds[options.minimum]
    local reading, err = requests.errors(ctx, options.window, minimum)
    if not reading then
      return check.no_answer("failures by class", err)
    end
    local top = reading.classes[1]
    local is_many = reading.total >= minimum and reading.ratio > ctx.thresholds[options.ratio]
    if not top or not is_many then
      return check.pass(
        top and "failures by class: " .. requests.describe(reading) or "no request failed"
      )
    end
    local class = requests.classes[top.status] or { cause = "requests.failing", text = top.status }
    return check.fail(
      string.format("most failures are %s: %s", class.text, requests.describe(reading)),
      {
        cause = class.cause,
        explains = options.explains,
        observed = { class = top.status, count = top.count, total = reading.total },
      }
    )
  end
end

---@class Talker
---@field resource_type string
---@field operation string
---@field rate number requests a second

--- Who makes the most requests, the most talkative first.
---@return Talker[]|nil talkers
---@return MetricInfo|SourceError info
function requests.talkers()
  local groups, info =
    metrics.sum_rate(OPERATIONS, { by = { "resource_type", "operation" }, window = 300 })
  if not groups then
    return nil, info
  end
  local talkers = {}
  for _, group in ipairs(groups) do
    if group.value > 0 then
      talkers[#talkers + 1] = {
        resource_type = group.labels.resource_type or "unknown",
        operation = group.labels.operation or "unknown",
        rate = group.value,
      }
    end
  end
  return talkers, info
end

--- Requests a second, of all kinds.
---@return number|nil rate
---@return MetricInfo|SourceError info
function requests.rate()
  return metrics.rate(OPERATIONS, { window = 60 })
end

---@class LimitedReading
---@field counted number answers 429 in the window that count towards Discord's ban
---@field shared number those of limits that others share, which do not count
---@field by_scope table<string, number>
---@field window number seconds

--- Answers 429 within the window, by scope.
---@param window number seconds
---@return LimitedReading|nil reading
---@return MetricInfo|SourceError info
function requests.limited(window)
  local name = "provider_discord_rate_limited_total"
  local groups, info = metrics.sum_rate(name, { by = { "scope" }, window = window })
  if not groups then
    return nil, info
  end
  local reading = { counted = 0, shared = 0, by_scope = {}, window = info.window or window }
  for _, group in ipairs(groups) do
    local count = group.value * reading.window
    local scope = group.labels.scope or "unknown"
    reading.by_scope[scope] = count
    if scope == "shared" then
      reading.shared = reading.shared + count
    else
      reading.counted = reading.counted + count
    end
  end
  return reading, info
end

return requests
