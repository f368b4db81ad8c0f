-- A role of a guild. @everyone is the role whose ID is the guild's: it can be adopted and its
-- permissions changed, but it is neither created nor deleted.
local colors = require("lib.colors")
local context = require("lib.context")
local diff = require("lib.diff")
local discord = require("lib.discord")
local images = require("lib.images")
local permissions = require("lib.permissions")
local result = require("lib.result")
local snowflake = require("lib.snowflake")

local role = {
  kind = "Role",
  group = "role.discord.crossplane.io",
  version = "v1alpha1",
  plural = "roles",
  resource_type = "role",
  audit_action = 30, -- ROLE_CREATE
  references = {
    {
      field = "guildId",
      ref = "guildIdRef",
      selector = "guildIdSelector",
      kind = "Guild",
      required = true,
    },
  },
  capabilities = { "discord.read", "discord.write" },
}

local function same_image(want, got, _, ctx)
  return images.same(want, got, context.stored(ctx))
end

-- `color` is the older way to write colors.primary; Discord answers both.
local function same_color(want, got, observed)
  return want == (diff.is_absent(got) and (observed.colors or {}).primary_color or got)
end

-- `position` is missing on purpose: neither POST nor PATCH of a role knows it. See `arrange`.
---@type Field[]
local FIELDS = {
  { field = "name", key = "name" },
  { field = "permissions", key = "permissions", same = permissions.same },
  { field = "color", key = "color", same = same_color },
  { field = "colors", key = "colors" },
  { field = "hoist", key = "hoist", absent = false },
  { field = "mentionable", key = "mentionable", absent = false },
  { field = "icon", key = "icon", same = same_image },
  { field = "unicodeEmoji", key = "unicode_emoji", same = diff.same_text },
}

-- What Discord's keys are called in the spec, where it is not the name of the field.
local PATHS <const> = {
  ["colors.primary_color"] = "colors.primary",
  ["colors.secondary_color"] = "colors.secondary",
  ["colors.tertiary_color"] = "colors.tertiary",
}

local function explain(failure, ctx, action)
  local paths = {}
  for key, path in pairs(PATHS) do
    paths[key] = path
  end
  for _, field in ipairs(FIELDS) do
    paths[field.key] = field.field
  end
  local spec = ctx.spec.forProvider
  return require("lib.refusals").explain(failure, {
    what = string.format("role %q", spec.name),
    action = action,
    guild_id = context.guild_id(ctx),
    permission = "Manage Roles",
    paths = paths,
  })
end

--- What the spec asks for, by Discord's keys. A field that is not in the spec is not in the result
--- and stays as it is in Discord.
---@param ctx RoleContext
---@return table|nil desired
---@return Failure|nil failure
function role.desired(ctx)
  local spec = ctx.spec.forProvider
  local desired = { hoist = spec.hoist, mentionable = spec.mentionable }
  local problem
  if not diff.is_absent(spec.permissions) then
    local bits
    bits, problem = permissions.parse(spec.permissions)
    if not bits then
      return nil, result.invalid("permissions", problem)
    end
    desired.permissions = permissions.text(bits)
  end
  if ctx.external_name and ctx.external_name == context.guild_id(ctx) then
    return { permissions = desired.permissions }
  end
  if spec.name == "@everyone" then
    return nil,
      result.invalid(
        "name",
        string.format(
          "every guild has one role of that name and cannot have another: to manage it, set the "
            .. "annotation crossplane.io/external-name to the guild's ID, %s",
          context.guild_id(ctx)
        )
      )
  end
  desired.name = spec.name
  if not diff.is_absent(spec.colors) then
    desired.colors, problem = colors.of_role(spec.colors)
    if not desired.colors then
      return nil, problem
    end
  elseif not diff.is_absent(spec.color) then
    desired.color, problem = colors.parse(spec.color)
    if not desired.color then
      return nil, result.invalid("color", problem)
    end
  end
  if not diff.is_absent(spec.icon) then
    desired.icon = images.desired(spec.icon)
  end
  if not diff.is_absent(spec.unicodeEmoji) then
    desired.unicode_emoji = spec.unicodeEmoji == "" and null or spec.unicodeEmoji
  end
  return desired
end

--- The facts for the status. Nothing that changes by itself belongs here: each change is a write.
---@param ctx RoleContext
---@param observed table
---@param sent string|nil the image whose upload `observed` answers
---@return table
function role.at_provider(ctx, observed, sent)
  local at_provider = {
    id = observed.id,
    name = observed.name,
    guildId = context.guild_id(ctx),
    managed = observed.managed or false,
  }
  images.note(at_provider, observed.icon, context.stored(ctx), sent)
  return at_provider
end

---@param ctx RoleContext
---@param answer table|nil what Discord answered to `create` a moment ago: nobody need ask again
function role.observe(ctx, answer)
  local id = ctx.external_name
  if not id then
    return { exists = false }
  end
  if not snowflake.is(id) then
    return nil, result.invalid_external_name(id, "role")
  end
  local guild_id = context.guild_id(ctx)
  if not guild_id then
    return nil, result.invalid("guildId", "the guild of the role is not known")
  end
  local observed, failure = answer, nil
  if not observed then
    observed, failure = discord.role(guild_id, id)
  end
  if not observed then
    if failure.code == 10011 then
      return { exists = false }
    end
    return nil, explain(failure, ctx, "read")
  end
  if context.is_deleting(ctx) then
    return { exists = true, observed = observed }
  end
  local desired
  desired, failure = role.desired(ctx)
  if not desired then
    return nil, failure
  end
  return {
    exists = true,
    observed = observed,
    diff = diff.compare(FIELDS, desired, observed, ctx),
    at_provider = role.at_provider(ctx, observed),
    ready = true,
  }
end

-- As shipped: a rule that has put another in its place is asked by that one.
local observe = role.observe

---@param ctx RoleContext
function role.create(ctx)
  local body, failure = role.desired(ctx)
  if not body then
    return nil, failure
  end
  -- Without this key a new role gets all permissions of @everyone.
  body.permissions = body.permissions or "0"
  for key, value in pairs(body) do
    if value == null then
      body[key] = nil
    end
  end
  local guild_id = context.guild_id(ctx)
  local created
  created, failure =
    discord.request({ method = "POST", path = "/guilds/" .. guild_id .. "/roles", body = body })
  if not created then
    return nil, explain(failure, ctx, "create")
  end
  local at_provider = role.at_provider(ctx, created, body.icon)
  local known = role.observe == observe and observe or nil
  return {
    external_name = created.id,
    at_provider = at_provider,
    observation = context.first_look(known, ctx, created, at_provider),
  }
end

---@param ctx RoleContext
function role.update(ctx, observed)
  local desired, failure = role.desired(ctx)
  if not desired then
    return nil, failure
  end
  local _, body = diff.compare(FIELDS, desired, observed, ctx)
  if next(body) == nil then
    return {}
  end
  local path = string.format("/guilds/%s/roles/%s", context.guild_id(ctx), ctx.external_name)
  local updated
  updated, failure = discord.request({ method = "PATCH", path = path, body = body })
  if not updated then
    return nil, explain(failure, ctx, "update")
  end
  return { at_provider = role.at_provider(ctx, updated, body.icon) }
end

---@param ctx RoleContext
function role.delete(ctx, observed)
  local guild_id = context.guild_id(ctx)
  if ctx.external_name == guild_id or observed.managed then
    -- Discord lets nobody delete @everyone or the role of an integration: leave it as it is.
    return { released = true }
  end
  local path = string.format("/guilds/%s/roles/%s", guild_id, ctx.external_name)
  local deleted, failure = discord.request({ method = "DELETE", path = path })
  if not deleted and failure.code ~= 10011 then
    return nil, explain(failure, ctx, "delete")
  end
  return {}
end

--- The ranks of a guild's roles: called once for all objects that give a position, whose moves the
--- engine sends as one request.
---@param ctx ArrangeContext
function role.arrange(ctx)
  local guild_id = context.guild_id(ctx)
  local guild, failure = discord.guild(guild_id)
  if not guild then
    return nil, failure
  end
  -- Loaded here: the other functions have no use for it.
  local moves, placements = require("lib.ranks").roles(guild.roles, ctx.objects, guild_id)
  return { moves = moves, placements = placements }
end

---@param ctx RoleContext
function role.find(ctx)
  local desired, problem = role.desired(ctx)
  if not desired then
    return nil, problem
  end
  local guild, failure = discord.guild(context.guild_id(ctx))
  if not guild then
    return nil, explain(failure, ctx, "read")
  end
  local ids = {}
  for _, candidate in ipairs(guild.roles or {}) do
    if
      candidate.name == desired.name
      and not candidate.managed
      and candidate.id ~= guild.id
      and not (ctx.created_after and snowflake.compare(candidate.id, ctx.created_after) < 0)
    then
      ids[#ids + 1] = candidate.id
    end
  end
  return array(ids)
end

return role
