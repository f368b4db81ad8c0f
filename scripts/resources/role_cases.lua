-- Cases of role.lua for `provider-discord scripts test`; docs/writing-rules.md has the format.
local GUILD <const> = "900000000000000001"
local ID <const> = "900000000000000050"
local PATH <const> = "/guilds/" .. GUILD .. "/roles/" .. ID

-- The guild with the role as Discord answers it, changed by the given members.
local function holding(members)
  local role = {
    id = ID,
    name = "Moderator",
    permissions = "1040",
    color = 3447003,
    colors = { primary_color = 3447003, secondary_color = null, tertiary_color = null },
    hoist = true,
    mentionable = false,
    managed = false,
    icon = null,
    unicode_emoji = null,
    position = 4,
  }
  for key, value in pairs(members or {}) do
    role[key] = value
  end
  return {
    guild = {
      id = GUILD,
      name = "Team",
      roles = { { id = GUILD, name = "@everyone", permissions = "1024", position = 0 }, role },
    },
  }
end

-- One difference between the spec and what Discord holds is found, and repaired by a PATCH.
local function drift(field, spec, held, want, got, body)
  spec.name, spec.guildId = spec.name or "Moderator", GUILD
  return {
    name = "finds drift of " .. field,
    call = "observe",
    spec = spec,
    external_name = ID,
    discord = holding(held),
    expect = { result = { exists = true, diff = { { field = field, want = want, got = got } } } },
  }, {
    name = "repairs drift of " .. field .. " and sends nothing else",
    call = "update",
    spec = spec,
    external_name = ID,
    discord = holding(held),
    expect = { effects = { { method = "PATCH", path = PATH, body = body } } },
  }
end

local cases = {
  {
    name = "does not exist without an external name",
    call = "observe",
    spec = { name = "Moderator", guildId = GUILD },
    discord = holding(),
    expect = { result = { exists = false } },
  },
  {
    name = "is gone when the guild's list lacks it",
    call = "observe",
    spec = { name = "Moderator", guildId = GUILD },
    external_name = "77",
    discord = holding(),
    expect = { result = { exists = false } },
  },
  {
    name = "is not taken for gone when the bot left the guild",
    call = "observe",
    spec = { name = "Moderator", guildId = GUILD },
    external_name = ID,
    expect = { failure = { reason = "GuildNotFound", retry_after = 300 } },
  },
  {
    name = "is in sync: permissions by name, colour by hex, position ignored",
    call = "observe",
    spec = {
      name = "Moderator",
      guildId = GUILD,
      permissions = "MANAGE_CHANNELS, View Channel",
      color = "#3498DB",
      hoist = true,
      mentionable = false,
      unicodeEmoji = "",
      position = 9,
    },
    external_name = ID,
    discord = holding({ permissions = "1040" }),
    expect = {
      result = {
        exists = true,
        ready = true,
        diff = {},
        at_provider = { id = ID, name = "Moderator", guildId = GUILD, managed = false },
      },
    },
  },
  {
    name = "leaves fields alone that the spec does not name",
    call = "observe",
    spec = { name = "Moderator", guildId = GUILD },
    external_name = ID,
    discord = holding({ permissions = "8", color = 1, hoist = false }),
    expect = { result = { diff = {} } },
  },
  {
    name = "creates with what the spec says, permissions always among it",
    call = "create",
    spec = { name = "Moderator", guildId = GUILD, color = 3447003, hoist = true, position = 5 },
    answers = { { method = "POST", body = { id = ID, name = "Moderator" } } },
    expect = {
      result = { external_name = ID, at_provider = { id = ID, guildId = GUILD } },
      effects = {
        {
          method = "POST",
          path = "/guilds/" .. GUILD .. "/roles",
          body = { name = "Moderator", color = 3447003, hoist = true, permissions = "0" },
        },
      },
    },
  },
  {
    name = "keeps permission bits beyond 2^53 and without a name",
    call = "create",
    spec = { name = "Moderator", guildId = GUILD, permissions = "18014398509481985" },
    expect = { effects = { { body = { name = "Moderator", permissions = "18014398509481985" } } } },
  },
  {
    name = "refuses a permission that Discord does not have",
    call = "create",
    spec = { name = "Moderator", guildId = GUILD, permissions = "MANAGE_EVERYTHING" },
    expect = {
      failure = {
        reason = "InvalidSpec",
        field = "spec.forProvider.permissions",
        message = "MANAGE_EVERYTHING",
        terminal = true,
      },
    },
  },
  {
    name = "sends a gradient",
    call = "create",
    spec = {
      name = "Moderator",
      guildId = GUILD,
      permissions = 0,
      colors = { primary = "#0000FF", secondary = 16 },
    },
    expect = {
      effects = {
        {
          body = {
            name = "Moderator",
            permissions = "0",
            colors = { primary_color = 255, secondary_color = 16, tertiary_color = null },
          },
        },
      },
    },
  },
  {
    name = "names the field of the spec that Discord refuses",
    call = "create",
    spec = { name = "Moderator", guildId = GUILD, colors = { primary = 1 } },
    answers = {
      {
        method = "POST",
        status = 400,
        code = 50035,
        message = "Invalid Form Body",
        errors = {
          { path = "colors.primary_color", code = "NUMBER_TYPE_MAX", message = "too big" },
        },
      },
    },
    expect = {
      effects = { { method = "POST" } },
      failure = {
        reason = "InvalidSpec",
        field = "spec.forProvider.colors.primary",
        message = "too big (NUMBER_TYPE_MAX)",
        terminal = true,
      },
    },
  },
  {
    name = "waits long when the guild has no room for another role",
    call = "create",
    spec = { name = "Moderator", guildId = GUILD },
    answers = { { status = 400, code = 30005, message = "Maximum number of guild roles reached" } },
    expect = {
      effects = { { method = "POST" } },
      failure = { reason = "QuotaExceeded", terminal = true, retry_after = 3600 },
    },
  },
  {
    name = "says what to do when the bot ranks too low",
    call = "update",
    spec = { name = "Moderator", guildId = GUILD, hoist = false },
    external_name = ID,
    discord = holding(),
    answers = { { method = "PATCH", status = 403, code = 50013, message = "Missing Permissions" } },
    expect = {
      effects = { { method = "PATCH", body = { hoist = false } } },
      failure = {
        reason = "MissingPermissions",
        message = { "Manage Roles", "guild " .. GUILD, "above every role" },
        retry_after = 300,
      },
    },
  },
  {
    name = "deletes",
    call = "delete",
    spec = { name = "Moderator", guildId = GUILD },
    external_name = ID,
    discord = holding(),
    expect = { effects = { { method = "DELETE", path = PATH } } },
  },
  {
    name = "is deleted although its spec became invalid and its guild object is gone",
    call = "delete",
    spec = { name = "Moderator", permissions = "NONSENSE" },
    external_name = ID,
    resource = {
      metadata = { deletionTimestamp = "2026-01-01T00:00:00Z" },
      status = { atProvider = { guildId = GUILD } },
    },
    discord = holding(),
    expect = { effects = { { method = "DELETE" } } },
  },
  {
    name = "counts a role that somebody else deleted as deleted",
    call = "delete",
    spec = { name = "Moderator", guildId = GUILD },
    external_name = ID,
    discord = holding(),
    answers = { { method = "DELETE", status = 404, code = 10011, message = "Unknown Role" } },
    expect = { effects = { { method = "DELETE" } } },
  },
  {
    name = "releases the role of an integration",
    call = "delete",
    spec = { name = "Moderator", guildId = GUILD },
    external_name = ID,
    discord = holding({ managed = true }),
    expect = { result = { released = true } },
  },
  {
    name = "finds the role that an interrupted create made, and no older one",
    call = "find",
    spec = { name = "Moderator", guildId = GUILD },
    created_after = "900000000000000040",
    discord = holding(),
    expect = { result = { ID } },
  },
  {
    name = "finds nothing among older roles",
    call = "find",
    spec = { name = "Moderator", guildId = GUILD },
    created_after = "1000000000000000000",
    discord = holding(),
    expect = { result = {} },
  },
}

local function add(...)
  for _, case in ipairs({ ... }) do
    cases[#cases + 1] = case
  end
end

add(drift("name", { name = "Mod" }, {}, "Mod", "Moderator", { name = "Mod" }))
add(drift("permissions", { permissions = "8" }, {}, "8", "1040", { permissions = "8" }))
add(drift("color", { color = 0 }, {}, 0, 3447003, { color = 0 }))
add(drift("hoist", { hoist = false }, {}, false, true, { hoist = false }))
add(drift("mentionable", { mentionable = true }, {}, true, false, { mentionable = true }))
add(drift("unicodeEmoji", { unicodeEmoji = "🔥" }, {}, "🔥", null, { unicode_emoji = "🔥" }))

return { rule = "resources.role", cases = cases }
