-- Times and durations. The only clock is `ctx.now_ms`.
local clock = {}

-- Days since 1970 of a date, counting years from March so that leap days come last.
local function days(year, month, day)
  local shifted = month <= 2 and year - 1 or year
  local era = shifted // 400
  local year_of_era = shifted - era * 400
  local day_of_year = (153 * (month + (month > 2 and -3 or 9)) + 2) // 5 + day - 1
  local day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
  return era * 146097 + day_of_era - 719468
end

--- Milliseconds of Unix time of an RFC 3339 time in UTC, as Kubernetes writes it.
---@param text string|nil
---@return integer|nil milliseconds nil for what is no such time
function clock.ms(text)
  if type(text) ~= "string" then
    return nil
  end
  local y, mo, d, h, mi, s, fraction =
    text:match("^(%d%d%d%d)-(%d%d)-(%d%d)[Tt](%d%d):(%d%d):(%d%d)(%.?%d*)[Zz]$")
  if not y then
    return nil
  end
  local seconds = days(tonumber(y), tonumber(mo), tonumber(d)) * 86400
    + tonumber(h) * 3600
    + tonumber(mi) * 60
    + tonumber(s)
  return seconds * 1000 + math.tointeger((tonumber("0" .. fraction) or 0) * 1000 // 1)
end

--- Seconds that have passed since a time.
---@param ctx table
---@param since string|number|nil RFC 3339, or milliseconds of Unix time
---@return number|nil seconds nil for what is no time
function clock.age(ctx, since)
  local began = type(since) == "number" and since or clock.ms(since)
  return began and (ctx.now_ms - began) / 1000
end

--- A duration for people: "45s", "14m", "3h 5m", "2d 4h".
---@param seconds number
---@return string
function clock.text(seconds)
  local whole = math.max(seconds, 0) // 1 | 0
  if whole < 60 then
    return whole .. "s"
  elseif whole < 3600 then
    return whole // 60 .. "m"
  elseif whole < 86400 then
    local minutes = whole % 3600 // 60
    return whole // 3600 .. "h" .. (minutes > 0 and " " .. minutes .. "m" or "")
  end
  local hours = whole % 86400 // 3600
  return whole // 86400 .. "d" .. (hours > 0 and " " .. hours .. "h" or "")
end

return clock
