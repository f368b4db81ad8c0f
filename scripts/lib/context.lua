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

--- What `observe` says of what was just created. Discord's answer to a create is the new object, so
--- that nobody has to look at it again, and the engine need not run `observe`.
---@param observe (fun(ctx: table, answer: table): Observation|nil)|nil nil leaves it to the engine
---@param ctx table the one of `create`
---@param answer table what Discord answered
---@param at_provider table
---@return Observation|nil
function context.first_look(observe, ctx, answer, at_provider)
  if not observe then
    return nil
  end
  local seen = {}
  for key, value in pairs(ctx) do
    seen[key] = value
  end
  seen.external_name, seen.stored = answer.id, at_provider
  -- A mistake in it must not lose the ID: the engine's own look will make it again and report it.
  local done, observation = pcall(observe, seen, answer)
  return done and observation or nil
end

return context
