-- Who changed Discord in the last hours: the audit log of each guild, without what this provider
-- did for an object of the cluster. What remains was done by a person, by another bot, or by
-- somebody who has our token.
local check = require("lib.check")
local clock = require("lib.clock")
local counted = require("lib.counted")
local discord = require("lib.discord_reads")
local evidence = require("lib.evidence")
local needed = require("lib.runbook_permissions")
local resources = require("lib.runbook_resources")

local audit = {}

-- Each guild costs a few requests of the budget.
local MAXIMUM_GUILDS <const> = 15
local SHOWN <const> = 20

-- Discord's audit log events, by what the runbook tells apart.
local CLASSES <const> = {
  [13] = "permission", -- CHANNEL_OVERWRITE_CREATE
  [14] = "permission",
  [15] = "permission",
  [25] = "role", -- MEMBER_ROLE_UPDATE
  [28] = "bot", -- BOT_ADD
  [30] = "role", -- ROLE_CREATE
  [31] = "role", -- ROLE_UPDATE; of its permissions: "permission"
  [32] = "role", -- ROLE_DELETE
  [50] = "webhook", -- WEBHOOK_CREATE
  [51] = "webhook",
  [52] = "webhook",
}

local function class_of(entry)
  if entry.action == 31 then
    for _, change in ipairs(entry.changes or {}) do
      if change.key == "permissions" then
        return "permission"
      end
    end
  end
  return CLASSES[entry.action] or "other"
end

local function external_names()
  local list, err = resources.all()
  if not list then
    return nil, err
  end
  local names = {}
  for _, managed in ipairs(list) do
    local name = resources.annotation(managed.object, "crossplane.io/external-name")
    if name then
      names[name] = managed.key
    end
  end
  return names
end

local function is_ours(entry, me, names)
  if entry.by_provider then
    return true
  end
  -- Updates and deletions carry no mark; they are ours when they concern an object of ours.
  return me ~= nil and entry.user.id == me and names[entry.target_id or ""] ~= nil
end

local function describe(entry, guild, me)
  local who = entry.user.username or entry.user.id
  if entry.user.id == me then
    who = who .. " (our own bot, for no object of this cluster)"
  end
  return string.format(
    "%s guild %s: event %d on %s by %s",
    entry.at,
    guild,
    entry.action,
    entry.target_id or "nothing",
    who
  )
end

---@class AuditReading
---@field guilds integer
---@field entries integer
---@field own integer entries that were attributed to objects of the cluster
---@field unattributed { class: string, text: string, own_bot: boolean }[]
---@field newest string|nil when the last unattributed change was made

--- Reads the audit logs of all guilds that the cluster's objects are about.
---@param since number seconds
---@return AuditReading|nil reading
---@return SourceError|nil err
function audit.read(since)
  local guilds, err = needed.guilds()
  local names, problem = external_names()
  if not guilds or not names then
    return nil, err or problem
  end
  local answer = discord.get("/users/@me")
  local me = answer and answer.status == 200 and answer.body.id or nil
  local reading = { guilds = 0, entries = 0, own = 0, unattributed = {} }
  for index = 1, math.min(#guilds, MAXIMUM_GUILDS) do
    local entries, refusal = discord.audit(guilds[index], since)
    if not entries then
      return nil, refusal
    end
    reading.guilds = reading.guilds + 1
    for _, entry in ipairs(entries) do
      reading.entries = reading.entries + 1
      if is_ours(entry, me, names) then
        reading.own = reading.own + 1
      else
        if not reading.newest or entry.at > reading.newest then
          reading.newest = entry.at
        end
        reading.unattributed[#reading.unattributed + 1] = {
          class = class_of(entry),
          text = describe(entry, guilds[index], me),
          own_bot = entry.user.id == me,
        }
      end
    end
  end
  return reading
end

--- A check: the audit logs can be read; the next checks judge what is in them.
---@return fun(ctx: table): table
function audit.readable()
  return function(ctx)
    local hours = ctx.thresholds.audit_hours
    local reading, err = audit.read(hours * 3600)
    if not reading then
      return check.no_answer("the audit log (the bot needs View Audit Log)", err)
    end
    local counts, lines = {}, {}
    for _, entry in ipairs(reading.unattributed) do
      counts[entry.class] = (counts[entry.class] or 0) + 1
      if entry.own_bot then
        counts.own_bot = (counts.own_bot or 0) + 1
      end
      if #lines < SHOWN then
        lines[#lines + 1] = entry.text
      end
    end
    local kept
    if #reading.unattributed > 0 then
      kept = { evidence.add("audit.json", reading.unattributed) }
    end
    return check.pass(
      string.format(
        "%s in %s in %g h, %d of them the provider's own",
        counted.of(reading.entries, "entry", "entries"),
        counted.of(reading.guilds, "guild"),
        hours,
        reading.own
      ),
      {
        observed = {
          counts = counts,
          entries = reading.entries,
          own = reading.own,
          newest = reading.newest,
        },
        lines = #lines > 0 and array(lines) or nil,
        evidence = kept,
      }
    )
  end
end

--- A check of one class of unattributed changes, from what `readable` found.
---@param source string id of the check that read the audit log
---@param class string
---@param what string in words
---@param explains string[]|nil
---@return fun(ctx: table): table
function audit.none_of(source, class, what, explains)
  return function(ctx)
    local observed = ctx.results[source].observed or {}
    local count = (observed.counts or {})[class] or 0
    if count == 0 then
      return check.pass("no unattributed " .. what)
    end
    local escalate = {
      { to = "Platform Team", after = 0, why = "unauthorized changes" },
      { to = "Security Team", after = 0, why = "unauthorized changes" },
    }
    local age = clock.age(ctx, observed.newest)
    if age and age < ctx.thresholds.attack_minutes * 60 then
      escalate[3] = { to = "Emergency Response Team", after = 0, why = "it goes on" }
    end
    return check.fail(
      string.format("%d %s that no object of this cluster accounts for", count, what),
      {
        cause = "audit." .. class,
        explains = explains,
        observed = { value = count },
        threshold = { value = 0 },
        plans = { "pause", "replace-token" },
        escalate = escalate,
      }
    )
  end
end

return audit
