-- The fields of a channel: which types have them, how the spec's value becomes Discord's, and how
-- the two are compared. For other types Discord ignores a field, and so do the rules.
--
-- `position` is missing on purpose: Discord renumbers channels when others are moved, so a mere
-- comparison of the numbers would never come to rest. See lib.order.
local context = require("lib.context")
local diff = require("lib.diff")
local names = require("lib.names")
local result = require("lib.result")

local channel_fields = {}

local TEXT <const>, VOICE <const>, CATEGORY <const>, NEWS <const> = 0, 2, 4, 5
local STAGE <const>, FORUM <const>, MEDIA <const> = 13, 15, 16

local function types(...)
  local set = {}
  for _, kind in ipairs({ ... }) do
    set[kind] = true
  end
  return set
end

local ALL <const> = types(TEXT, VOICE, CATEGORY, NEWS, STAGE, FORUM, MEDIA)
local IN_CATEGORY <const> = types(TEXT, VOICE, NEWS, STAGE, FORUM, MEDIA)
local WITH_TOPIC <const> = types(TEXT, NEWS, FORUM, MEDIA)
local THREADED <const> = types(TEXT, FORUM, MEDIA)
local SPOKEN <const> = types(VOICE, STAGE)
local POSTS <const> = types(FORUM, MEDIA)

-- "" in the spec asks for none.
local function text_or_null(value)
  return value == "" and null or value
end

local function same_name(want, got, observed, ctx)
  return channel_fields.is_name(want, got, observed.type, ctx)
end

-- lib.overwrites and lib.tags are loaded where they are needed: most channels use neither.
local function to_overwrites(list, ctx)
  local parsed, place, problem = require("lib.overwrites").parse(list, context.guild_id(ctx))
  if not parsed then
    return nil, result.invalid("permissionOverwrites" .. place, problem)
  end
  return parsed
end

local function same_overwrites(want, got)
  return require("lib.overwrites").same(want, got)
end

local function to_emoji(value)
  return require("lib.tags").emoji(value)
end

local function same_emoji(want, got)
  return require("lib.tags").same_emoji(want, got)
end

local function to_tags(list, _, observed)
  return require("lib.tags").desired(list, observed and observed.available_tags)
end

local function same_tags(want, got)
  return require("lib.tags").same(want, got)
end

---@class ChannelField : Field
---@field types table<integer, boolean> the types of channel that have the field
---@field create? table<integer, boolean> those that take it at creation, where that differs
---@field to? fun(value: any, ctx: table, observed: table|nil): any, Failure|nil

---@type ChannelField[]
channel_fields.list = {
  { field = "type", key = "type", types = ALL },
  { field = "name", key = "name", types = ALL, same = same_name },
  { field = "parentId", key = "parent_id", types = IN_CATEGORY, to = text_or_null },
  { field = "topic", key = "topic", types = WITH_TOPIC, to = text_or_null, same = diff.same_text },
  {
    field = "nsfw",
    key = "nsfw",
    types = IN_CATEGORY,
    create = types(TEXT, VOICE, NEWS, STAGE, FORUM),
    absent = false,
  },
  {
    field = "rateLimitPerUser",
    key = "rate_limit_per_user",
    types = types(TEXT, VOICE, STAGE, FORUM, MEDIA),
    absent = 0,
  },
  { field = "bitrate", key = "bitrate", types = SPOKEN },
  { field = "userLimit", key = "user_limit", types = SPOKEN, absent = 0 },
  { field = "rtcRegion", key = "rtc_region", types = SPOKEN, to = text_or_null },
  { field = "videoQualityMode", key = "video_quality_mode", types = SPOKEN, absent = 1 },
  {
    field = "defaultAutoArchiveDuration",
    key = "default_auto_archive_duration",
    types = WITH_TOPIC,
  },
  {
    field = "defaultThreadRateLimitPerUser",
    key = "default_thread_rate_limit_per_user",
    types = THREADED,
    create = types(TEXT, NEWS, FORUM, MEDIA),
    absent = 0,
  },
  { field = "defaultSortOrder", key = "default_sort_order", types = POSTS },
  {
    field = "defaultForumLayout",
    key = "default_forum_layout",
    types = types(FORUM),
    absent = 0,
  },
  {
    field = "defaultReactionEmoji",
    key = "default_reaction_emoji",
    types = POSTS,
    to = to_emoji,
    same = same_emoji,
  },
  {
    field = "availableTags",
    key = "available_tags",
    types = POSTS,
    to = to_tags,
    same = same_tags,
  },
  -- Made of the switches below; no field of the spec has this name.
  { field = "flags", key = "flags", types = types(), absent = 0 },
  {
    field = "permissionOverwrites",
    key = "permission_overwrites",
    types = ALL,
    to = to_overwrites,
    same = same_overwrites,
  },
}

-- Switches of the spec that Discord keeps in one number, and takes in PATCH only.
local FLAGS <const> = {
  { field = "requireTag", bit = 1 << 4, types = POSTS },
  { field = "hideMediaDownloadOptions", bit = 1 << 15, types = types(MEDIA) },
}

--- Whether Discord's name is the one of the spec: by the rules that are known (lib.names), or
--- because the status says that Discord made this very name of that very one.
---@param want string
---@param got string
---@param channel_type integer
---@param ctx table
---@return boolean
function channel_fields.is_name(want, got, channel_type, ctx)
  local stored = context.stored(ctx)
  return names.same(want, got, channel_type)
    or (stored.requestedName == want and stored.name == got)
end

local function flags_of(spec, kind, observed)
  local flags, is_managed = observed.flags, false
  if diff.is_absent(flags) then
    flags = 0
  end
  for _, flag in ipairs(FLAGS) do
    local value = spec[flag.field]
    if not diff.is_absent(value) and flag.types[kind] then
      is_managed = true
      flags = value and flags | flag.bit or flags & ~flag.bit
    end
  end
  return is_managed and flags or nil
end

-- Limits that depend on the type, so that the schema cannot state them.
local function problem_of(spec, kind, observed)
  if WITH_TOPIC[kind] and not POSTS[kind] and (utf8.len(spec.topic or "") or 0) > 1024 then
    return result.invalid("topic", "at most 1024 characters, except in forum and media channels")
  end
  if kind == VOICE and (spec.userLimit or 0) > 99 then
    return result.invalid("userLimit", "at most 99 in a voice channel")
  end
  local is = observed and observed.type or kind
  local is_switch = (is == TEXT and kind == NEWS) or (is == NEWS and kind == TEXT)
  if is ~= kind and not is_switch then
    return result.invalid(
      "type",
      string.format(
        "Discord cannot turn a channel of type %d into one of type %d (only 0 and 5 into each "
          .. "other): set it back, or delete this object and apply it again",
        is,
        kind
      )
    )
  end
  return nil
end

--- What the spec asks for, by Discord's keys. A field that is not in the spec is not in the result
--- and stays as it is in Discord.
---@param ctx table
---@param observed table|nil the channel as Discord holds it; nil when it is about to be created
---@return table|nil desired
---@return Failure|nil failure
function channel_fields.desired(ctx, observed)
  local spec = ctx.spec.forProvider
  local kind = spec.type or TEXT
  local failure = problem_of(spec, kind, observed)
  if failure then
    return nil, failure
  end
  local desired = {}
  for _, field in ipairs(channel_fields.list) do
    local value = spec[field.field]
    local having = not observed and field.create or field.types
    if not diff.is_absent(value) and having[kind] then
      if field.to then
        value, failure = field.to(value, ctx, observed)
        if failure then
          return nil, failure
        end
      end
      desired[field.key] = value
    end
  end
  desired.flags = observed and flags_of(spec, kind, observed)
  return desired
end

--- Discord's keys, with the fields of the spec that they are, for error messages.
---@return table<string, string>
function channel_fields.paths()
  local paths = {}
  for _, field in ipairs(channel_fields.list) do
    paths[field.key] = field.field
  end
  return paths
end

return channel_fields
