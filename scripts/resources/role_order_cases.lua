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

local function case(name, held, wanted, moves)
  local objects = {}
  for index, position in ipairs(wanted) do
    if position then
      objects[#objects + 1] = { id = tostring(index), position = position }
    end
  end
  return {
    name = name,
    call = "arrange",
    spec = { guildId = GUILD },
    objects = array(objects),
    discord = roles(held),
    expect = { result = { moves = moves } },
  }
end

local function moved(id, position)
  return { id = id, position = position, fields = { "position" } }
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
    { id = "2", position = 2, fields = {} },
    { id = "3", position = 3, fields = {} },
  }),
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
