-- Discord for scripts. Each function yields one effect to the engine, which owns the token, obeys
-- the rate limits and the circuit breaker, and shares one read of a guild among all its objects.
-- Only answers of Discord that concern the request itself come back here: an unusable token, a rate
-- limit, an outage or an open breaker end the run in the engine, which repeats it later.
local perform = ...

local discord = {}

-- The answer's body, or nil and a failure that carries Discord's status, code and field errors.
local function unwrap(answer)
  if answer.ok then
    if answer.body == nil or answer.body == null then
      return {}
    end
    return answer.body
  end
  local code = answer.code ~= null and answer.code or 0
  local message = answer.message ~= null and answer.message or "no message"
  return nil, {
    reason = "DiscordRefused",
    message = string.format("Discord answered %d, code %d: %s", answer.status, code, message),
    status = answer.status,
    code = code,
    discord_message = message,
    errors = answer.errors ~= null and answer.errors or nil,
  }
end

--- Any request. In `observe` only GET is allowed.
---@param request { method: string, path: string, query?: table, body?: table, reason?: string }
---@return table|nil body what Discord answered; an empty table for an answer without a body
---@return Failure|nil failure
function discord.request(request)
  return unwrap(perform({
    effect = "discord.request",
    method = request.method,
    path = request.path,
    query = request.query,
    body = request.body,
    reason = request.reason,
  }))
end

--- The guild with its roles.
---@param guild_id string
---@return table|nil guild
---@return Failure|nil failure
function discord.guild(guild_id)
  return unwrap(perform({ effect = "discord.guild", guild_id = guild_id }))
end

--- The guild's channels that the bot can see, in no particular order. A channel that is missing
--- here may only be hidden: use `discord.channel` before you conclude that one is gone.
---@param guild_id string
---@return table[]|nil channels
---@return Failure|nil failure
function discord.channels(guild_id)
  return unwrap(perform({ effect = "discord.channels", guild_id = guild_id }))
end

--- One channel, from the guild's list; absence is confirmed by a read of its ID. Code 10003 means
--- gone, 50001 hidden from the bot.
---@param guild_id string
---@param id string
---@return table|nil channel
---@return Failure|nil failure
function discord.channel(guild_id, id)
  return unwrap(perform({ effect = "discord.channel", guild_id = guild_id, id = id }))
end

--- One role, from the guild's list of roles, which is complete: code 10011 means gone.
---@param guild_id string
---@param id string
---@return table|nil role
---@return Failure|nil failure
function discord.role(guild_id, id)
  return unwrap(perform({ effect = "discord.role", guild_id = guild_id, id = id }))
end

--- The guilds that the bot is in: id, name, owner, permissions.
---@return table[]|nil guilds
---@return Failure|nil failure
function discord.guilds()
  return unwrap(perform({ effect = "discord.guilds" }))
end

--- The bot's own user.
---@return table|nil user
---@return Failure|nil failure
function discord.me()
  return unwrap(perform({ effect = "discord.me" }))
end

return discord
