-- What a backup differs by from what is live, and the way back: CustomResourceDefinitions, Secret,
-- ProviderConfig, then the objects, paused, and their pause ended from the parents on.
local backup = require("lib.backup")
local check = require("lib.check")
local clock = require("lib.clock")
local counted = require("lib.counted")
local discord = require("lib.discord_reads")
local kube = require("lib.kube")
local resources = require("lib.runbook_resources")
local saved = require("lib.runbook_backup")

local restore = {}

local function key(object)
  return string.format("%s %s/%s", object.kind, object.namespace or "", object.name)
end

--- A check: everything that is older than the backup is in it.
---@param ctx table
function restore.complete(ctx)
  local facts, err = backup.inspect()
  if not facts then
    return check.no_answer("the backup", err)
  end
  local list, problem = resources.all()
  if not list then
    return check.no_answer("guilds, channels and roles", problem)
  end
  local has = {}
  for _, object in ipairs(facts.objects) do
    if saved.is_managed(object) then
      has[key(object)] = true
    end
  end
  local made_at, missing = clock.age(ctx, facts.oldest), {}
  for _, managed in ipairs(list) do
    local age = clock.age(ctx, managed.object.metadata.creationTimestamp)
    if not has[managed.key] and (not made_at or not age or age > made_at) then
      missing[#missing + 1] = managed.key
    end
  end
  if #missing == 0 then
    return check.pass(string.format("all %d live objects that are older are in it", #list))
  end
  return check.fail(counted.of(#missing, "live object") .. " missing in the backup", {
    cause = "backup.incomplete",
    observed = { missing = #missing, live = #list },
    lines = array({ table.unpack(missing, 1, 5) }),
  })
end

-- The IDs that exist in the guilds of the backup, and which guilds were read.
local function live_ids(facts)
  local ids, guilds = {}, {}
  for _, object in ipairs(facts.objects) do
    local id = saved.is(object, "Guild") and object.external_name
    if id and not guilds[id] and #guilds < 8 then
      local snapshot, err = discord.snapshot(id)
      if not snapshot then
        return nil, nil, err
      end
      guilds[id], guilds[#guilds + 1] = snapshot, id
      ids[id] = true
      for _, one in ipairs(snapshot.channels) do
        ids[one.id] = true
      end
      for _, one in ipairs(snapshot.guild.roles) do
        ids[one.id] = true
      end
    end
  end
  return ids, guilds
end

--- A check: what the backup knows is still there in Discord.
function restore.in_discord()
  local facts, err = backup.inspect()
  if not facts then
    return check.no_answer("the backup", err)
  end
  local ids, guilds, problem = live_ids(facts)
  if not ids then
    return check.no_answer("the guilds of the backup", problem)
  elseif #guilds == 0 then
    return check.skip("the backup names no guild by its ID")
  end
  local lost = {}
  for _, object in ipairs(facts.objects) do
    if saved.is_managed(object) and object.external_name and not ids[object.external_name] then
      lost[#lost + 1] = key(object)
    end
  end
  if #lost == 0 then
    return check.pass("everything in the backup is still there in Discord")
  end
  return check.fail(counted.of(#lost, "object") .. " of the backup gone from Discord", {
    cause = "discord.lost",
    observed = { count = #lost },
    lines = array({ table.unpack(lost, 1, 5) }),
    plans = { "restore" },
  })
end

--- A check: no two objects stand for the same thing in Discord.
function restore.duplicates()
  local list, err = resources.all()
  if not list then
    return check.no_answer("guilds, channels and roles", err)
  end
  local seen, lines = {}, {}
  for _, managed in ipairs(list) do
    local id = resources.annotation(managed.object, "crossplane.io/external-name")
    local place = id and managed.kind .. " " .. id
    if place and seen[place] then
      lines[#lines + 1] = string.format("%s and %s are both %s", seen[place], managed.key, id)
    elseif place then
      seen[place] = managed.key
    end
  end
  if #lines == 0 then
    return check.pass("no two objects stand for the same thing")
  end
  return check.fail(counted.of(#lines, "pair") .. " of objects for the same thing in Discord", {
    cause = "restore.duplicates",
    lines = array({ table.unpack(lines, 1, 5) }),
  })
end

local ORDER <const> = { ProviderConfig = 1, Guild = 2, Role = 3, Channel = 4 }
local CATEGORY <const> = 4

local function rank(object)
  local spec = object.spec and object.spec.forProvider or {}
  local is_category = object.kind == "Channel" and spec.type == CATEGORY
  return ORDER[object.kind] - (is_category and 0.5 or 0)
end

local GVRS <const> = {
  Guild = kube.types.guilds,
  Role = kube.types.roles,
  Channel = kube.types.channels,
  ProviderConfig = kube.types.provider_configs,
}

local function apply(object)
  local body = {
    apiVersion = object.api_version,
    kind = object.kind,
    metadata = { name = object.name, namespace = object.namespace },
    spec = object.spec,
  }
  if saved.is_managed(object) then
    body.metadata.annotations = {
      ["crossplane.io/external-name"] = object.external_name,
      ["crossplane.io/paused"] = "true",
    }
  end
  local gvr = GVRS[object.kind]
  return {
    verb = "apply",
    -- The version that the backup has: kubectl saves the one that the server prefers.
    gvr = {
      group = gvr.group,
      version = object.api_version:match("/(.+)$") or gvr.version,
      resource = gvr.resource,
    },
    namespace = object.namespace,
    name = object.name,
    body = body,
  }
end

--- A plan: the backup's objects, in an order in which each finds what it needs, all paused.
function restore.plan()
  local facts, err = backup.inspect()
  if not facts then
    return {
      why = "nothing can be done",
      ops = array({}),
      veto = "the backup cannot be read: " .. (err and err.message or "no data"),
    }
  end
  local chosen, nameless = {}, 0
  for _, object in ipairs(facts.objects) do
    if saved.is_managed(object) or saved.is(object, "ProviderConfig") then
      chosen[#chosen + 1] = object
      if saved.is_managed(object) and not object.external_name then
        nameless = nameless + 1
      end
    end
  end
  table.sort(chosen, function(a, b)
    local first, second = rank(a), rank(b)
    return first < second or (first == second and key(a) < key(b))
  end)
  local ops = {}
  for index, object in ipairs(chosen) do
    ops[index] = apply(object)
  end
  return {
    why = "the objects come back paused; nothing in Discord changes until the pause ends",
    ops = array(ops),
    veto = nameless > 0
        and counted.of(nameless, "object") .. " without an external name: would be made again"
      or nil,
    manual = {
      "Before: helm install, which brings the CustomResourceDefinitions and the provider.",
      "Before: decrypt the Secret and apply it, or runbook fix provider-down/replace-token.",
      "After: look at the restored objects, then runbook fix disaster-recovery/unpause.",
    },
  }
end

return restore
