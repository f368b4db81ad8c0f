-- A channel of a guild: text, voice, category, announcement, stage, forum or media. Its fields, and
-- how each is compared, are in lib.channel_fields.
local context = require("lib.context")
local diff = require("lib.diff")
local discord = require("lib.discord")
local fields = require("lib.channel_fields")
local names = require("lib.names")
local result = require("lib.result")
local snowflake = require("lib.snowflake")

local channel = {
  kind = "Channel",
  group = "channel.discord.crossplane.io",
  version = "v1alpha1",
  plural = "channels",
  resource_type = "channel",
  audit_action = 10, -- CHANNEL_CREATE
  references = {
    {
      field = "guildId",
      ref = "guildIdRef",
      selector = "guildIdSelector",
      kind = "Guild",
      required = true,
    },
    { field = "parentId", ref = "parentIdRef", selector = "parentIdSelector", kind = "Channel" },
    {
      field = "permissionOverwrites[].id",
      ref = "permissionOverwrites[].roleRef",
      selector = "permissionOverwrites[].roleSelector",
      kind = "Role",
    },
  },
  capabilities = { "discord.read", "discord.write" },
}

local function explain(failure, ctx, action)
  -- Loaded here: a run in which all is well has no use for it.
  local refusals = require("lib.refusals")
  local spec = ctx.spec.forProvider
  local permission = "Manage Channels"
  if spec.permissionOverwrites then
    permission = "Manage Channels and (for permissionOverwrites) the Manage Roles"
  end
  return refusals.explain(failure, {
    what = string.format("channel %q", spec.name),
    action = action,
    guild_id = context.guild_id(ctx),
    permission = permission,
    paths = fields.paths(),
  })
end

--- What the spec asks for, by Discord's keys: the place for rules of your own about the values. A
--- key that is missing is unmanaged, null asks for no value.
---@param ctx ChannelContext
---@param observed table|nil the channel as Discord holds it; nil when it is about to be created
---@return table|nil desired
---@return Failure|nil failure
function channel.desired(ctx, observed)
  return fields.desired(ctx, observed)
end

--- The facts for the status. Nothing that changes by itself belongs here: each change is a write.
---@param ctx ChannelContext
---@param observed table the channel as Discord answered it
---@param sent string|nil the name by which it was requested, when `observed` is the answer to that
---@return table
function channel.at_provider(ctx, observed, sent)
  local at_provider = {
    id = observed.id,
    guildId = context.guild_id(ctx),
    name = observed.name,
    type = observed.type,
    parentId = observed.parent_id,
  }
  if diff.is_absent(at_provider.parentId) then
    at_provider.parentId = nil
  end
  -- When Discord turned the name into one that the rules of lib.names do not foresee, the pair is
  -- kept and counts as equal, or the name would be sent again with each poll.
  local requested = sent or context.stored(ctx).requestedName
  if
    requested
    and not names.same(requested, observed.name, observed.type)
    and (sent or context.stored(ctx).name == observed.name)
  then
    at_provider.requestedName = requested
  end
  return at_provider
end

---@param ctx ChannelContext
---@param answer table|nil what Discord answered to `create` a moment ago: nobody need ask again
function channel.observe(ctx, answer)
  local id = ctx.external_name
  if not id then
    return { exists = false }
  end
  if not snowflake.is(id) then
    return nil, result.invalid_external_name(id, "channel")
  end
  local guild_id = context.guild_id(ctx)
  local observed, failure = answer, nil
  if not observed and guild_id then
    observed, failure = discord.channel(guild_id, id)
  elseif not observed then
    observed, failure = discord.request({ method = "GET", path = "/channels/" .. id })
  end
  if not observed then
    -- Only this code means gone. A channel that is merely hidden must never be created again.
    if failure.code == 10003 then
      return { exists = false }
    end
    return nil, explain(failure, ctx, "read")
  end
  if context.is_deleting(ctx) then
    return { exists = true, observed = observed }
  end
  if not diff.is_absent(observed.guild_id) and observed.guild_id ~= guild_id then
    return nil,
      result.invalid(
        "guildId",
        string.format(
          "channel %s belongs to guild %s and cannot move: correct the guild, or delete this "
            .. "object and apply it again",
          id,
          observed.guild_id
        )
      )
  end
  local desired
  desired, failure = channel.desired(ctx, observed)
  if not desired then
    return nil, failure
  end
  return {
    exists = true,
    observed = observed,
    diff = diff.compare(fields.list, desired, observed, ctx),
    at_provider = channel.at_provider(ctx, observed),
    ready = true,
  }
end

-- As shipped: a rule that has put another in its place is asked by that one.
local observe = channel.observe

---@param ctx ChannelContext
function channel.create(ctx)
  local body, failure = channel.desired(ctx)
  if not body then
    return nil, failure
  end
  for key, value in pairs(body) do
    if value == null then
      body[key] = nil
    end
  end
  -- Near its place at once; what is missing to the right order `arrange` does.
  body.position = ctx.spec.forProvider.position
  local created
  created, failure = discord.request({
    method = "POST",
    path = "/guilds/" .. context.guild_id(ctx) .. "/channels",
    body = body,
  })
  if not created then
    return nil, explain(failure, ctx, "create")
  end
  local at_provider = channel.at_provider(ctx, created, body.name)
  local known = channel.observe == observe and observe or nil
  return {
    external_name = created.id,
    at_provider = at_provider,
    observation = context.first_look(known, ctx, created, at_provider),
  }
end

---@param ctx ChannelContext
function channel.update(ctx, observed)
  local desired, failure = channel.desired(ctx, observed)
  if not desired then
    return nil, failure
  end
  local _, body = diff.compare(fields.list, desired, observed, ctx)
  if next(body) == nil then
    return {}
  end
  local updated
  updated, failure = discord.request({
    method = "PATCH",
    path = "/channels/" .. ctx.external_name,
    body = body,
  })
  if not updated then
    return nil, explain(failure, ctx, "update")
  end
  return { at_provider = channel.at_provider(ctx, updated, body.name) }
end

---@param ctx ChannelContext
function channel.delete(ctx)
  local deleted, failure = discord.request({
    method = "DELETE",
    path = "/channels/" .. ctx.external_name,
  })
  if not deleted and failure.code ~= 10003 then
    return nil, explain(failure, ctx, "delete")
  end
  return {}
end

--- Where the channels of a guild stand: called once for all objects that give a position, whose
--- moves the engine sends as one request.
---@param ctx ArrangeContext
function channel.arrange(ctx)
  local channels, failure = discord.channels(context.guild_id(ctx))
  if not channels then
    return nil, failure
  end
  -- Loaded here: the other functions have no use for it.
  local moves, placements = require("lib.order").channels(channels, ctx.objects)
  return { moves = moves, placements = placements }
end

---@param ctx ChannelContext
function channel.find(ctx)
  local desired, failure = channel.desired(ctx)
  if not desired then
    return nil, failure
  end
  local channels
  channels, failure = discord.channels(context.guild_id(ctx))
  if not channels then
    return nil, explain(failure, ctx, "read")
  end
  local ids = {}
  for _, candidate in ipairs(channels) do
    if
      candidate.type == (desired.type or 0)
      and diff.same(desired.parent_id, candidate.parent_id)
      and names.could_be(desired.name, candidate.name)
      and not (ctx.created_after and snowflake.compare(candidate.id, ctx.created_after) < 0)
    then
      ids[#ids + 1] = candidate.id
    end
  end
  return array(ids)
end

return channel
