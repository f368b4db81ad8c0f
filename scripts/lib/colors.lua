-- Colours of roles: an integer 0xRRGGBB, or text such as "#5865F2".
local diff = require("lib.diff")
local result = require("lib.result")

local colors = {}

local WHITE <const> = 0xFFFFFF

--- The colour as Discord's integer.
---@param value integer|string
---@return integer|nil color
---@return string|nil problem
function colors.parse(value)
  if type(value) == "string" then
    local hex = value:match("^#(%x%x%x%x%x%x)$")
    if hex then
      return tonumber(hex, 16)
    end
    if value:find("^%d+$") and #value <= 8 then
      value = tonumber(value)
    end
  end
  if math.type(value) == "integer" and value >= 0 and value <= WHITE then
    return value
  end
  return nil, string.format('%s is no colour: use 0 to %d or "#RRGGBB"', tostring(value), WHITE)
end

--- The colours of a role by Discord's keys; those that are not given are null.
---@param spec table primary, secondary, tertiary
---@return table|nil parsed
---@return Failure|nil failure
function colors.of_role(spec)
  local parsed = {}
  for _, name in ipairs({ "primary", "secondary", "tertiary" }) do
    local value = spec[name]
    if diff.is_absent(value) then
      parsed[name .. "_color"] = null
    else
      local color, problem = colors.parse(value)
      if not color then
        return nil, result.invalid("colors." .. name, problem)
      end
      parsed[name .. "_color"] = color
    end
  end
  return parsed
end

--- The colour as people write it: "#5865F2".
---@param color integer
---@return string
function colors.text(color)
  return string.format("#%06X", color)
end

return colors
