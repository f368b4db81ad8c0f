-- The order of a guild's channels: `position` in a spec is the number by which Discord sorts.
--
-- Discord and everybody else renumber channels whenever one comes, goes or is dragged. A number
-- that somebody changed is put back; what Discord makes of it then is taken for right from then on,
-- or the two would write numbers against each other for ever. What gives no position is never
-- touched.
local diff = require("lib.diff")
local snowflake = require("lib.snowflake")

local order = {}

---@class Placement
---@field asked integer `position` of the spec when this was written down
---@field number? integer channels: the number that Discord made of it
---@field below? string roles: the next role below that gives no position
---@field above? string roles: the next one above

---@class Sibling
---@field id string
---@field position integer Discord's number
---@field want? integer `position` of the spec; nil for what nobody puts in order
---@field placement? Placement

---@class Placed
---@field id string
---@field position integer `spec.forProvider.position`
---@field parent_id? string the category that the spec asks for, "" for none; nil when unmanaged
---@field placement? Placement what `arrange` returned for it the last time

---@class Move
---@field id string
---@field position? integer
---@field parent_id? any
---@field fields string[] the fields of the spec that this repairs; empty when it only makes room

-- Voice and stage channels are shown below all others of their category, categories among
-- themselves.
local BUCKETS <const> = { [2] = "voice", [13] = "voice", [4] = "category" }

--- Objects by their IDs.
---@param objects table[]
---@return table
function order.by_id(objects)
  local found = {}
  for _, object in ipairs(objects) do
    found[object.id] = object
  end
  return found
end

--- What a rule wrote down of an object, when it was about the same position.
---@param object Placed
---@return Placement|nil
function order.placement(object)
  local placement = object.placement
  if diff.is_absent(placement) or placement.asked ~= object.position then
    return nil
  end
  return placement
end

local function is_settled(sibling)
  return sibling.position == sibling.want
    or (sibling.placement ~= nil and sibling.placement.number == sibling.position)
end

-- Whether those with a position would follow each other rightly if the moves were made.
local function is_in_order(siblings)
  local sorted = {}
  for index, sibling in ipairs(siblings) do
    sorted[index] = sibling
  end
  local function number(sibling)
    return sibling.moves and sibling.want or sibling.position
  end
  table.sort(sorted, function(a, b)
    local left, right = number(a), number(b)
    return left < right or (left == right and snowflake.compare(a.id, b.id) < 0)
  end)
  local last
  for _, sibling in ipairs(sorted) do
    if sibling.want then
      if last and last > sibling.want then
        return false
      end
      last = sibling.want
    end
  end
  return true
end

--- Which siblings get the number that their specs ask for: those whose number somebody changed.
--- When that would not put them in order, because Discord has made other numbers of some, all.
---@param siblings Sibling[] all that are sorted together
---@return Move[] moves empty when everything is as it should be
function order.moves(siblings)
  local moves, any = {}, false
  for _, sibling in ipairs(siblings) do
    sibling.moves = sibling.want ~= nil and not is_settled(sibling)
    any = any or sibling.moves
  end
  if not any then
    return moves
  end
  local all = not is_in_order(siblings)
  for _, sibling in ipairs(siblings) do
    if sibling.moves or (all and sibling.want and sibling.want ~= sibling.position) then
      moves[#moves + 1] =
        { id = sibling.id, position = sibling.want, fields = array({ "position" }) }
    end
  end
  return moves
end

local function parent_of(value)
  return not diff.is_absent(value) and value ~= "" and value or nil
end

--- The moves that put a guild's channels in order, as one request may hold them. Channels are
--- sorted within their category and kind. Discord lets one channel change its category in such a
--- request: the first that is in the wrong one goes along.
---@param channels table[] the guild's channels as Discord answers them
---@param objects Placed[]
---@return Move[] moves
---@return table<string, Placement> placements what to remember of the numbers as they are
function order.channels(channels, objects)
  local placed, groups, names, stray = order.by_id(objects), {}, {}, nil
  local placements = {}
  for _, channel in ipairs(channels) do
    local object = placed[channel.id]
    local bucket = BUCKETS[channel.type] or "text"
    local parent = parent_of(channel.parent_id)
    local position = diff.is_absent(channel.position) and 0 or channel.position
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
      position = position,
      want = object and object.position,
      placement = object and order.placement(object),
    })
    if object and object.position ~= position then
      placements[channel.id] = { asked = object.position, number = position }
    end
  end
  local moves = {}
  for _, name in ipairs(names) do
    for _, move in ipairs(order.moves(groups[name])) do
      moves[#moves + 1] = move
    end
  end
  if #moves == 0 or not stray then
    return array(moves), placements
  end
  for _, move in ipairs(moves) do
    if move.id == stray.id then
      move.parent_id = stray.parent_id
      table.insert(move.fields, "parentId")
      return array(moves), placements
    end
  end
  moves[#moves + 1] = stray
  return array(moves), placements
end

return order
