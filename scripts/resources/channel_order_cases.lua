-- Cases of channel.lua's `arrange` for `provider-discord scripts test`.
local GUILD <const> = "900000000000000001"
local TEAM <const>, OLD <const> = "900000000000000010", "900000000000000011"

-- Channels "1", "2", … of a type and category, with these numbers.
local function channels(numbers, members)
  local list = {}
  for index, number in ipairs(numbers) do
    local channel = { id = tostring(index), type = 0, parent_id = null, position = number }
    for key, value in pairs(members or {}) do
      channel[key] = value
    end
    list[index] = channel
  end
  return list
end

-- Objects that want these positions for the channels "1", "2", …; false for one without a position.
local function objects(positions, parent)
  local list = {}
  for index, position in ipairs(positions) do
    if position then
      list[#list + 1] = { id = tostring(index), position = position, parent_id = parent }
    end
  end
  return array(list)
end

-- The objects as after an arrangement of which Discord made these numbers; all, or those that are
-- true in `which`.
local function settled(list, numbers, which)
  for index, object in ipairs(list) do
    if not which or which[index] then
      object.placement = { asked = object.position, number = numbers[index] }
    end
  end
  return list
end

local function case(name, held, wanted, moves, placements)
  return {
    name = name,
    call = "arrange",
    spec = { guildId = GUILD },
    objects = wanted,
    discord = { channels = held },
    expect = { result = { moves = moves, placements = placements } },
  }
end

local function moved(id, position)
  return { id = id, position = position, fields = { "position" } }
end

local cases = {
  case("leaves channels in order alone", channels({ 0, 1, 2 }), objects({ 0, 1, 2 }), {}),
  case(
    "puts numbers back that somebody changed, although the order is right",
    channels({ 3, 8, 9 }),
    objects({ 0, 1, 9 }),
    { moved("1", 0), moved("2", 1) }
  ),
  case("puts a lone channel back", channels({ 7, 1, 2 }), objects({ 3 }), { moved("1", 3) }),
  case(
    "rests with the numbers that Discord made of it",
    channels({ 3, 8, 9 }),
    settled(objects({ 0, 1, 2 }), { 3, 8, 9 }),
    {}
  ),
  case(
    "puts a number back that is neither asked for nor what Discord made of it",
    channels({ 3, 6, 9 }),
    settled(objects({ 4, 5, 9 }), { 3, 8, 9 }),
    { moved("2", 5) },
    { ["1"] = { asked = 4, number = 3 }, ["2"] = { asked = 5, number = 6 } }
  ),
  case(
    "asks again for a position that was changed in the spec",
    channels({ 3 }),
    array({ { id = "1", position = 4, placement = { asked = 0, number = 3 } } }),
    { moved("1", 4) }
  ),
  case(
    "gives all their numbers when one that Discord made would be in the way",
    channels({ 2, 9 }),
    settled(objects({ 5, 3 }), { 2, 9 }, { true }),
    { moved("1", 5), moved("2", 3) }
  ),
  case(
    "does not mind channels of others in between, nor where those are put",
    channels({ 10, 11, 20, 23 }),
    objects({ 10, false, 20, false }),
    {}
  ),
  case(
    "gives channels that want one position that one: Discord sorts them by age",
    channels({ 5, 1, 0 }),
    objects({ 5, 5, 5 }),
    { moved("2", 5), moved("3", 5) }
  ),
  case(
    "moves the one that was dragged, to the number that its spec asks for",
    channels({ 9, 1, 2, 3 }),
    objects({ 0, 1, 2, 3 }),
    { moved("1", 0) }
  ),
  case(
    "moves no channel of others",
    channels({ 0, 1, 2, 3 }),
    objects({ 7, false, 5, false }),
    { moved("1", 7), moved("3", 5) }
  ),
  {
    name = "sorts voice channels, categories and the rest each among themselves",
    call = "arrange",
    spec = { guildId = GUILD },
    objects = settled(objects({ 3, 2, 1, 0 }), { 4, 1, 2, 3 }, { false, true, true, true }),
    discord = {
      channels = {
        { id = "1", type = 0, position = 4 },
        { id = "2", type = 2, position = 1 },
        { id = "3", type = 4, position = 2 },
        { id = "4", type = 0, position = 3, parent_id = TEAM },
      },
    },
    expect = { result = { moves = { moved("1", 3) } } },
  },
  {
    name = "lets a channel that was dragged into another category go back with the others",
    call = "arrange",
    spec = { guildId = GUILD },
    objects = objects({ 1, 2, 3 }, TEAM),
    discord = {
      channels = {
        { id = "1", type = 0, position = 8, parent_id = OLD },
        { id = "2", type = 0, position = 2, parent_id = TEAM },
        { id = "3", type = 0, position = 3, parent_id = TEAM },
      },
    },
    expect = {
      result = {
        moves = {
          { id = "1", position = 1, parent_id = TEAM, fields = { "position", "parentId" } },
        },
      },
    },
  },
  {
    name = "takes along one change of category, as many as Discord allows",
    call = "arrange",
    spec = { guildId = GUILD },
    objects = array({
      { id = "1", position = 5 },
      { id = "2", position = 4 },
      { id = "3", position = 3, parent_id = "" },
      { id = "4", position = 3, parent_id = TEAM },
    }),
    discord = {
      channels = {
        { id = "1", type = 0, position = 0 },
        { id = "2", type = 0, position = 4 },
        { id = "3", type = 2, position = 3, parent_id = OLD },
        { id = "4", type = 2, position = 3, parent_id = OLD },
      },
    },
    expect = {
      result = {
        moves = {
          moved("1", 5),
          { id = "3", parent_id = null, fields = { "parentId" } },
        },
      },
    },
  },
  {
    name = "says so when the guild's channels cannot be read",
    call = "arrange",
    spec = { guildId = GUILD },
    objects = objects({ 0, 1 }),
    answers = {
      { effect = "discord.channels", status = 403, code = 50001, message = "Missing Access" },
    },
    expect = { failure = { code = 50001 } },
  },
}

return { rule = "resources.channel", cases = cases }
