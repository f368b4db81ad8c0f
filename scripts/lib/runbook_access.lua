-- Checks of what the bot may do in its guilds, and of the objects that fail because it may not.
local check = require("lib.check")
local counted = require("lib.counted")
local evidence = require("lib.evidence")
local needed = require("lib.runbook_permissions")
local resources = require("lib.runbook_resources")

local access = {}

--- A check: the bot is in every guild that objects are about, and has the permissions it needs.
---@param explains string[]
---@return fun(ctx: table): table
function access.granted(explains)
  return function()
    local ids, err = needed.guilds()
    if not ids then
      return check.no_answer("the guilds in use", err)
    end
    if #ids == 0 then
      return check.pass("no guild is in use")
    end
    local list, problem = needed.missing(ids)
    if not list then
      return check.no_answer("the bot's permissions", problem)
    end
    local lines, is_absent = {}, false
    for _, guild in ipairs(list) do
      if not guild.is_member then
        is_absent = true
        lines[#lines + 1] = string.format("guild %s: the bot is not in it", guild.guild)
      elseif #guild.missing > 0 then
        lines[#lines + 1] = string.format(
          "guild %s (%s): missing %s",
          guild.guild,
          guild.name,
          table.concat(guild.missing, ", ")
        )
      end
    end
    if #lines == 0 then
      return check.pass("the bot has what it needs in " .. counted.of(#ids, "guild"))
    end
    return check.fail(lines[1], {
      cause = is_absent and "guild.not_member" or "permission.missing",
      explains = explains,
      observed = { guilds = #lines },
      lines = array(lines),
    })
  end
end

--- A check: the objects are Ready and Synced; if not, what their conditions say most often.
---@param ctx table
function access.objects(ctx)
  local list, err = resources.all()
  if not list then
    return check.no_answer("guilds, channels and roles", err)
  end
  local stuck = resources.stuck(ctx, list)
  if #stuck == 0 then
    return check.pass(string.format("none of %d objects reports a problem", #list))
  end
  local lines = {}
  for index = 1, math.min(5, #stuck) do
    lines[index] = stuck[index].managed.key .. ": " .. stuck[index].message
  end
  local all = {}
  for index, entry in ipairs(stuck) do
    all[index] = { object = entry.managed.key, message = entry.message, seconds = entry.age }
  end
  return check.warn(string.format("%d of %d objects report a problem", #stuck, #list), {
    cause = "resource.failing",
    observed = { failing = #stuck, all = #list },
    lines = array(lines),
    evidence = { evidence.add("objects.json", all) },
  })
end

return access
