-- Permission sets: 64 bits that Discord writes as decimal text. Bits that have no name here pass
-- through unchanged, so a permission that Discord adds tomorrow is not lost.
local decimal = require("lib.decimal")

local permissions = {}

-- Names by bit, from Discord's documentation of permissions; bit 47 is retired.
local NAMES <const> = {
  [0] = "CREATE_INSTANT_INVITE",
  "KICK_MEMBERS",
  "BAN_MEMBERS",
  "ADMINISTRATOR",
  "MANAGE_CHANNELS",
  "MANAGE_GUILD",
  "ADD_REACTIONS",
  "VIEW_AUDIT_LOG",
  "PRIORITY_SPEAKER",
  "STREAM",
  "VIEW_CHANNEL",
  "SEND_MESSAGES",
  "SEND_TTS_MESSAGES",
  "MANAGE_MESSAGES",
  "EMBED_LINKS",
  "ATTACH_FILES",
  "READ_MESSAGE_HISTORY",
  "MENTION_EVERYONE",
  "USE_EXTERNAL_EMOJIS",
  "VIEW_GUILD_INSIGHTS",
  "CONNECT",
  "SPEAK",
  "MUTE_MEMBERS",
  "DEAFEN_MEMBERS",
  "MOVE_MEMBERS",
  "USE_VAD",
  "CHANGE_NICKNAME",
  "MANAGE_NICKNAMES",
  "MANAGE_ROLES",
  "MANAGE_WEBHOOKS",
  "MANAGE_GUILD_EXPRESSIONS",
  "USE_APPLICATION_COMMANDS",
  "REQUEST_TO_SPEAK",
  "MANAGE_EVENTS",
  "MANAGE_THREADS",
  "CREATE_PUBLIC_THREADS",
  "CREATE_PRIVATE_THREADS",
  "USE_EXTERNAL_STICKERS",
  "SEND_MESSAGES_IN_THREADS",
  "USE_EMBEDDED_ACTIVITIES",
  "MODERATE_MEMBERS",
  "VIEW_CREATOR_MONETIZATION_ANALYTICS",
  "USE_SOUNDBOARD",
  "CREATE_GUILD_EXPRESSIONS",
  "CREATE_EVENTS",
  "USE_EXTERNAL_SOUNDS",
  "SEND_VOICE_MESSAGES",
  [48] = "SET_VOICE_CHANNEL_STATUS",
  [49] = "SEND_POLLS",
  [50] = "USE_EXTERNAL_APPS",
  [51] = "PIN_MESSAGES",
  [52] = "BYPASS_SLOWMODE",
}

-- How a name is looked up: "MANAGE_CHANNELS", "Manage Channels" and "ManageChannels" are one.
local function folded(name)
  return (name:gsub("[%s_%-]", ""):upper())
end

local bits_by_name

local function bit_of(name)
  if not bits_by_name then
    bits_by_name = {}
    for bit, known in pairs(NAMES) do
      bits_by_name[folded(known)] = bit
    end
  end
  local wanted = folded(name)
  local unnamed = tonumber(wanted:match("^BIT(%d%d?)$"))
  if unnamed and unnamed < 64 then
    return unnamed
  end
  return bits_by_name[wanted]
end

local function parse_names(list)
  local bits = 0
  for _, name in ipairs(list) do
    local bit = type(name) == "string" and bit_of(name)
    if not bit then
      return nil,
        string.format("%q is no permission that Discord has (for instance MANAGE_CHANNELS)", name)
    end
    bits = bits | (1 << bit)
  end
  return bits
end

--- The set as an integer of 64 bits.
--- Accepts a number, its decimal text, an array of names, or names in one text with commas.
---@param value integer|string|string[]
---@return integer|nil bits
---@return string|nil problem
function permissions.parse(value)
  if math.type(value) == "integer" then
    return value
  end
  if type(value) == "table" then
    return parse_names(value)
  end
  if type(value) ~= "string" then
    return nil, "a permission set is a number, its decimal text, or names"
  end
  if value:find("^%s*%d+%s*$") then
    local bits = decimal.parse(value:match("%d+"))
    if not bits then
      return nil, value .. " has more than 64 bits"
    end
    return bits
  end
  local list = {}
  for name in value:gmatch("[^,|]+") do
    name = name:match("^%s*(.-)%s*$")
    if name ~= "" then
      list[#list + 1] = name
    end
  end
  return parse_names(list)
end

--- The set as Discord writes it: "1024".
---@param bits integer
---@return string
function permissions.text(bits)
  return decimal.text(bits)
end

--- The set as people read it, lowest bit first; a bit without a name is "BIT_53".
---@param bits integer
---@return string[]
function permissions.names(bits)
  local list = {}
  for bit = 0, 63 do
    if bits & (1 << bit) ~= 0 then
      list[#list + 1] = NAMES[bit] or "BIT_" .. bit
    end
  end
  return array(list)
end

--- Whether two sets, each in any accepted form, hold the same permissions.
---@param want any
---@param got any
---@return boolean
function permissions.same(want, got)
  local left, right = permissions.parse(want), permissions.parse(got)
  return left ~= nil and left == right
end

return permissions
