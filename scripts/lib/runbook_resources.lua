-- The objects in the cluster that stand for things in Discord: what is wrong with each, since when,
-- and which of them only waits for another.
local clock = require("lib.clock")
local kube = require("lib.kube")

local resources = {}

--- The kinds, parents first: the order in which they are restored.
resources.kinds = {
  { kind = "Guild", gvr = kube.types.guilds },
  { kind = "Role", gvr = kube.types.roles },
  { kind = "Channel", gvr = kube.types.channels },
}

--- How kubectl names a type without ambiguity: Kubernetes has a kind "roles" of its own.
---@param gvr ResourceRef
---@return string
function resources.qualified(gvr)
  return gvr.group == "" and gvr.resource or gvr.resource .. "." .. gvr.group
end

--- All three types, as kubectl takes them.
---@return string
function resources.names()
  local names = {}
  for index, kind in ipairs(resources.kinds) do
    names[index] = resources.qualified(kind.gvr)
  end
  return table.concat(names, ",")
end

local function key(kind, namespace, name)
  return string.format("%s %s/%s", kind, namespace or "", name)
end

---@class Managed
---@field kind string
---@field gvr ResourceRef
---@field object table
---@field key string "Channel team/general"

--- Every object of every kind. One kind that cannot be read is an error: a part is no answer.
---@return Managed[]|nil list
---@return SourceError|nil err
function resources.all()
  local list = {}
  for _, kind in ipairs(resources.kinds) do
    local objects, err = kube.list(kind.gvr, { limit = 10000 })
    if not objects then
      return nil, err
    end
    for _, object in ipairs(objects) do
      local metadata = object.metadata
      list[#list + 1] = {
        kind = kind.kind,
        gvr = kind.gvr,
        object = object,
        key = key(kind.kind, metadata.namespace, metadata.name),
      }
    end
  end
  return list
end

--- An annotation of an object, or nil.
---@param object table
---@param name string
---@return string|nil
function resources.annotation(object, name)
  return (object.metadata.annotations or {})[name]
end

--- Whether reconciliation is paused by annotation.
---@param object table
---@return boolean
function resources.is_paused(object)
  return resources.annotation(object, "crossplane.io/paused") == "true"
end

--- When a create began whose outcome was never recorded; nil when there is none.
---@param object table
---@return string|nil
function resources.pending_create(object)
  local pending = resources.annotation(object, "crossplane.io/external-create-pending")
  local began = clock.ms(pending)
  if not began then
    return nil
  end
  for _, outcome in ipairs({ "succeeded", "failed" }) do
    local name = "crossplane.io/external-create-" .. outcome
    local ended = clock.ms(resources.annotation(object, name))
    if ended and ended >= began then
      return nil
    end
  end
  return pending
end

--- When the spec was last written, as managedFields tell; else when the object was made.
---@param object table
---@return string|nil
function resources.spec_changed_at(object)
  local newest
  for _, entry in ipairs(object.metadata.managedFields or {}) do
    local has_spec = entry.fieldsV1 and entry.fieldsV1["f:spec"]
    if has_spec and entry.time and (not newest or entry.time > newest) then
      newest = entry.time
    end
  end
  return newest or object.metadata.creationTimestamp
end

--- Whether the last look was at an older spec.
---@param object table
---@return boolean
function resources.lags(object)
  local synced = kube.condition(object, "Synced")
  local seen = synced and synced.observedGeneration
  return seen ~= nil and seen < (object.metadata.generation or 0)
end

local function references(managed)
  local spec = managed.object.spec and managed.object.spec.forProvider or {}
  local namespace = managed.object.metadata.namespace
  local found = {}
  local function add(kind, reference)
    if type(reference) == "table" and reference.name then
      found[#found + 1] = key(kind, namespace, reference.name)
    end
  end
  add("Guild", spec.guildIdRef)
  add("Channel", spec.parentIdRef)
  for _, overwrite in ipairs(spec.permissionOverwrites or {}) do
    add("Role", overwrite.roleRef)
  end
  return found
end

---@class Stuck
---@field managed Managed
---@field age number seconds
---@field message string
---@field parent string|nil key of the object that it waits for
---@field is_missing boolean|nil the object that it waits for does not exist

local function unhealthy(ctx, managed)
  local object = managed.object
  local oldest, message
  for _, kind in ipairs({ "Synced", "Ready" }) do
    local condition = kube.condition(object, kind)
    if not condition then
      oldest = math.max(oldest or 0, clock.age(ctx, object.metadata.creationTimestamp) or 0)
      message = message or "never looked at"
    elseif condition.status ~= "True" then
      oldest = math.max(oldest or 0, clock.age(ctx, condition.lastTransitionTime) or 0)
      message = message or condition.message or condition.reason or kind .. "=" .. condition.status
    end
  end
  return oldest, message
end

--- The objects that are not Ready and Synced although nobody paused or deletes them and no create
--- of theirs is undecided; each with the object that it waits for.
---@param ctx table
---@param list Managed[]
---@return Stuck[]
function resources.stuck(ctx, list)
  local exists, bad = {}, {}
  for _, managed in ipairs(list) do
    exists[managed.key] = true
    local object = managed.object
    local is_other = resources.is_paused(object)
      or object.metadata.deletionTimestamp
      or resources.pending_create(object)
    local old, message = unhealthy(ctx, managed)
    if old and not is_other then
      bad[managed.key] = { managed = managed, age = old, message = message }
    end
  end
  local result = {}
  for _, managed in ipairs(list) do
    local entry = bad[managed.key]
    if entry then
      for _, parent in ipairs(references(managed)) do
        if bad[parent] then
          entry.parent = entry.parent or parent
        elseif not exists[parent] then
          entry.parent, entry.is_missing = parent, true
        end
      end
      result[#result + 1] = entry
    end
  end
  return result
end

--- Whether an object is marked as critical: stuck, it is escalated at once. The label is
--- `criticalLabel` of the values, "key=value".
---@param ctx table
---@param object table
---@return boolean
function resources.is_critical(ctx, object)
  local label = (ctx.values or {}).criticalLabel or "discord.crossplane.io/criticality=critical"
  local name, value = label:match("^([^=]+)=(.*)$")
  return name ~= nil and (object.metadata.labels or {})[name] == value
end

return resources
