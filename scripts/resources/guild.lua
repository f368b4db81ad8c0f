-- A Discord guild ("server"). Discord ended the creation of guilds by bots in July 2025 and never
-- let them delete one, so a guild is adopted, kept as the spec says, and released.
local context = require("lib.context")
local diff = require("lib.diff")
local discord = require("lib.discord")
local images = require("lib.images")
local result = require("lib.result")
local snowflake = require("lib.snowflake")

local guild = {
  kind = "Guild",
  group = "guild.discord.crossplane.io",
  version = "v1alpha1",
  plural = "guilds",
  resource_type = "guild",
  adopts = true, -- by name
  references = array({}),
  capabilities = { "discord.read", "discord.write" },
}

local function same_image(want, got, _, ctx)
  return images.same(want, got, context.stored(ctx))
end

local function same_set(want, got)
  local members = {}
  for _, item in ipairs(got or {}) do
    members[item] = true
  end
  for _, item in ipairs(want) do
    if not members[item] then
      return false
    end
    members[item] = nil
  end
  return next(members) == nil
end

-- "" in the spec asks for none.
local function id_or_null(value)
  return value == "" and null or value
end

-- `region` is accepted for manifests of older providers and never used: Discord dropped it.
---@type Field[]
local FIELDS = {
  { field = "name", key = "name" },
  { field = "description", key = "description", to = id_or_null, same = diff.same_text },
  { field = "icon", key = "icon", to = images.desired, same = same_image },
  { field = "verificationLevel", key = "verification_level" },
  { field = "defaultMessageNotifications", key = "default_message_notifications" },
  { field = "explicitContentFilter", key = "explicit_content_filter" },
  { field = "afkChannelId", key = "afk_channel_id", to = id_or_null },
  { field = "afkTimeout", key = "afk_timeout" },
  { field = "systemChannelId", key = "system_channel_id", to = id_or_null },
  { field = "systemChannelFlags", key = "system_channel_flags", absent = 0 },
  { field = "rulesChannelId", key = "rules_channel_id", to = id_or_null },
  { field = "publicUpdatesChannelId", key = "public_updates_channel_id", to = id_or_null },
  { field = "safetyAlertsChannelId", key = "safety_alerts_channel_id", to = id_or_null },
  { field = "preferredLocale", key = "preferred_locale" },
  { field = "premiumProgressBarEnabled", key = "premium_progress_bar_enabled", absent = false },
  { field = "features", key = "features", same = same_set },
}

local AFK_TIMEOUTS <const> =
  { [60] = true, [300] = true, [900] = true, [1800] = true, [3600] = true }

-- The features that can be switched; the others show what Discord gave to the guild.
local SWITCHES <const> =
  { COMMUNITY = true, DISCOVERABLE = true, INVITES_DISABLED = true, RAID_ALERTS_DISABLED = true }

-- Discord takes the whole array: the guild's own features, and of the switches those of the spec.
local function all_features(wanted, observed)
  local features = {}
  for _, name in ipairs(observed.features or {}) do
    if not SWITCHES[name] then
      features[#features + 1] = name
    end
  end
  for _, name in ipairs(wanted) do
    features[#features + 1] = name
  end
  return array(features)
end

local function explain(failure, ctx, action)
  local paths = {}
  for _, field in ipairs(FIELDS) do
    paths[field.key] = field.field
  end
  return require("lib.refusals").explain(failure, {
    what = string.format("guild %q", ctx.spec.forProvider.name),
    action = action,
    guild_id = ctx.external_name,
    permission = "Manage Server",
    paths = paths,
  })
end

--- What the spec asks for, by Discord's keys. A field that is not in the spec is not in the result
--- and stays as it is in Discord.
---@param ctx GuildContext
---@param observed table the guild as Discord holds it
---@return table|nil desired
---@return Failure|nil failure
function guild.desired(ctx, observed)
  local spec, desired = ctx.spec.forProvider, {}
  for _, field in ipairs(FIELDS) do
    local value = spec[field.field]
    if not diff.is_absent(value) then
      if field.to then
        value = field.to(value)
      end
      desired[field.key] = value
    end
  end
  if desired.afk_timeout and not AFK_TIMEOUTS[desired.afk_timeout] then
    return nil, result.invalid("afkTimeout", "Discord accepts 60, 300, 900, 1800 and 3600 seconds")
  end
  -- Discord trims the name.
  desired.name = desired.name and desired.name:match("^%s*(.-)%s*$")
  if desired.features then
    desired.features = all_features(desired.features, observed)
  end
  return desired
end

--- The facts for the status. Nothing that changes by itself belongs here: each change is a write.
---@param ctx GuildContext
---@param observed table
---@param sent string|nil the image whose upload `observed` answers
---@return table
function guild.at_provider(ctx, observed, sent)
  local at_provider = { id = observed.id, name = observed.name, ownerId = observed.owner_id }
  images.note(at_provider, observed.icon, context.stored(ctx), sent)
  return at_provider
end

-- The ID of the only guild of the bot that has the name of the spec.
local function find_by_name(name)
  local guilds, failure = discord.guilds()
  if not guilds then
    return nil, failure
  end
  local ids = {}
  for _, candidate in ipairs(guilds) do
    if candidate.name == name:match("^%s*(.-)%s*$") then
      ids[#ids + 1] = candidate.id
    end
  end
  if #ids == 1 then
    return ids[1]
  end
  if #ids > 1 then
    return nil,
      result.failure({
        reason = "GuildAmbiguous",
        message = string.format(
          "the bot is in %d guilds named %q (%s): set the annotation crossplane.io/external-name "
            .. "to the ID of the one that is meant",
          #ids,
          name,
          table.concat(ids, ", ")
        ),
        retry_after = 300,
      })
  end
  return nil, guild.missing(string.format("the bot is in no guild named %q", name))
end

--- The failure for a guild that does not exist for the bot.
---@param what string
---@return Failure
function guild.missing(what)
  return result.failure({
    reason = "GuildNotFound",
    message = what
      .. ". Bots cannot create guilds since July 2025: create it in Discord and invite the bot; it "
      .. "is adopted by its name, or by its ID in the annotation crossplane.io/external-name",
    retry_after = 60,
  })
end

-- What an update needs to know. Roles, emoji and stickers of a guild can be hundreds of kilobytes.
local function managed_part(observed)
  local part = { id = observed.id }
  for _, field in ipairs(FIELDS) do
    part[field.key] = observed[field.key]
  end
  return part
end

---@param ctx GuildContext
function guild.observe(ctx)
  if context.is_deleting(ctx) then
    -- Releasing needs nothing from Discord, so it works when the guild or the bot is long gone.
    return { exists = true, observed = { id = ctx.external_name } }
  end
  local id = ctx.external_name
  if not id then
    local missing
    id, missing = find_by_name(ctx.spec.forProvider.name)
    if not id then
      return nil, missing
    end
  elseif not snowflake.is(id) then
    return nil, result.invalid_external_name(id, "guild")
  end
  local observed, failure = discord.guild(id)
  if not observed then
    if failure.code == 10004 then
      return nil, guild.missing("the bot is not in guild " .. id)
    end
    return nil, explain(failure, ctx, "read")
  end
  local desired
  desired, failure = guild.desired(ctx, observed)
  if not desired then
    return nil, failure
  end
  return {
    exists = true,
    observed = managed_part(observed),
    diff = diff.compare(FIELDS, desired, observed, ctx),
    at_provider = guild.at_provider(ctx, observed),
    ready = true,
    external_name = id,
  }
end

---@param ctx GuildContext
function guild.create(ctx)
  return nil, guild.missing(string.format("there is no guild named %q", ctx.spec.forProvider.name))
end

---@param ctx GuildContext
function guild.update(ctx, observed)
  local desired, failure = guild.desired(ctx, observed)
  if not desired then
    return nil, failure
  end
  local _, body = diff.compare(FIELDS, desired, observed, ctx)
  if next(body) == nil then
    return {}
  end
  if body.rules_channel_id or body.public_updates_channel_id then
    -- Discord honours these two only next to the COMMUNITY feature.
    body.features = desired.features or observed.features
  end
  local id = ctx.external_name or observed.id
  local updated
  updated, failure = discord.request({ method = "PATCH", path = "/guilds/" .. id, body = body })
  if not updated then
    return nil, explain(failure, ctx, "update")
  end
  return { at_provider = guild.at_provider(ctx, updated, body.icon) }
end

function guild.delete()
  return { released = true }
end

function guild.find()
  return array({})
end

return guild
