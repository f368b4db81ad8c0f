-- The ranks of a guild's roles.
--
-- A role's number is its rank: Discord numbers roles without gaps, so that it changes whenever a
-- role comes or goes below. Rank is power, and so a number is no reason to raise a role above one
-- that nobody here manages, each time somebody makes another. What is kept is the order of those
-- that give a position, and between which of the others each of them stands.
local discord = require("lib.discord")
local order = require("lib.order")
local snowflake = require("lib.snowflake")

local ranks = {}

local function is_lower(a, b)
  if a.position ~= b.position then
    return a.position < b.position
  end
  return snowflake.compare(a.id, b.id) > 0
end

-- The managed roles that stay: the most that follow each other rightly already.
local function settled(managed)
  local length, before, best = {}, {}, nil
  for index, role in ipairs(managed) do
    local most, from = 0, nil
    for earlier = 1, index - 1 do
      if length[earlier] > most and managed[earlier].want <= role.want then
        most, from = length[earlier], earlier
      end
    end
    length[index], before[index] = most + 1, from
    if not best or length[index] >= length[best] then
      best = index
    end
  end
  local stays = {}
  while best do
    stays[managed[best]] = true
    best = before[best]
  end
  return stays
end

-- Above how many of the others a role that was dragged away is to stand: between the same two as
-- when it was settled. Nil when it still stands between them, or when they have changed places
-- themselves: then nobody can tell, and no role is to rise because of it.
local function gap_before(role, others, place_of)
  local placement = role.placement
  if not placement then
    return nil
  end
  local lowest = placement.below and place_of[placement.below] or 0
  local above = placement.above and place_of[placement.above] or #others + 1
  local highest = above - 1
  if lowest > highest or (role.gap >= lowest and role.gap <= highest) then
    return nil
  end
  return role.gap < lowest and lowest or highest
end

-- Above how many of the others each managed role is to stand.
local function assign_gaps(managed, others, limit)
  local stays, place_of = settled(managed), {}
  for place, role in ipairs(others) do
    place_of[role.id] = place
  end
  local wanted = {}
  for index, role in ipairs(managed) do
    wanted[index] = role
    role.stays, role.rank = stays[role], index
  end
  table.sort(wanted, function(a, b)
    return a.want < b.want or (a.want == b.want and a.rank < b.rank)
  end)
  local lowest = 0
  for index, role in ipairs(wanted) do
    local gap = gap_before(role, others, place_of)
    if not gap and not role.placement and limit and role.want - index <= limit then
      -- Asked for the first time, and there is such a rank below the bot's own.
      gap = role.want - index
    end
    if not gap and not role.stays then
      -- Right behind the one that it follows, or before the first that follows it.
      gap = lowest
      if index == 1 and wanted[2] then
        gap = math.min(role.gap, wanted[2].gap)
      end
    end
    role.target = math.max(gap or role.gap, lowest)
    lowest = role.target
  end
  return wanted
end

-- All roles as they should follow each other, from the lowest.
local function rearranged(wanted, others)
  local sequence, next_role = {}, 1
  for gap = 0, #others do
    if gap > 0 then
      sequence[#sequence + 1] = others[gap]
    end
    while wanted[next_role] and wanted[next_role].target <= gap do
      sequence[#sequence + 1] = wanted[next_role]
      next_role = next_role + 1
    end
  end
  return sequence
end

-- The numbers in use, dealt out anew.
local function renumber(sequence)
  local numbers = {}
  for place, role in ipairs(sequence) do
    numbers[place] = role.position
  end
  table.sort(numbers)
  for place, role in ipairs(sequence) do
    local least = 1
    if place > 1 then
      local is_before = snowflake.compare(sequence[place - 1].id, role.id) > 0
      least = numbers[place - 1] + (is_before and 0 or 1)
    end
    numbers[place] = math.max(numbers[place], least)
  end
  return numbers
end

local function is_same(a, b)
  for place, role in ipairs(a) do
    if b[place] ~= role then
      return false
    end
  end
  return true
end

-- How many of the others are below the role of the bot's integration, from which upwards it moves
-- none; nil when that is not known.
local function below_own(others)
  local me
  for place, other in ipairs(others) do
    local bot = (other.role.tags or {}).bot_id
    if bot then
      me = me or discord.me() or {}
      if me.id == bot then
        return place - 1
      end
    end
  end
  return nil
end

--- The moves that put a guild's roles in order.
---@param roles table[] the guild's roles as Discord answers them
---@param objects Placed[]
---@param guild_id string the ID of @everyone, the lowest for ever
---@return Move[] moves empty when everything is in order
---@return table<string, Placement> placements what to remember of the ranks as they are
function ranks.roles(roles, objects, guild_id)
  local placed, all, others, managed = order.by_id(objects), {}, {}, {}
  local is_first = false
  for _, role in ipairs(roles) do
    if role.id ~= guild_id then
      all[#all + 1] = { id = role.id, position = role.position, role = role }
    end
  end
  table.sort(all, is_lower)
  for _, entry in ipairs(all) do
    local object = placed[entry.id]
    if object then
      entry.want, entry.placement, entry.gap = object.position, order.placement(object), #others
      managed[#managed + 1] = entry
      is_first = is_first or not entry.placement
    else
      others[#others + 1] = entry
    end
  end
  local limit = is_first and below_own(others) or nil
  local placements = {}
  for _, role in ipairs(managed) do
    local below, above = others[role.gap], others[role.gap + 1]
    placements[role.id] =
      { asked = role.want, below = below and below.id, above = above and above.id }
  end
  local sequence = rearranged(assign_gaps(managed, others, limit), others)
  local moves = {}
  if is_same(all, sequence) then
    return array(moves), placements
  end
  local numbers = renumber(sequence)
  for place, role in ipairs(sequence) do
    local moved = role.want and (role.target ~= role.gap or not role.stays)
    if numbers[place] ~= role.position or moved then
      moves[#moves + 1] = {
        id = role.id,
        position = numbers[place],
        fields = array(moved and { "position" } or {}),
      }
    end
  end
  return array(moves), placements
end

return ranks
