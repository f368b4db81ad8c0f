-- What the bot needs in a guild, and what it lacks there.
local discord = require("lib.discord_reads")
local kube = require("lib.kube")
local permissions = require("lib.permissions")

local needed = {}

-- What the provider's rules need; the document names the same three.
local NEEDED <const> = { "VIEW_CHANNEL", "MANAGE_CHANNELS", "MANAGE_ROLES" }

--- The guilds that objects in the cluster are about: IDs, in order, without repetition.
---@return string[]|nil ids
---@return SourceError|nil err
function needed.guilds()
  local ids, seen = {}, {}
  local function add(id)
    if type(id) == "string" and id:match("^%d+$") and not seen[id] then
      seen[id] = true
      ids[#ids + 1] = id
    end
  end
  local guilds, err = kube.list(kube.types.guilds)
  if not guilds then
    return nil, err
  end
  for _, guild in ipairs(guilds) do
    local annotations = guild.metadata.annotations or {}
    add(annotations["crossplane.io/external-name"])
  end
  for _, kind in ipairs({ kube.types.channels, kube.types.roles }) do
    for _, object in ipairs(kube.list(kind) or {}) do
      local at_provider = object.status and object.status.atProvider or {}
      add(at_provider.guildId or (object.spec.forProvider or {}).guildId)
    end
  end
  return ids
end

local function has(set, name)
  local mask = permissions.parse({ name })
  return mask ~= nil and set & mask == mask
end

---@class GuildPermissions
---@field guild string
---@field name string
---@field missing string[] empty when nothing is
---@field is_member boolean

--- What the bot lacks in each of these guilds.
---@param ids string[]
---@return GuildPermissions[]|nil
---@return SourceError|nil err
function needed.missing(ids)
  local answer, err = discord.get("/users/@me/guilds")
  if not answer then
    return nil, err
  end
  if answer.status ~= 200 then
    return nil, { kind = "error", message = "GET /users/@me/guilds answers " .. answer.status }
  end
  local known = {}
  for _, guild in ipairs(answer.body) do
    known[guild.id] = guild
  end
  local result = {}
  for _, id in ipairs(ids) do
    local guild = known[id]
    local entry = { guild = id, name = guild and guild.name or id, missing = {} }
    entry.is_member = guild ~= nil
    local set = guild and permissions.parse(guild.permissions) or 0
    local is_administrator = guild and (guild.owner or has(set, "ADMINISTRATOR"))
    for _, name in ipairs(NEEDED) do
      if not is_administrator and not has(set, name) then
        entry.missing[#entry.missing + 1] = name
      end
    end
    result[#result + 1] = entry
  end
  return result
end

return needed
