-- What a rule reads of its `ctx` besides the spec.
local context = {}

--- The status as it is stored: what an earlier run learnt, or in `ctx.stored` what `create` or
--- `update` learnt a moment ago.
---@param ctx table
---@return table
function context.stored(ctx)
  return ctx.stored or (ctx.resource.status or {}).atProvider or {}
end

--- The guild of a channel or role. References are not resolved any more while an object is being
--- deleted; the status still knows.
---@param ctx table
---@return string|nil
function context.guild_id(ctx)
  return ctx.spec.forProvider.guildId or context.stored(ctx).guildId
end

--- Whether the object is being deleted. Then a spec that has become invalid must not matter: nobody
--- could get rid of the object otherwise.
---@param ctx table
---@return boolean
function context.is_deleting(ctx)
  return ctx.resource.metadata.deletionTimestamp ~= nil
end

return context
