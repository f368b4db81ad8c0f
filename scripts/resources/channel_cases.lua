-- Cases of channel.lua for `provider-discord scripts test`; docs/writing-rules.md has the format.
-- Drift of each field is in channel_drift_cases.lua, refusals in channel_failure_cases.lua.
local GUILD <const> = "900000000000000001"
local CATEGORY <const> = "900000000000000010"
local ID <const> = "900000000000000020"
local ROLE <const> = "900000000000000050"
local CREATE <const> = "/guilds/" .. GUILD .. "/channels"
local DELETION <const> = { metadata = { deletionTimestamp = "2026-01-01T00:00:00Z" } }

-- A text channel as Discord answers it, changed by the given members.
local function holding(members)
  local channel = {
    id = ID,
    guild_id = GUILD,
    type = 0,
    name = "general",
    topic = null,
    parent_id = CATEGORY,
    position = 3,
    nsfw = false,
    rate_limit_per_user = 0,
    last_message_id = "900000000000000099",
    flags = 0,
    permission_overwrites = array({}),
  }
  for key, value in pairs(members or {}) do
    channel[key] = value
  end
  return { channels = { { id = CATEGORY, type = 4, name = "Team" }, channel } }
end

local function spec(members)
  local made = { name = "general", type = 0, guildId = GUILD }
  for key, value in pairs(members or {}) do
    made[key] = value
  end
  return made
end

local cases = {
  {
    name = "does not exist without an external name",
    call = "observe",
    spec = spec(),
    discord = holding(),
    expect = { result = { exists = false } },
  },
  {
    name = "is gone when Discord does not know its ID",
    call = "observe",
    spec = spec(),
    external_name = "77",
    discord = holding(),
    expect = { result = { exists = false } },
  },
  {
    name = "is in sync, and keeps what changes by itself out of the status",
    call = "observe",
    spec = spec({
      topic = "",
      parentId = CATEGORY,
      nsfw = false,
      rateLimitPerUser = 0,
      position = 9,
    }),
    external_name = ID,
    discord = holding(),
    expect = {
      result = {
        exists = true,
        ready = true,
        diff = {},
        at_provider = {
          id = ID,
          guildId = GUILD,
          name = "general",
          type = 0,
          parentId = CATEGORY,
          lastMessageId = null,
          position = null,
        },
      },
    },
  },
  {
    name = "leaves fields alone that the spec does not name",
    call = "observe",
    spec = spec(),
    external_name = ID,
    discord = holding({
      topic = "by hand",
      nsfw = true,
      permission_overwrites = { { id = ROLE, type = 0, allow = "8", deny = "0" } },
    }),
    expect = { result = { diff = {} } },
  },
  {
    name = "ignores fields that the type does not have",
    call = "observe",
    spec = spec({ bitrate = 64000, userLimit = 5, defaultForumLayout = 1, requireTag = true }),
    external_name = ID,
    discord = holding(),
    expect = { result = { diff = {} } },
  },
  {
    name = "takes Discord's form of a text channel's name for the name",
    call = "observe",
    spec = spec({ name = "Élodie's  Night’s Shift" }),
    external_name = ID,
    discord = holding({ name = "élodies-nights-shift" }),
    expect = { result = { diff = {}, at_provider = { requestedName = null } } },
  },
  {
    name = "sees a changed letter case in a voice channel's name",
    call = "observe",
    spec = spec({ name = "Lobby", type = 2 }),
    external_name = ID,
    discord = holding({ name = "lobby", type = 2 }),
    expect = { result = { diff = { { field = "name", want = "Lobby", got = "lobby" } } } },
  },
  {
    name = "takes another kind of space in a voice channel's name for a space",
    call = "observe",
    spec = spec({ name = "The Lobby", type = 2 }),
    external_name = ID,
    discord = holding({ name = "The\u{2005}Lobby", type = 2 }),
    expect = { result = { diff = {} } },
  },
  {
    name = "remembers a name that Discord changed in a way nobody foresaw",
    call = "create",
    spec = spec({ name = "a@b" }),
    answers = { { method = "POST", status = 201, body = { id = ID, name = "ab", type = 0 } } },
    expect = {
      result = {
        at_provider = { name = "ab", requestedName = "a@b" },
        observation = { exists = true, ready = true, diff = {}, at_provider = { name = "ab" } },
      },
      effects = { { method = "POST", body = { name = "a@b", type = 0 } } },
    },
  },
  {
    name = "does not send that name again",
    call = "observe",
    spec = spec({ name = "a@b" }),
    external_name = ID,
    resource = { status = { atProvider = { name = "ab", requestedName = "a@b" } } },
    discord = holding({ name = "ab" }),
    expect = { result = { diff = {}, at_provider = { requestedName = "a@b" } } },
  },
  {
    name = "creates with everything in one request, overwrites and position among it",
    call = "create",
    spec = spec({
      topic = "hello",
      parentId = CATEGORY,
      position = 2,
      permissionOverwrites = {
        { id = "@everyone", deny = "VIEW_CHANNEL" },
        { id = ROLE, type = "role", allow = "VIEW_CHANNEL,SEND_MESSAGES" },
        { id = "7", type = "member", allow = 1024, deny = "18446744073709551614" },
      },
    }),
    expect = {
      result = { external_name = "1000000000000000000", at_provider = { guildId = GUILD } },
      effects = {
        {
          method = "POST",
          path = CREATE,
          body = {
            name = "general",
            type = 0,
            topic = "hello",
            parent_id = CATEGORY,
            position = 2,
            permission_overwrites = {
              { id = GUILD, type = 0, allow = "0", deny = "1024" },
              { id = ROLE, type = 0, allow = "3072", deny = "0" },
              { id = "7", type = 1, allow = "1024", deny = "18446744073709551614" },
            },
          },
        },
      },
    },
  },
  {
    name = "creates a voice channel with the fields of its type only",
    call = "create",
    spec = spec({ type = 2, bitrate = 64000, userLimit = 5, rtcRegion = "", topic = "ignored" }),
    expect = {
      effects = {
        { body = { name = "general", type = 2, bitrate = 64000, user_limit = 5 } },
      },
    },
  },
  {
    name = "sends nothing when nothing differs",
    call = "update",
    spec = spec(),
    external_name = ID,
    discord = holding(),
    expect = { result = {} },
  },
  {
    name = "deletes although its spec became invalid and its guild object is gone",
    call = "delete",
    spec = { name = "general", type = 2 },
    external_name = ID,
    resource = DELETION,
    answers = { { method = "GET", path = "/channels/" .. ID, body = { id = ID, type = 0 } } },
    expect = { effects = { { method = "DELETE", path = "/channels/" .. ID } } },
  },
  {
    name = "counts a channel that somebody else deleted as deleted",
    call = "delete",
    spec = spec(),
    external_name = ID,
    resource = DELETION,
    discord = holding(),
    answers = { { status = 404, code = 10003, message = "Unknown Channel" } },
    expect = { effects = { { method = "DELETE" } } },
  },
  {
    name = "finds what an interrupted create made, by type, parent and name",
    call = "find",
    spec = spec({ name = "General", parentId = CATEGORY }),
    created_after = "900000000000000015",
    discord = holding(),
    expect = { result = { ID } },
  },
  {
    name = "finds nothing under another parent, of another type or from before",
    call = "find",
    spec = spec(),
    created_after = "900000000000000015",
    discord = holding(),
    expect = { result = {} },
  },
  {
    name = "finds nothing of another type",
    call = "find",
    spec = spec({ type = 2, parentId = CATEGORY }),
    discord = holding(),
    expect = { result = {} },
  },
  {
    name = "adopts a channel by its ID and says what it would change",
    call = "observe",
    spec = spec({ topic = "ours" }),
    external_name = ID,
    discord = holding({ topic = "theirs" }),
    expect = { result = { diff = { { field = "topic", want = "ours", got = "theirs" } } } },
  },
}

return { rule = "resources.channel", cases = cases }
