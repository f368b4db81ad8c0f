-- Numbers of things, in words: "1 object", "2 objects".
local counted = {}

--- A number and what is counted.
---@param number number
---@param singular string "object"
---@param plural string|nil "objects" if not given
---@return string
function counted.of(number, singular, plural)
  local word = number == 1 and singular or plural or singular .. "s"
  return string.format("%.0f %s", number, word)
end

return counted
