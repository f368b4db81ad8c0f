-- Quantities as Kubernetes writes them: "512Mi", "250m", "1".
local quantity = {}

local FACTORS <const> = {
  [""] = 1,
  n = 1e-9,
  u = 1e-6,
  m = 1e-3,
  k = 1e3,
  M = 1e6,
  G = 1e9,
  T = 1e12,
  P = 1e15,
  Ki = 2 ^ 10,
  Mi = 2 ^ 20,
  Gi = 2 ^ 30,
  Ti = 2 ^ 40,
  Pi = 2 ^ 50,
}

--- Bytes, or cores.
---@param text string|number|nil
---@return number|nil value nil for what is no quantity
function quantity.parse(text)
  if type(text) == "number" then
    return text
  end
  if type(text) ~= "string" then
    return nil
  end
  local number, unit = text:match("^([%d.]+)(%a*)$")
  local value, factor = tonumber(number), FACTORS[unit]
  return value and factor and value * factor
end

--- Bytes for people: "384 MiB".
---@param bytes number
---@return string
function quantity.bytes(bytes)
  for _, unit in ipairs({ { "GiB", 2 ^ 30 }, { "MiB", 2 ^ 20 }, { "KiB", 2 ^ 10 } }) do
    if bytes >= unit[2] then
      local value = bytes / unit[2]
      return string.format(value >= 100 and "%.0f %s" or "%.1f %s", value, unit[1])
    end
  end
  return string.format("%d B", bytes // 1)
end

--- Bytes as a limit of Kubernetes, rounded up to whole Mi: "768Mi".
---@param bytes number
---@return string
function quantity.limit(bytes)
  return string.format("%dMi", math.ceil(bytes / 2 ^ 20))
end

return quantity
