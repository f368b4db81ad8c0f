-- Permission overwrites of a channel: a set keyed by role or member. Their order means nothing, and
-- a missing allow or deny is the empty set.
local permissions = require("lib.permissions")
local snowflake = require("lib.snowflake")

local overwrites = {}

local TYPES <const> = { [0] = 0, [1] = 1, ["0"] = 0, ["1"] = 1, role = 0, member = 1 }

local function parse_set(value)
  if value == nil or value == null then
    return "0"
  end
  local bits, problem = permissions.parse(value)
  return bits and permissions.text(bits), problem
end

--- The spec's list in Discord's shape: id, type 0 (role) or 1 (member), allow and deny as text.
---@param list table[] id, type, allow, deny as in spec.forProvider.permissionOverwrites
---@param guild_id string the ID of @everyone, the role that may be named instead of its ID
---@return table[]|nil parsed
---@return string|nil field the member that is wrong: "[2].allow", counted from 0 as Kubernetes does
---@return string|nil problem
function overwrites.parse(list, guild_id)
  local parsed, seen = {}, {}
  for index, item in ipairs(list) do
    local place = string.format("[%d]", index - 1)
    local id = item.id == "@everyone" and guild_id or item.id
    if not snowflake.is(id) then
      return nil, place .. ".id", "give the ID of a role or member, or a role by roleRef"
    end
    if seen[id] then
      return nil, place .. ".id", id .. " has an overwrite already; merge the two"
    end
    seen[id] = true
    local kind = TYPES[item.type == nil and 0 or item.type]
    if not kind then
      return nil, place .. ".type", 'use "role" or "member"'
    end
    local allow, allow_problem = parse_set(item.allow)
    if not allow then
      return nil, place .. ".allow", allow_problem
    end
    local deny, deny_problem = parse_set(item.deny)
    if not deny then
      return nil, place .. ".deny", deny_problem
    end
    parsed[index] = { id = id, type = kind, allow = allow, deny = deny }
  end
  return array(parsed)
end

--- Whether two lists in Discord's shape are the same set.
---@param want table[]
---@param got table[]|nil
---@return boolean
function overwrites.same(want, got)
  got = got or {}
  if #want ~= #got then
    return false
  end
  local by_id = {}
  for _, item in ipairs(got) do
    by_id[item.id] = item
  end
  for _, item in ipairs(want) do
    local other = by_id[item.id]
    if
      not other
      or TYPES[item.type] ~= TYPES[other.type]
      or parse_set(item.allow) ~= parse_set(other.allow)
      or parse_set(item.deny) ~= parse_set(other.deny)
    then
      return false
    end
  end
  return true
end

return overwrites
