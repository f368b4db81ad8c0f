-- Discord's IDs: 64 bits with the time of creation in the upper 42. They are text everywhere.
local decimal = require("lib.decimal")

local snowflake = {}

-- The first millisecond of 2015, Discord's epoch, in Unix time.
local EPOCH <const> = 1420070400000

--- Whether `value` could be an ID. IDs have 17 to 20 digits today; short ones exist in old guilds
--- and in tests.
---@param value any
---@return boolean
function snowflake.is(value)
  return type(value) == "string" and #value <= 20 and value:find("^%d+$") ~= nil
end

--- The order of creation: -1 when `a` is older than `b`, 0 when they are the same ID, 1 when newer.
---@param a string
---@param b string
---@return integer
function snowflake.compare(a, b)
  local left, right = decimal.canonical(a), decimal.canonical(b)
  if #left ~= #right then
    return #left < #right and -1 or 1
  end
  if left == right then
    return 0
  end
  return left < right and -1 or 1
end

--- When the object with this ID was created, in milliseconds of Unix time.
---@param id string
---@return integer|nil milliseconds nil when `id` is no snowflake
function snowflake.time(id)
  local value = decimal.parse(id)
  return value and (value >> 22) + EPOCH
end

--- The smallest ID that an object created at this moment can have.
---@param milliseconds integer Unix time
---@return string
function snowflake.from_time(milliseconds)
  return decimal.text(math.max(milliseconds - EPOCH, 0) << 22)
end

return snowflake
