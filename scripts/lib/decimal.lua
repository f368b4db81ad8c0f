-- Unsigned 64-bit integers as decimal text, exactly. Discord writes snowflakes and permission sets
-- that way because they exceed 2^53, where a floating-point number starts to lose digits.
local decimal = {}

local LARGEST <const> = "18446744073709551615"

--- The integer that `text` spells, its 64 bits read as unsigned.
---@param text string digits only, at most 2^64 - 1
---@return integer|nil value nil when the text is no such number
function decimal.parse(text)
  if type(text) ~= "string" or #text > 40 or not text:find("^%d+$") then
    return nil
  end
  local digits = decimal.canonical(text)
  if #digits > #LARGEST or (#digits == #LARGEST and digits > LARGEST) then
    return nil
  end
  local value = 0
  for index = 1, #digits do
    value = value * 10 + (digits:byte(index) - 48)
  end
  return value
end

--- `value` in decimal digits, its 64 bits read as unsigned.
---@param value integer
---@return string
function decimal.text(value)
  if value >= 0 then
    return string.format("%d", value)
  end
  local tens = (value >> 1) // 5
  return string.format("%d%d", tens, value - tens * 10)
end

--- The digits of `text` without leading zeros: equal numbers have equal text.
---@param text string digits only
---@return string
function decimal.canonical(text)
  local digits = text:match("^0*(%d+)$")
  return digits
end

return decimal
