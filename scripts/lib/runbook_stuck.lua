-- Checks for objects that do not get on: those that fail, those that wait for them, those that are
-- paused, that cannot be deleted, whose creation is undecided, and whose change was not seen.
local check = require("lib.check")
local clock = require("lib.clock")
local counted = require("lib.counted")
local evidence = require("lib.evidence")
local kube = require("lib.kube")
local resources = require("lib.runbook_resources")

local stuck = {}

-- Runs a check over all objects.
local function over_all(judge)
  return function(ctx)
    local list, err = resources.all()
    if not list then
      return check.no_answer("guilds, channels and roles", err)
    end
    return judge(ctx, list)
  end
end

-- The outcome for objects with an age each: fail, warn or pass by the oldest.
local function by_age(ctx, found, details, text)
  table.sort(found, function(a, b)
    return a.age > b.age or (a.age == b.age and a.key < b.key)
  end)
  local lines = {}
  for index = 1, math.min(5, #found) do
    local one = found[index]
    lines[index] = string.format("%s, for %s: %s", one.key, clock.text(one.age), one.message)
  end
  details.lines = array(lines)
  details.observed = { count = #found, seconds = found[1].age }
  for _, level in ipairs({ "fail", "warn" }) do
    local bound = ctx.thresholds["stuck_" .. level]
    if found[1].age > bound then
      details.threshold = { value = bound, unit = "s" }
      return check[level](text, details)
    end
  end
  return check.pass(text .. ", not for long", { observed = details.observed })
end

local function escalations(ctx, objects, oldest)
  local escalate = {
    {
      to = "Platform Team",
      after = ctx.thresholds.stuck_fail,
      since = ctx.now_ms - math.floor(oldest * 1000),
      why = "stuck",
    },
  }
  for _, object in ipairs(objects) do
    if resources.is_critical(ctx, object) then
      table.insert(escalate, 1, { to = "Platform Team", after = 0, why = "critical resource" })
      return escalate
    end
  end
  return escalate
end

local function cause_of(roots, victims)
  for _, root in ipairs(roots) do
    if root.is_missing then
      return "parent.missing"
    end
  end
  return #victims > 0 and "parent.not_ready" or "resource.not_synced"
end

--- A check: no object has been unready for long. It names the roots and counts what waits for them.
stuck.none = over_all(function(ctx, list)
  local entries = resources.stuck(ctx, list)
  if #entries == 0 then
    return check.pass(string.format("all %d objects get on", #list))
  end
  local roots, victims, found, objects = {}, {}, {}, {}
  for _, entry in ipairs(entries) do
    if entry.parent and not entry.is_missing then
      victims[#victims + 1] = entry
    else
      roots[#roots + 1] = entry
      local message = entry.is_missing and entry.parent .. " does not exist" or entry.message
      found[#found + 1] = { age = entry.age, key = entry.managed.key, message = message }
    end
    objects[#objects + 1] = entry.managed.object
  end
  if #roots == 0 then -- they wait for each other
    roots, victims = victims, {}
    for _, entry in ipairs(roots) do
      found[#found + 1] = { age = entry.age, key = entry.managed.key, message = entry.message }
    end
  end
  local oldest = 0
  for _, entry in ipairs(entries) do
    oldest = math.max(oldest, entry.age)
  end
  return by_age(ctx, found, {
    cause = cause_of(roots, victims),
    plans = { "request-reconcile" },
    escalate = escalations(ctx, objects, oldest),
    evidence = { evidence.add("stuck.json", found) },
  }, string.format(
    "%s not get on%s",
    #roots == 1 and "1 object does" or #roots .. " objects do",
    #victims > 0 and string.format(", %d more wait", #victims) or ""
  ))
end)

--- A check: no deletion waits for its finalizer for long.
stuck.deletions = over_all(function(ctx, list)
  local found, objects = {}, {}
  for _, managed in ipairs(list) do
    local age = clock.age(ctx, managed.object.metadata.deletionTimestamp)
    if age then
      local finalizers = managed.object.metadata.finalizers or {}
      found[#found + 1] = {
        age = age,
        key = managed.key,
        message = "waits for " .. table.concat(finalizers, ", "),
      }
      objects[#objects + 1] = managed.object
    end
  end
  if #found == 0 then
    return check.pass("nothing waits for its deletion")
  end
  local oldest = 0
  for _, one in ipairs(found) do
    oldest = math.max(oldest, one.age)
  end
  return by_age(ctx, found, {
    cause = "resource.finalizer",
    escalate = escalations(ctx, objects, oldest),
  }, counted.of(#found, "deletion") .. " waiting for a finalizer")
end)

--- A check: nobody paused an object.
stuck.paused = over_all(function(_, list)
  local keys = {}
  for _, managed in ipairs(list) do
    if resources.is_paused(managed.object) then
      keys[#keys + 1] = managed.key
    end
  end
  if #keys == 0 then
    return check.pass("nothing is paused")
  end
  return check.warn(counted.of(#keys, "object") .. " paused by annotation", {
    cause = "resource.paused",
    observed = { count = #keys },
    lines = array({ table.unpack(keys, 1, 5) }),
    plans = { "unpause" },
  })
end)

--- A check: every create that was begun has a recorded end.
stuck.creations = over_all(function(ctx, list)
  local found, objects = {}, {}
  for _, managed in ipairs(list) do
    local pending = resources.pending_create(managed.object)
    if pending then
      found[#found + 1] = {
        age = clock.age(ctx, pending) or 0,
        key = managed.key,
        message = "a create was begun and its outcome is unknown",
      }
      objects[#objects + 1] = managed.object
    end
  end
  if #found == 0 then
    return check.pass("no create is undecided")
  end
  table.sort(found, function(a, b)
    return a.age > b.age
  end)
  return by_age(ctx, found, {
    cause = "resource.create_pending",
    escalate = escalations(ctx, objects, found[1].age),
    hint = "look into the guild: is it there? Then set crossplane.io/external-name to its ID. "
      .. "If not, remove crossplane.io/external-create-pending",
  }, counted.of(#found, "undecided create"))
end)

--- A check: every change of a spec was looked at.
stuck.generations = over_all(function(ctx, list)
  local found, objects = {}, {}
  for _, managed in ipairs(list) do
    local object = managed.object
    local is_other = resources.is_paused(object) or object.metadata.deletionTimestamp
    if resources.lags(object) and not is_other then
      found[#found + 1] = {
        age = clock.age(ctx, resources.spec_changed_at(object)) or 0,
        key = managed.key,
        message = "its change was not looked at",
      }
      objects[#objects + 1] = object
    end
  end
  if #found == 0 then
    return check.pass("every change was looked at")
  end
  return by_age(ctx, found, {
    cause = "resource.generation_lag",
    plans = { "request-reconcile" },
    escalate = escalations(ctx, objects, found[1].age),
  }, counted.of(#found, "change") .. " not looked at")
end)

--- A check: the ProviderConfigs that objects name exist.
---@param explains string[]
---@return fun(ctx: table): table
function stuck.configs(explains)
  return over_all(function(_, list)
    local configs, err = kube.list(kube.types.provider_configs)
    if not configs then
      return check.no_answer("ProviderConfigs", err)
    end
    local exists, missing, count = {}, {}, 0
    for _, config in ipairs(configs) do
      exists[config.metadata.name] = true
    end
    for _, managed in ipairs(list) do
      local reference = (managed.object.spec or {}).providerConfigRef or {}
      local name = reference.name or "default"
      if not exists[name] then
        count = count + 1
        missing[name] = managed.key
      end
    end
    if count == 0 then
      return check.pass("every ProviderConfig that is used exists")
    end
    local names = {}
    for name in pairs(missing) do
      names[#names + 1] = name
    end
    table.sort(names)
    return check.fail(
      string.format(
        "ProviderConfig %s does not exist; used by %s",
        table.concat(names, ", "),
        counted.of(count, "object")
      ),
      { cause = "providerconfig.missing", explains = explains, observed = { objects = count } }
    )
  end)
end

return stuck
