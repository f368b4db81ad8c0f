-- What to do about an answer by which Discord refuses a request. Turns the failure that lib.discord
-- gives into one whose message a person can act on, and whose waiting time does no harm: answers
-- with status 403 count towards Discord's ban of an IP address.
local refusals = {}

---@class Subject
---@field what string for instance 'channel "general"'
---@field action string "read", "create", "update" or "delete"
---@field guild_id string|nil
---@field permission string the permission that the bot needs in the guild
---@field paths table<string, string> Discord's keys, with the fields of the spec that they are

local MINUTE <const> = 60
local HOUR <const> = 3600

local function in_guild(subject)
  return subject.guild_id and " in guild " .. subject.guild_id or ""
end

-- Discord's "permission_overwrites.0.allow" is permissionOverwrites[0].allow in the spec.
local function spec_path(path, paths)
  if paths[path] then
    return paths[path]
  end
  local first, rest = path:match("^([^.]+)(.*)$")
  if not first then
    return nil
  end
  local text = paths[first] or first
  for segment in rest:gmatch("[^.]+") do
    if segment:find("^%d+$") then
      text = text .. "[" .. segment .. "]"
    else
      text = text .. "." .. segment:gsub("_(%l)", string.upper)
    end
  end
  return text
end

local function invalid_spec(failure, subject)
  local parts, first = {}, nil
  for _, problem in ipairs(failure.errors or {}) do
    local path = spec_path(problem.path, subject.paths)
    local field = path and "spec.forProvider." .. path or "the request"
    first = first or (path and field)
    local text = string.format("%s (%s)", problem.message, problem.code)
    -- The field of the failure is shown before its message; of several, each needs its own.
    local is_named = #failure.errors == 1 and path
    parts[#parts + 1] = is_named and text or field .. ": " .. text
  end
  if #parts == 0 then
    parts[1] = failure.discord_message
  end
  return {
    reason = "InvalidSpec",
    message = string.format(
      "Discord refused to %s %s: %s",
      subject.action,
      subject.what,
      table.concat(parts, "; ")
    ),
    field = first,
    terminal = true,
  }
end

local function missing_permissions(_, subject)
  return {
    reason = "MissingPermissions",
    message = string.format(
      "the bot may not %s %s%s: give it the %s permission there, and put its highest role above "
        .. "every role that it manages; it can only grant permissions that it has itself",
      subject.action,
      subject.what,
      in_guild(subject),
      subject.permission
    ),
    retry_after = 5 * MINUTE,
  }
end

local function missing_access(_, subject)
  return {
    reason = "MissingAccess",
    message = string.format(
      "the bot cannot see %s%s: give it the View Channels permission there, also in the "
        .. "overwrites of the channel and of its category",
      subject.what,
      in_guild(subject)
    ),
    retry_after = 5 * MINUTE,
  }
end

local function unknown_guild(_, subject)
  return {
    reason = "GuildNotFound",
    message = string.format(
      "the bot is not in guild %s: invite it there, or correct the ID",
      subject.guild_id or "(unknown)"
    ),
    retry_after = 5 * MINUTE,
  }
end

local function quota(failure, subject)
  return {
    reason = "QuotaExceeded",
    message = string.format(
      "Discord allows no more%s, so it refused to %s %s: %s",
      in_guild(subject),
      subject.action,
      subject.what,
      failure.discord_message
    ),
    terminal = true,
    retry_after = HOUR,
  }
end

local function unsupported(failure, subject)
  return {
    reason = "NotSupported",
    message = string.format(
      "Discord does not let a bot %s %s: %s",
      subject.action,
      subject.what,
      failure.discord_message
    ),
    terminal = true,
    retry_after = HOUR,
  }
end

-- Deleted between the read and this request: the next run sees that and decides.
local function gone(_, subject)
  return {
    reason = "ExternalResourceGone",
    message = subject.what .. " is gone from Discord" .. in_guild(subject),
    retry_after = 1,
  }
end

local BY_CODE <const> = {
  [10003] = gone,
  [10011] = gone,
  [10004] = unknown_guild,
  [20001] = unsupported, -- bots cannot use this endpoint
  [30005] = quota, -- 250 roles
  [30013] = quota, -- 500 channels
  [30060] = quota, -- 1,000 overwrites
  [50001] = missing_access,
  [50013] = missing_permissions,
  [50024] = unsupported, -- not for this type of channel
  [50028] = unsupported, -- role of an integration, or @everyone
  [50035] = invalid_spec,
  [50074] = unsupported, -- a channel that Community guilds need
  [50101] = unsupported, -- the guild lacks the boost level
  [50109] = invalid_spec,
  [670008] = invalid_spec, -- gradients of role colours
}

--- The failure to return for an answer of Discord.
---@param failure Failure from a function of lib.discord
---@param subject Subject
---@return Failure
function refusals.explain(failure, subject)
  local handler = BY_CODE[failure.code]
  local explained
  if handler then
    explained = handler(failure, subject)
  else
    explained = {
      reason = failure.reason,
      message = string.format(
        "Discord refused to %s %s: %s",
        subject.action,
        subject.what,
        failure.message
      ),
    }
  end
  explained.code, explained.status = failure.code, failure.status
  return explained
end

return refusals
