-- Cases of role.lua's `arrange` for `provider-discord scripts test`.
local GUILD <const> = "900000000000000001"

-- @everyone and the roles "1", "2", … with these positions.
local function roles(positions)
  local list = { { id = GUILD, name = "@everyone", position = 0 } }
  for index, position in ipairs(positions) do
    list[index + 1] = { id = tostring(index), name = "Role " .. index, position = position }
  end
  return { guild = { id = GUILD, name = "Team", roles = list } }
end

local BOT <const> = "77"

-- Objects that want these positions for the roles "1", "2", …; false for one without a position.
-- `between` has the others between which each was settled, from below.
local function objects(wanted, between)
  local list = {}
  for index, position in ipairs(wanted) do
    if position then
      local object = { id = tostring(index), position = position }
      local place = (between or {})[index]
      if place then
        object.placement = { asked = position, below = place[1], above = place[2] }
      end
      list[#list + 1] = object
    end
  end
  return array(list)
end

local function case(name, held, wanted, moves, between, placements)
  return {
    name = name,
    call = "arrange",
    spec = { guildId = GUILD },
    objects = objects(wanted, between),
    discord = roles(held),
    expect = { result = { moves = moves, placements = placements } },
  }
end

-- The same with the bot's own role, the last of them.
local function below_bot(made)
  local all = made.discord.guild.roles
  all[#all].tags = { bot_id = BOT }
  made.discord.me = { id = BOT }
  return made
end

local function moved(id, position)
  return { id = id, position = position, fields = { "position" } }
end

local function makes_room(id, position)
  return { id = id, position = position, fields = {} }
end

local cases = {
  case("leaves ranks in order alone, whatever their numbers", { 1, 4, 7 }, { 1, 2, 3 }, {}),
  case("does not mind a role that others put in between", { 1, 2, 3 }, { 1, false, 2 }, {}),
  case("ranks the older of two with one position above", { 1, 1 }, { 2, 1 }, {}),
  case("brings new roles, which all have position 1, into order", { 1, 1, 1 }, { 1, 2, 3 }, {
    moved("2", 2),
    moved("3", 3),
  }),
  case("moves the one role that was raised", { 3, 1, 2 }, { 1, 2, 3 }, {
    moved("1", 1),
    makes_room("2", 2),
    makes_room("3", 3),
  }),
  below_bot(
    case("gives a role the rank that is asked for the first time", { 1, 2, 3, 4, 5 }, { 3 }, {
      makes_room("2", 1),
      makes_room("3", 2),
      moved("1", 3),
    })
  ),
  below_bot(
    case("does not ask for a rank from the bot's own upwards", { 1, 2, 3 }, { 3 }, {}, nil, {
      ["1"] = { asked = 3, below = null, above = "2" },
    })
  ),
  case("asks for no rank when it does not know its own", { 1, 2, 3 }, { 3 }, {}),
  case(
    "puts a lone role that was dragged back between the others where it stood",
    { 4, 1, 2, 3, 5 },
    { 1 },
    { moved("1", 1), makes_room("2", 2), makes_room("3", 3), makes_room("4", 4) },
    { { nil, "2" } }
  ),
  case(
    "raises a role that was dragged down, to below the one that it stood below",
    { 1, 2, 3, 4 },
    { 7 },
    { makes_room("2", 1), makes_room("3", 2), moved("1", 3) },
    { { "3", "4" } }
  ),
  case(
    "knows one neighbour when the other is gone",
    { 1, 2, 3, 4 },
    { 7 },
    { makes_room("2", 1), makes_room("3", 2), makes_room("4", 3), moved("1", 4) },
    { { "4", "99" } }
  ),
  case(
    "raises no role when its neighbours have changed places",
    { 1, 2, 3, 4 },
    { 7 },
    {},
    { { "4", "2" } }
  ),
  case(
    "does not mind that somebody made a role below, or one beside it",
    { 4, 1, 2, 3, 5 },
    { 3 },
    {},
    { { "4", "9" } },
    { ["1"] = { asked = 3, below = "4", above = "5" } }
  ),
  case(
    "brings two roles back that were dragged together",
    { 3, 4, 1, 2 },
    { 1, 2 },
    { moved("1", 1), moved("2", 2), makes_room("3", 3), makes_room("4", 4) },
    { { nil, "3" }, { nil, "3" } }
  ),
  {
    name = "never touches @everyone",
    call = "arrange",
    spec = { guildId = GUILD },
    objects = array({ { id = GUILD, position = 9 }, { id = "1", position = 1 } }),
    discord = roles({ 4 }),
    expect = { result = { moves = {} } },
  },
  {
    name = "says so when the guild cannot be read",
    call = "arrange",
    spec = { guildId = GUILD },
    objects = array({ { id = "1", position = 1 } }),
    expect = { failure = { code = 10004 } },
  },
}

return { rule = "resources.role", cases = cases }
