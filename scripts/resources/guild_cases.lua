-- Cases of guild.lua for `provider-discord scripts test`; docs/writing-rules.md has the format.
local ID <const> = "900000000000000001"
local IMAGE <const> = "data:image/png;base64,iVBORw0KGgo="

-- The guild as Discord answers it, changed by the given members.
local function guild(members)
  local held = {
    id = ID,
    name = "Team",
    owner_id = "7",
    description = null,
    icon = null,
    verification_level = 1,
    default_message_notifications = 1,
    explicit_content_filter = 0,
    afk_channel_id = null,
    afk_timeout = 300,
    system_channel_id = "31",
    system_channel_flags = 0,
    preferred_locale = "en-US",
    region = null,
    features = array({ "NEWS" }),
    roles = { { id = ID, name = "@everyone", permissions = "0" } },
  }
  for key, value in pairs(members or {}) do
    held[key] = value
  end
  return held
end

-- One difference between the spec and what Discord holds is found, and repaired by a PATCH.
local function drift(field, spec, held, want, got, body)
  spec.name = spec.name or "Team"
  return {
    name = "finds drift of " .. field,
    call = "observe",
    spec = spec,
    external_name = ID,
    discord = { guild = guild(held) },
    expect = { result = { exists = true, diff = { { field = field, want = want, got = got } } } },
  }, {
    name = "repairs drift of " .. field .. " and sends nothing else",
    call = "update",
    spec = spec,
    external_name = ID,
    discord = { guild = guild(held) },
    expect = { effects = { { method = "PATCH", path = "/guilds/" .. ID, body = body } } },
  }
end

local cases = {
  {
    name = "adopts a guild by a name that is unique among the bot's guilds",
    call = "observe",
    spec = { name = " Team " },
    discord = {
      guild = guild(),
      guilds = { { id = "5", name = "Other" }, { id = ID, name = "Team" } },
    },
    expect = {
      result = {
        exists = true,
        ready = true,
        external_name = ID,
        diff = {},
        at_provider = { id = ID, name = "Team", ownerId = "7" },
      },
    },
  },
  {
    name = "adopts a guild by its external name whatever it is called",
    call = "observe",
    spec = { name = "Team" },
    external_name = ID,
    discord = { guild = guild({ name = "Old" }) },
    expect = {
      result = { exists = true, diff = { { field = "name", want = "Team", got = "Old" } } },
    },
  },
  {
    name = "refuses to choose between guilds of the same name",
    call = "observe",
    spec = { name = "Team" },
    discord = { guilds = { { id = "5", name = "Team" }, { id = ID, name = "Team" } } },
    expect = {
      failure = { reason = "GuildAmbiguous", message = { "5, " .. ID, "external-name" } },
    },
  },
  {
    name = "says how a missing guild is adopted",
    call = "observe",
    spec = { name = "Team" },
    discord = { guilds = { { id = "5", name = "Other" } } },
    expect = {
      failure = {
        reason = "GuildNotFound",
        message = { "cannot create guilds", "crossplane.io/external-name" },
        retry_after = 60,
      },
    },
  },
  {
    name = "does not take a bot that left the guild for a deleted guild",
    call = "observe",
    spec = { name = "Team" },
    external_name = ID,
    expect = { failure = { reason = "GuildNotFound", message = "not in guild " .. ID } },
  },
  {
    name = "never creates",
    call = "create",
    spec = { name = "Team" },
    expect = { failure = { reason = "GuildNotFound" } },
  },
  {
    name = "refuses an external name that is no ID",
    call = "observe",
    spec = { name = "Team" },
    external_name = "my-team",
    expect = { failure = { reason = "InvalidExternalName", terminal = true } },
  },
  {
    name = "is in sync when all fields agree",
    call = "observe",
    spec = {
      name = "Team",
      description = "",
      region = "us-east",
      verificationLevel = 1,
      defaultMessageNotifications = 1,
      explicitContentFilter = 0,
      afkChannelId = "",
      afkTimeout = 300,
      systemChannelId = "31",
      systemChannelFlags = 0,
      icon = "a_0123456789abcdef0123456789abcdef",
      features = array({}),
    },
    external_name = ID,
    discord = { guild = guild() },
    expect = { result = { exists = true, diff = {} } },
  },
  {
    name = "leaves fields alone that the spec does not name",
    call = "observe",
    spec = { name = "Team" },
    external_name = ID,
    discord = { guild = guild({ verification_level = 4, description = "by hand" }) },
    expect = { result = { diff = {} } },
  },
  {
    name = "refuses a timeout that Discord does not have",
    call = "observe",
    spec = { name = "Team", afkTimeout = 600 },
    external_name = ID,
    discord = { guild = guild() },
    expect = {
      failure = {
        reason = "InvalidSpec",
        field = "spec.forProvider.afkTimeout",
        message = "1800",
        terminal = true,
      },
    },
  },
  {
    name = "uploads an image and remembers what it became",
    call = "update",
    spec = { name = "Team", icon = IMAGE },
    external_name = ID,
    discord = { guild = guild() },
    answers = { { method = "PATCH", body = guild({ icon = "abc" }) } },
    expect = {
      result = { at_provider = { icon = "abc", iconDigest = "4e542fec2e8fdda6" } },
      effects = { { method = "PATCH", body = { icon = IMAGE } } },
    },
  },
  {
    name = "knows the image that it uploaded",
    call = "observe",
    spec = { name = "Team", icon = IMAGE },
    external_name = ID,
    resource = { status = { atProvider = { icon = "abc", iconDigest = "4e542fec2e8fdda6" } } },
    discord = { guild = guild({ icon = "abc" }) },
    expect = {
      result = { diff = {}, at_provider = { icon = "abc", iconDigest = "4e542fec2e8fdda6" } },
    },
  },
  {
    name = "sends the features with the rules channel",
    call = "update",
    spec = { name = "Team", rulesChannelId = "31" },
    external_name = ID,
    discord = { guild = guild({ features = { "COMMUNITY", "NEWS" } }) },
    expect = {
      effects = { { body = { rules_channel_id = "31", features = { "COMMUNITY", "NEWS" } } } },
    },
  },
  {
    name = "says which permission is missing",
    call = "update",
    spec = { name = "New" },
    external_name = ID,
    discord = { guild = guild() },
    answers = { { method = "PATCH", status = 403, code = 50013, message = "Missing Permissions" } },
    expect = {
      effects = { { method = "PATCH", body = { name = "New" } } },
      failure = { reason = "MissingPermissions", message = "Manage Server", retry_after = 300 },
    },
  },
  {
    name = "releases the guild without asking Discord",
    call = "delete",
    spec = { name = "Team" },
    external_name = ID,
    resource = { metadata = { deletionTimestamp = "2026-01-01T00:00:00Z" } },
    expect = { result = { released = true } },
  },
}

local function add(...)
  for _, case in ipairs({ ... }) do
    cases[#cases + 1] = case
  end
end

add(drift("name", { name = "New" }, {}, "New", "Team", { name = "New" }))
add(drift("description", { description = "x" }, {}, "x", null, { description = "x" }))
add(drift("verificationLevel", { verificationLevel = 3 }, {}, 3, 1, { verification_level = 3 }))
add(
  drift(
    "defaultMessageNotifications",
    { defaultMessageNotifications = 0 },
    {},
    0,
    1,
    { default_message_notifications = 0 }
  )
)
add(
  drift(
    "explicitContentFilter",
    { explicitContentFilter = 2 },
    {},
    2,
    0,
    { explicit_content_filter = 2 }
  )
)
add(drift("afkTimeout", { afkTimeout = 60 }, {}, 60, 300, { afk_timeout = 60 }))
add(
  drift("systemChannelId", { systemChannelId = "" }, {}, null, "31", { system_channel_id = null })
)
add(
  drift(
    "features",
    { features = { "INVITES_DISABLED" } },
    { features = { "NEWS", "COMMUNITY" } },
    { "NEWS", "INVITES_DISABLED" },
    { "NEWS", "COMMUNITY" },
    { features = { "NEWS", "INVITES_DISABLED" } }
  )
)

return { rule = "resources.guild", cases = cases }
