-- Cases of channel.lua: drift of each field is found, and repaired by a PATCH of nothing else.
local GUILD <const> = "900000000000000001"
local ID <const> = "900000000000000020"
local ROLE <const> = "900000000000000050"

local FORUM_TAGS <const> = {
  { id = "61", name = "bug", moderated = false, emoji_id = null, emoji_name = "🐛" },
  { id = "62", name = "idea", moderated = true, emoji_id = null, emoji_name = null },
}

local cases = {}

-- `case` has: type, spec and held (members that differ from the default), want and got (of the
-- difference), body (of the PATCH), and field or name.
local function drift(case)
  local spec = { name = "general", type = case.type or 0, guildId = GUILD }
  for key, value in pairs(case.spec) do
    spec[key] = value
  end
  local held = { id = ID, guild_id = GUILD, type = spec.type, name = "general", parent_id = null }
  for key, value in pairs(case.held or {}) do
    held[key] = value
  end
  local label = string.format("%s (type %d)", case.name or case.field, spec.type)
  cases[#cases + 1] = {
    name = "finds drift of " .. label,
    call = "observe",
    spec = spec,
    external_name = ID,
    discord = { channels = { held } },
    expect = { result = { diff = { { field = case.field, want = case.want, got = case.got } } } },
  }
  cases[#cases + 1] = {
    name = "repairs drift of " .. label,
    call = "update",
    spec = spec,
    external_name = ID,
    discord = { channels = { held } },
    expect = { effects = { { method = "PATCH", path = "/channels/" .. ID, body = case.body } } },
  }
end

-- The same set-up without a difference.
local function in_sync(name, case)
  drift(case)
  local made = cases[#cases - 1]
  cases[#cases] = nil
  made.name = name
  made.expect = { result = { exists = true, diff = {} } }
end

drift({
  field = "type",
  spec = { type = 5 },
  held = { type = 0 },
  want = 5,
  got = 0,
  body = { type = 5 },
})
drift({
  field = "name",
  spec = { name = "news" },
  want = "news",
  got = "general",
  body = { name = "news" },
})
drift({
  field = "parentId",
  spec = { parentId = "8" },
  want = "8",
  got = null,
  body = { parent_id = "8" },
})
drift({
  name = "parentId, back to the root",
  field = "parentId",
  spec = { parentId = "" },
  held = { parent_id = "8" },
  want = null,
  got = "8",
  body = { parent_id = null },
})
drift({
  field = "topic",
  spec = { topic = "a" },
  held = { topic = "b" },
  want = "a",
  got = "b",
  body = { topic = "a" },
})
drift({
  name = "topic, to none",
  field = "topic",
  spec = { topic = "" },
  held = { topic = "b" },
  want = null,
  got = "b",
  body = { topic = null },
})
for _, kind in ipairs({ 0, 2, 5, 13, 15, 16 }) do
  drift({
    field = "nsfw",
    type = kind,
    spec = { nsfw = true },
    want = true,
    got = false,
    body = { nsfw = true },
  })
end
drift({
  field = "rateLimitPerUser",
  spec = { rateLimitPerUser = 5 },
  held = { rate_limit_per_user = 0 },
  want = 5,
  got = 0,
  body = { rate_limit_per_user = 5 },
})
drift({
  field = "bitrate",
  type = 2,
  spec = { bitrate = 96000 },
  held = { bitrate = 64000 },
  want = 96000,
  got = 64000,
  body = { bitrate = 96000 },
})
drift({
  field = "userLimit",
  type = 2,
  spec = { userLimit = 0 },
  held = { user_limit = 9 },
  want = 0,
  got = 9,
  body = { user_limit = 0 },
})
drift({
  field = "rtcRegion",
  type = 2,
  spec = { rtcRegion = "" },
  held = { rtc_region = "rotterdam" },
  want = null,
  got = "rotterdam",
  body = { rtc_region = null },
})
drift({
  field = "videoQualityMode",
  type = 13,
  spec = { videoQualityMode = 2 },
  want = 2,
  got = 1,
  body = { video_quality_mode = 2 },
})
drift({
  field = "defaultAutoArchiveDuration",
  spec = { defaultAutoArchiveDuration = 60 },
  held = { default_auto_archive_duration = 1440 },
  want = 60,
  got = 1440,
  body = { default_auto_archive_duration = 60 },
})
drift({
  field = "defaultThreadRateLimitPerUser",
  type = 15,
  spec = { defaultThreadRateLimitPerUser = 10 },
  want = 10,
  got = 0,
  body = { default_thread_rate_limit_per_user = 10 },
})
drift({
  field = "defaultSortOrder",
  type = 15,
  spec = { defaultSortOrder = 1 },
  held = { default_sort_order = null },
  want = 1,
  got = null,
  body = { default_sort_order = 1 },
})
drift({
  field = "defaultForumLayout",
  type = 15,
  spec = { defaultForumLayout = 2 },
  want = 2,
  got = 0,
  body = { default_forum_layout = 2 },
})
drift({
  field = "defaultReactionEmoji",
  type = 15,
  spec = { defaultReactionEmoji = { emojiName = "👍" } },
  held = { default_reaction_emoji = { emoji_id = "5", emoji_name = null } },
  want = { emoji_id = null, emoji_name = "👍" },
  got = { emoji_id = "5" },
  body = { default_reaction_emoji = { emoji_id = null, emoji_name = "👍" } },
})
drift({
  name = "availableTags, keeping the IDs of tags that exist",
  field = "availableTags",
  type = 15,
  spec = { availableTags = { { name = "idea" }, { name = "bug", emojiName = "🐛" } } },
  held = { available_tags = FORUM_TAGS },
  body = {
    available_tags = {
      { id = "62", name = "idea", moderated = false, emoji_id = null, emoji_name = null },
      { id = "61", name = "bug", moderated = false, emoji_id = null, emoji_name = "🐛" },
    },
  },
})
in_sync("tags in another order are the same tags", {
  field = "availableTags",
  type = 16,
  spec = {
    availableTags = { { name = "idea", moderated = true }, { name = "bug", emojiName = "🐛" } },
  },
  held = { available_tags = FORUM_TAGS },
})
drift({
  name = "requireTag, leaving other flags alone",
  field = "flags",
  type = 15,
  spec = { requireTag = true },
  held = { flags = 2 },
  want = 18,
  got = 2,
  body = { flags = 18 },
})
drift({
  name = "permissionOverwrites",
  field = "permissionOverwrites",
  spec = { permissionOverwrites = { { id = ROLE, deny = "SEND_MESSAGES" } } },
  held = { permission_overwrites = { { id = ROLE, type = 0, allow = "0", deny = "0" } } },
  body = { permission_overwrites = { { id = ROLE, type = 0, allow = "0", deny = "2048" } } },
})
drift({
  name = "permissionOverwrites, for a member instead of a role",
  field = "permissionOverwrites",
  spec = { permissionOverwrites = { { id = "7", type = "member", allow = "8" } } },
  held = { permission_overwrites = { { id = "7", type = 0, allow = "8", deny = "0" } } },
  body = { permission_overwrites = { { id = "7", type = 1, allow = "8", deny = "0" } } },
})
drift({
  name = "permissionOverwrites, to none at all",
  field = "permissionOverwrites",
  spec = { permissionOverwrites = array({}) },
  held = { permission_overwrites = { { id = ROLE, type = 0, allow = "8", deny = "0" } } },
  body = { permission_overwrites = array({}) },
})
in_sync("overwrites in another order and another notation are the same", {
  field = "permissionOverwrites",
  spec = {
    permissionOverwrites = {
      { id = "7", type = "1", allow = "CONNECT, SPEAK" },
      { id = ROLE, type = "role", allow = 1024, deny = "2048" },
    },
  },
  held = {
    permission_overwrites = {
      { id = ROLE, type = 0, allow = "1024", deny = "2048" },
      { id = "7", type = 1, allow = "3145728", deny = "0" },
    },
  },
})

return { rule = "resources.channel", cases = cases }
