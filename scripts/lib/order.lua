-- The order of a guild's channels and roles.
--
-- Discord sorts them by numbers that it and everybody else change whenever something comes, goes or
-- is dragged: the numbers are no state to hold on to, the order is. So `position` in a spec says
-- which of the objects that give one comes first, and what gives none keeps its place beside its
-- neighbours.
local diff = require("lib.diff")
local snowflake = require("lib.snowflake")

local order = {}

---@class Sibling
---@field id string
---@field position integer Discord's number
---@field want? integer `position` of the spec; nil for what nobody puts in order

---@class Placed
---@field id string
---@field position integer `spec.forProvider.position`
---@field parent_id? string the category that the spec asks for, "" for none; nil when unmanaged

---@class Move
---@field id string
---@field position? integer
---@field parent_id? any
---@field fields string[] the fields of the spec that this repairs; empty when it only makes room

-- Voice and stage channels are shown below all others of their category, categories among
-- themselves.
local BUCKETS <const> = { [2] = "voice", [13] = "voice", [4] = "category" }

-- The siblings that stay: the most that follow each other rightly already, so that the fewest move,
-- and of several such sets the one with the most numbers that are as asked: those nobody has
-- touched.
local function settled(siblings)
  local ordered = {}
  local is_in_order = true
  for index, sibling in ipairs(siblings) do
    if sibling.want then
      local last = ordered[#ordered]
      is_in_order = is_in_order and (not last or siblings[last].want <= sibling.want)
      ordered[#ordered + 1] = index
    end
  end
  local stays = {}
  if is_in_order then
    for _, index in ipairs(ordered) do
      stays[index] = true
    end
    return stays
  end
  -- The best chain that ends with each, by number of members and then of untouched ones.
  local worth, before, best = {}, {}, nil
  for place, index in ipairs(ordered) do
    local sibling = siblings[index]
    local most, from = 0, nil
    for earlier = 1, place - 1 do
      if worth[earlier] > most and siblings[ordered[earlier]].want <= sibling.want then
        most, from = worth[earlier], earlier
      end
    end
    worth[place] = most + 1000 + (sibling.position == sibling.want and 1 or 0)
    before[place] = from
    if not best or worth[place] >= worth[best] then
      best = place
    end
  end
  while best do
    stays[ordered[best]] = true
    best = before[best]
  end
  return stays
end

-- The siblings as they should follow each other: who moves comes right behind the one that it
-- follows.
local function rearranged(siblings, stays)
  local movers = {}
  for index, sibling in ipairs(siblings) do
    if sibling.want and not stays[index] then
      movers[#movers + 1] = { sibling = sibling, index = index }
    end
  end
  table.sort(movers, function(a, b)
    local left, right = a.sibling.want, b.sibling.want
    return left < right or (left == right and a.index < b.index)
  end)
  local wanted = {}
  for index, sibling in ipairs(siblings) do
    if stays[index] then
      wanted[#wanted + 1] = sibling.want
    end
  end
  local result, next_mover, seen = {}, 1, 0
  local function put_movers_before(want)
    while movers[next_mover] and (not want or movers[next_mover].sibling.want < want) do
      result[#result + 1] = movers[next_mover].sibling
      movers[next_mover].sibling.moves = true
      next_mover = next_mover + 1
    end
  end
  for index, sibling in ipairs(siblings) do
    if stays[index] then
      if seen == 0 then
        put_movers_before(sibling.want)
      end
      seen = seen + 1
      result[#result + 1] = sibling
      put_movers_before(wanted[seen + 1])
    elseif not sibling.want then
      result[#result + 1] = sibling
    end
  end
  return result
end

-- Numbers that Discord sorts into this very sequence. The ones that the specs ask for where they
-- fit between those that stay; else the numbers in use, dealt out anew.
local function numbered(sequence, precedes, least)
  local asked, used = {}, {}
  for place, sibling in ipairs(sequence) do
    asked[place] = sibling.moves and sibling.want or sibling.position
    used[place] = sibling.position
  end
  local function least_at(place, numbers)
    if place == 1 then
      return least
    end
    local is_before = precedes(sequence[place - 1].id, sequence[place].id)
    return numbers[place - 1] + (is_before and 0 or 1)
  end
  local fits = true
  for place in ipairs(sequence) do
    fits = fits and asked[place] >= least_at(place, asked)
  end
  if fits then
    return asked
  end
  table.sort(used)
  for place in ipairs(sequence) do
    used[place] = math.max(used[place], least_at(place, used))
  end
  return used
end

--- The fewest siblings that have to move so that those with `want` follow each other by it, and the
--- new numbers of all whose number changes with that. Equal wants keep the order that they have.
---@param siblings Sibling[] all that are sorted together
---@param precedes fun(a: string, b: string): boolean which of two IDs with one number comes first
---@param least integer the lowest number that may be given
---@return Move[] moves empty when everything is in order
function order.moves(siblings, precedes, least)
  table.sort(siblings, function(a, b)
    return a.position < b.position or (a.position == b.position and precedes(a.id, b.id))
  end)
  local sequence = rearranged(siblings, settled(siblings))
  local moves, any = {}, false
  for _, sibling in ipairs(sequence) do
    any = any or sibling.moves
  end
  if not any then
    return moves
  end
  local numbers = numbered(sequence, precedes, least)
  for place, sibling in ipairs(sequence) do
    if numbers[place] ~= sibling.position or sibling.moves then
      moves[#moves + 1] = {
        id = sibling.id,
        position = numbers[place],
        fields = array(sibling.moves and { "position" } or {}),
      }
    end
  end
  return moves
end

local function is_older(a, b)
  return snowflake.compare(a, b) < 0
end

local function is_younger(a, b)
  return snowflake.compare(a, b) > 0
end

local function by_id(objects)
  local found = {}
  for _, object in ipairs(objects) do
    found[object.id] = object
  end
  return found
end

local function parent_of(value)
  return not diff.is_absent(value) and value ~= "" and value or nil
end

--- The moves that put a guild's channels in order, as one request may hold them. Channels are
--- sorted within their category and kind. Discord lets one channel change its category in such a
--- request: the first that is in the wrong one goes along.
---@param channels table[] the guild's channels as Discord answers them
---@param objects Placed[]
---@return Move[]
function order.channels(channels, objects)
  local placed, groups, names, stray = by_id(objects), {}, {}, nil
  for _, channel in ipairs(channels) do
    local object = placed[channel.id]
    local bucket = BUCKETS[channel.type] or "text"
    local parent = parent_of(channel.parent_id)
    if object and object.parent_id ~= nil and bucket ~= "category" then
      local wanted = parent_of(object.parent_id)
      if wanted ~= parent then
        stray = stray or { id = channel.id, parent_id = wanted or null, fields = { "parentId" } }
        parent = wanted
      end
    end
    local name = bucket .. " " .. (parent or "")
    if not groups[name] then
      groups[name] = {}
      names[#names + 1] = name
    end
    table.insert(groups[name], {
      id = channel.id,
      position = diff.is_absent(channel.position) and 0 or channel.position,
      want = object and object.position,
    })
  end
  local moves = {}
  for _, name in ipairs(names) do
    for _, move in ipairs(order.moves(groups[name], is_older, 0)) do
      moves[#moves + 1] = move
    end
  end
  if #moves == 0 or not stray then
    return array(moves)
  end
  for _, move in ipairs(moves) do
    if move.id == stray.id then
      move.parent_id = stray.parent_id
      table.insert(move.fields, "parentId")
      return array(moves)
    end
  end
  moves[#moves + 1] = stray
  return array(moves)
end

--- The moves that put a guild's roles in order. The higher position ranks above the lower; of two
--- with one number the older ranks above. @everyone is the lowest for ever.
---@param roles table[] the guild's roles as Discord answers them
---@param objects Placed[]
---@param guild_id string
---@return Move[]
function order.roles(roles, objects, guild_id)
  local placed, siblings = by_id(objects), {}
  for _, role in ipairs(roles) do
    if role.id ~= guild_id then
      local object = placed[role.id]
      siblings[#siblings + 1] = {
        id = role.id,
        position = role.position,
        want = object and object.position,
      }
    end
  end
  return array(order.moves(siblings, is_younger, 1))
end

return order
