-- Cases of channel.lua: what it says when a spec is wrong or Discord refuses.
local GUILD <const> = "900000000000000001"
local ID <const> = "900000000000000020"
local ROLE <const> = "900000000000000050"

local function holding()
  return { channels = { { id = ID, guild_id = GUILD, type = 0, name = "general", topic = null } } }
end

local function spec(members)
  local made = { name = "general", type = 0, guildId = GUILD }
  for key, value in pairs(members or {}) do
    made[key] = value
  end
  return made
end

-- Discord's refusal of the request that the rule makes.
local function refused(status, code, message)
  return { { status = status, code = code, message = message } }
end

local cases = {
  {
    name = "is not taken for gone when it is only hidden from the bot",
    call = "observe",
    spec = spec(),
    external_name = ID,
    answers = {
      { effect = "discord.channel", status = 403, code = 50001, message = "Missing Access" },
    },
    expect = {
      failure = { reason = "MissingAccess", message = "View Channels", retry_after = 300 },
    },
  },
  {
    name = "is not taken for gone when the bot left the guild",
    call = "observe",
    spec = spec(),
    external_name = ID,
    answers = {
      { effect = "discord.channel", status = 404, code = 10004, message = "Unknown Guild" },
    },
    expect = { failure = { reason = "GuildNotFound", retry_after = 300 } },
  },
  {
    name = "names the field of the spec that Discord refuses",
    call = "create",
    spec = spec({ permissionOverwrites = { { id = ROLE, allow = "1" } } }),
    answers = {
      {
        method = "POST",
        status = 400,
        code = 50035,
        message = "Invalid Form Body",
        errors = {
          { path = "permission_overwrites.0.allow", code = "NUMBER_TYPE_COERCE", message = "bad" },
        },
      },
    },
    expect = {
      effects = { { method = "POST" } },
      failure = {
        reason = "InvalidSpec",
        field = "spec.forProvider.permissionOverwrites[0].allow",
        message = "bad (NUMBER_TYPE_COERCE)",
        terminal = true,
      },
    },
  },
  {
    name = "names each of several fields that Discord refuses",
    call = "create",
    spec = spec({ topic = "x" }),
    answers = {
      {
        method = "POST",
        status = 400,
        code = 50035,
        message = "Invalid Form Body",
        errors = {
          { path = "topic", code = "BASE_TYPE_BAD_LENGTH", message = "too long" },
          { path = "default_auto_archive_duration", code = "BASE_TYPE_CHOICES", message = "bad" },
        },
      },
    },
    expect = {
      effects = { { method = "POST" } },
      failure = {
        reason = "InvalidSpec",
        field = "spec.forProvider.topic",
        message = {
          "spec.forProvider.topic: too long (BASE_TYPE_BAD_LENGTH)",
          "spec.forProvider.defaultAutoArchiveDuration: bad (BASE_TYPE_CHOICES)",
        },
      },
    },
  },
  {
    name = "names the overwrite whose permission does not exist",
    call = "create",
    spec = spec({ permissionOverwrites = { { id = ROLE }, { id = "7", deny = "FLY" } } }),
    expect = {
      failure = {
        reason = "InvalidSpec",
        field = "spec.forProvider.permissionOverwrites[1].deny",
        terminal = true,
      },
    },
  },
  {
    name = "refuses a topic that only a forum may have",
    call = "create",
    spec = spec({ topic = string.rep("x", 1025) }),
    expect = { failure = { reason = "InvalidSpec", field = "spec.forProvider.topic" } },
  },
  {
    name = "refuses to turn a text channel into a voice channel",
    call = "observe",
    spec = spec({ type = 2 }),
    external_name = ID,
    discord = holding(),
    expect = {
      failure = { reason = "InvalidSpec", field = "spec.forProvider.type", terminal = true },
    },
  },
  {
    name = "says what to do when the bot lacks a permission",
    call = "create",
    spec = spec(),
    answers = refused(403, 50013, "Missing Permissions"),
    expect = {
      effects = { { method = "POST" } },
      failure = {
        reason = "MissingPermissions",
        message = { 'create channel "general"', "Manage Channels", "guild " .. GUILD },
        retry_after = 300,
      },
    },
  },
  {
    name = "waits long when the guild has no room for another channel",
    call = "create",
    spec = spec(),
    answers = refused(400, 30013, "Maximum number of guild channels reached (500)"),
    expect = {
      effects = { { method = "POST" } },
      failure = { reason = "QuotaExceeded", terminal = true, retry_after = 3600 },
    },
  },
  {
    name = "looks again when the channel vanished under an update",
    call = "update",
    spec = spec({ topic = "x" }),
    external_name = ID,
    discord = holding(),
    answers = refused(404, 10003, "Unknown Channel"),
    expect = {
      effects = { { method = "PATCH" } },
      failure = { reason = "ExternalResourceGone", retry_after = 1 },
    },
  },
  {
    name = "says so when Discord needs the channel",
    call = "delete",
    spec = spec(),
    external_name = ID,
    discord = holding(),
    answers = refused(400, 50074, "Cannot delete a channel required for Community guilds"),
    expect = {
      effects = { { method = "DELETE" } },
      failure = { reason = "NotSupported", message = "required for Community guilds" },
    },
  },
  {
    name = "refuses to move a channel into another guild",
    call = "observe",
    spec = spec({ guildId = "5" }),
    external_name = ID,
    discord = holding(),
    expect = {
      failure = { reason = "InvalidSpec", field = "spec.forProvider.guildId", terminal = true },
    },
  },
  {
    name = "refuses an external name that is no ID",
    call = "observe",
    spec = spec(),
    external_name = "general",
    expect = { failure = { reason = "InvalidExternalName", message = "general", terminal = true } },
  },
  {
    name = "refuses two overwrites for one role",
    call = "create",
    spec = spec({ permissionOverwrites = { { id = ROLE }, { id = ROLE } } }),
    expect = { failure = { field = "spec.forProvider.permissionOverwrites[1].id" } },
  },
}

return { rule = "resources.channel", cases = cases }
