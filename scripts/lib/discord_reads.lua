-- Discord for runbooks: a client of its own beside the provider's, with the ProviderConfig's token,
-- for reads only, at most 40 in a run. It stops at the first 401 for good, because each counts
-- towards Discord's ban of the IP address. Any status is an answer; look at `status`.
local perform = ...

local answer = require("lib.answer")

local discord_reads = {}

---@class DiscordAnswer
---@field status integer
---@field body any JSON as a table
---@field headers table<string, string> those about rate limits, in lower case
---@field ms number

---@class DiscordReadOptions
---@field query? table<string, string>
---@field anonymous? boolean without the token
---@field config? string the ProviderConfig, "default" if not given

--- Any GET.
---@param path string "/users/@me"
---@param options? DiscordReadOptions
---@return DiscordAnswer|nil answer
---@return SourceError|nil err "unauthorized" after the 401, "forbidden" without the Secret
function discord_reads.get(path, options)
  options = options or {}
  return answer.unwrap(perform({
    effect = "discord.get",
    path = path,
    query = options.query,
    anonymous = options.anonymous,
    config = options.config,
  }))
end

---@class AuditEntry
---@field id string
---@field at string RFC 3339
---@field action integer Discord's audit log event
---@field user { id: string, username?: string, bot?: boolean }
---@field target_id string|nil
---@field reason string|nil
---@field by_provider boolean whether it is this bot's, with the provider's mark in the reason
---@field changes table[] as Discord has them

--- The audit log, newest first, at most 500 entries. Needs VIEW_AUDIT_LOG: without it "forbidden".
---@param guild_id string
---@param since number seconds
---@param options? { config?: string }
---@return AuditEntry[]|nil entries
---@return SourceError|nil err
function discord_reads.audit(guild_id, since, options)
  return answer.unwrap(perform({
    effect = "discord.audit",
    guild_id = guild_id,
    since = since,
    config = options and options.config,
  }))
end

---@class DiscordReadLimits
---@field requests integer sent in this run
---@field left integer
---@field unauthorized boolean whether a 401 came, which stopped it
---@field global_429 integer
---@field shared_429 integer
---@field user_429 integer

--- What this run's client may still ask, and what Discord's answers said about limits.
---@return DiscordReadLimits
function discord_reads.limits()
  return answer.unwrap(perform({ effect = "discord.limits" }))
end

---@class DiscordSnapshot
---@field guild table with `roles`
---@field channels table[]
---@field me table the bot as a member
---@field permissions string its permissions in the guild, a decimal number

--- The guild with its roles, its channels, and the bot's own permissions there.
---@param guild_id string
---@param options? { config?: string }
---@return DiscordSnapshot|nil snapshot
---@return SourceError|nil err "notfound" when the bot is not in the guild
function discord_reads.snapshot(guild_id, options)
  return answer.unwrap(perform({
    effect = "discord.snapshot",
    guild_id = guild_id,
    config = options and options.config,
  }))
end

return discord_reads
