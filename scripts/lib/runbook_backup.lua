-- What a backup is worth: how old it is, what it lacks, whether a restore from it would work. A
-- backup made with "kubectl get guilds,channels,roles" has Kubernetes' own roles in it instead of
-- Discord's: this finds it before the day it is needed.
local backup = require("lib.backup")
local check = require("lib.check")
local clock = require("lib.clock")
local counted = require("lib.counted")
local kube = require("lib.kube")
local resources = require("lib.runbook_resources")

local saved = {}

local GROUPS <const> = {
  Guild = "guild.discord.crossplane.io",
  Channel = "channel.discord.crossplane.io",
  Role = "role.discord.crossplane.io",
  ProviderConfig = "discord.crossplane.io",
}

local function group_of(object)
  return object.api_version:match("^(.-)/[^/]+$") or ""
end

--- Whether an object of a backup is one of Discord's of this kind.
---@param object BackupObject
---@param kind string "Guild", …
---@return boolean
function saved.is(object, kind)
  return object.kind == kind and group_of(object) == GROUPS[kind]
end

--- Whether an object of a backup stands for something in Discord.
---@param object BackupObject
---@return boolean
function saved.is_managed(object)
  return saved.is(object, "Guild") or saved.is(object, "Channel") or saved.is(object, "Role")
end

-- Runs a check over the backup's facts.
local function over(judge)
  return function(ctx)
    local facts, err = backup.inspect()
    if not facts then
      if err and err.kind == "unconfigured" then
        return check.unknown("no backup was named: give its folder with --backup DIR")
      end
      return check.no_answer("the backup", err)
    end
    return judge(ctx, facts)
  end
end

--- A check: the folder can be read and holds objects.
saved.readable = over(function(_, facts)
  local broken = {}
  for _, file in ipairs(facts.files) do
    if file.error then
      broken[#broken + 1] = file.name .. ": " .. file.error
    end
  end
  if #broken > 0 then
    return check.fail("a file of the backup cannot be read: " .. broken[1], {
      cause = "backup.unreadable",
      lines = array(broken),
    })
  end
  if #facts.objects == 0 then
    return check.fail("the backup holds no object", { cause = "backup.empty" })
  end
  local objects, files = counted.of(#facts.objects, "object"), counted.of(#facts.files, "file")
  return check.pass(objects .. " in " .. files)
end)

local function oldest(facts, wanted)
  local needed, oldest_at = {}, nil
  for _, object in ipairs(facts.objects) do
    if wanted(object) then
      needed[object.file] = true
    end
  end
  for _, file in ipairs(facts.files) do
    if needed[file.name] and (not oldest_at or file.modified < oldest_at) then
      oldest_at = file.modified
    end
  end
  return oldest_at
end

local function judge_age(ctx, at, hours, cause, what)
  local age = clock.age(ctx, at)
  if not age then
    return check.unknown("when the " .. what .. " was saved is not recorded")
  end
  local message = string.format("the %s was saved %s ago", what, clock.text(age))
  if age > hours * 3600 then
    return check.fail(string.format("%s, more than %g h", message, hours), {
      cause = cause,
      observed = { seconds = age },
      threshold = { value = hours, unit = "h" },
      escalate = { { to = "Platform Team", after = 0 } },
    })
  end
  return check.pass(message, { observed = { seconds = age } })
end

--- A check: the configuration is young enough for the recovery point objective.
saved.config_age = over(function(ctx, facts)
  local at = oldest(facts, function(object)
    return saved.is_managed(object) or saved.is(object, "ProviderConfig")
  end)
  return judge_age(ctx, at, ctx.thresholds.config_hours, "backup.stale_config", "configuration")
end)

--- A check: the state of Discord is young enough for the recovery point objective.
saved.state_age = over(function(ctx, facts)
  local newest
  for _, file in ipairs(facts.files) do
    local name = file.name:lower()
    if name:find("state") or name:find("snapshot") then
      if not newest or file.modified > newest then
        newest = file.modified
      end
    end
  end
  if not newest then
    return check.warn("the backup has no state of Discord (a file *state* or *snapshot*)", {
      cause = "backup.no_state",
    })
  end
  return judge_age(
    ctx,
    newest,
    ctx.thresholds.state_hours,
    "backup.stale_state",
    "state of Discord"
  )
end)

-- Which kinds the cluster has objects of; all of them, when it cannot be asked.
local function live_kinds()
  local live = { ProviderConfig = true }
  for _, kind in ipairs(resources.kinds) do
    local list = kube.list(kind.gvr, { limit = 1 })
    live[kind.kind] = list == nil or #list > 0
  end
  return live
end

--- A check: every kind that the cluster has is in the backup.
saved.kinds = over(function(_, facts)
  local counts, has_other_roles = {}, false
  for _, object in ipairs(facts.objects) do
    for kind in pairs(GROUPS) do
      if saved.is(object, kind) then
        counts[kind] = (counts[kind] or 0) + 1
      end
    end
    has_other_roles = has_other_roles
      or (object.kind == "Role" and group_of(object) == "rbac.authorization.k8s.io")
  end
  local missing = {}
  for kind, is_live in pairs(live_kinds()) do
    if is_live and not counts[kind] then
      missing[#missing + 1] = kind
    end
  end
  table.sort(missing)
  if #missing == 0 then
    return check.pass("every kind is in the backup", { observed = counts })
  end
  local is_roles = #missing == 1 and missing[1] == "Role"
  local message = "the backup has none of the kind " .. table.concat(missing, ", ")
  if missing[#missing] == "Role" then
    message = message
      .. (has_other_roles and "; the roles in it are Kubernetes' own" or "")
      .. ": kubectl takes \"roles\" for those, name roles.role.discord.crossplane.io"
  end
  return check.fail(message, {
    cause = is_roles and "backup.roles_missing" or "backup.kind_missing",
    explains = { "DR-010" },
    observed = { missing = array(missing) },
  })
end)

--- A check: every object in it knows its ID in Discord, or a restore would make it a second time.
saved.external_names = over(function(_, facts)
  local lines = {}
  for _, object in ipairs(facts.objects) do
    if saved.is_managed(object) and not object.external_name then
      lines[#lines + 1] =
        string.format("%s %s/%s", object.kind, object.namespace or "", object.name)
    end
  end
  if #lines == 0 then
    return check.pass("every object knows its ID in Discord")
  end
  return check.fail(
    counted.of(#lines, "object") .. " without an external name: a restore makes them again",
    {
      cause = "backup.external_names",
      observed = { count = #lines },
      lines = array({ table.unpack(lines, 1, 5) }),
    }
  )
end)

local ENCRYPTED_KINDS <const> = { SealedSecret = true, ExternalSecret = true }

--- A check: the Secret is in it, encrypted. Base64 is no encryption.
saved.secret = over(function(_, facts)
  local is_there = false
  for _, object in ipairs(facts.objects) do
    if object.kind == "Secret" and object.secret_plain then
      return check.fail(
        string.format("%s holds Secret %s in clear text (base64)", object.file, object.name),
        {
          cause = "backup.secret_plain",
          observed = { file = object.file },
          escalate = { { to = "Security Team", after = 0 } },
          hint = "encrypt it (age, gpg, sops), destroy the copy, and reset the token",
        }
      )
    end
    is_there = is_there or object.kind == "Secret" or ENCRYPTED_KINDS[object.kind] or false
  end
  for _, file in ipairs(facts.files) do
    is_there = is_there or (file.format == "other" and file.name:lower():find("secret") ~= nil)
  end
  if not is_there then
    return check.fail("the backup has no Secret, not even an encrypted one", {
      cause = "backup.secret_missing",
    })
  end
  return check.pass("the Secret is in it, encrypted")
end)

local function crd_name(object)
  for _, kind in ipairs(resources.kinds) do
    if saved.is(object, kind.kind) then
      return resources.qualified(kind.gvr)
    end
  end
  return saved.is(object, "ProviderConfig") and "providerconfigs.discord.crossplane.io" or nil
end

--- A check: the cluster serves the versions in which the objects were saved.
saved.versions = over(function(_, facts)
  local wanted = {}
  for _, object in ipairs(facts.objects) do
    local name = crd_name(object)
    if name then
      wanted[name .. " " .. object.api_version:match("[^/]+$")] = name
    end
  end
  local missing = {}
  for key, name in pairs(wanted) do
    local definition, err = kube.get(kube.types.crds, nil, name)
    if not definition and not (err and err.kind == "notfound") then
      return check.no_answer("CustomResourceDefinition " .. name, err)
    end
    local is_served = false
    for _, version in ipairs(definition and definition.spec.versions or {}) do
      is_served = is_served or (version.served and name .. " " .. version.name == key)
    end
    if not is_served then
      missing[#missing + 1] = key
    end
  end
  if #missing == 0 then
    return check.pass("the cluster serves every version in it")
  end
  table.sort(missing)
  return check.fail("the cluster does not serve " .. table.concat(missing, ", "), {
    cause = "backup.crd_version",
    observed = { missing = array(missing) },
    hint = "install the chart first; it brings the CustomResourceDefinitions",
  })
end)

return saved
