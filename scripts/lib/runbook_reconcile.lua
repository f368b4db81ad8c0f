-- Plans that change annotations of objects: ask for a reconcile, end a pause, look less often.
local resources = require("lib.runbook_resources")

local reconcile = {}

-- More requests for a reconcile would be a wave of requests to Discord; the rest follows with the
-- next run. What makes less work has no such reason.
local WAVE <const> = 50
local ALL <const> = 5000

local function annotate(managed, annotations, note)
  return {
    verb = "annotate",
    gvr = managed.gvr,
    namespace = managed.object.metadata.namespace,
    name = managed.object.metadata.name,
    body = annotations,
    note = note,
  }
end

local function plan(why, list, annotations, maximum, note)
  local ops = {}
  for index = 1, math.min(#list, maximum) do
    ops[#ops + 1] = annotate(list[index], annotations, note)
  end
  if #list > maximum then
    why = string.format("%s; the first %d of %d", why, maximum, #list)
  end
  return {
    why = why,
    ops = array(ops),
    veto = #ops == 0 and "there is no such object" or nil,
  }
end

local function unreadable(err)
  return {
    why = "nothing can be done",
    ops = array({}),
    veto = "the objects cannot be read: " .. err.message,
  }
end

--- Asks for a reconcile of the objects that others wait for, and of those that wait for none.
---@param ctx table
---@param older_than number seconds
function reconcile.plan_request(ctx, older_than)
  local list, err = resources.all()
  if not list then
    return unreadable(err)
  end
  local roots = {}
  for _, entry in ipairs(resources.stuck(ctx, list)) do
    if not entry.parent and entry.age > older_than then
      roots[#roots + 1] = entry.managed
    end
  end
  return plan(
    "the roots are looked at now; what waits for them follows by itself",
    roots,
    { ["crossplane.io/reconcile-requested-at"] = ctx.now },
    WAVE,
    "acknowledged in status.lastHandledReconcileAt"
  )
end

--- Asks for a reconcile of one object of each of these types: a read that shows whether Discord is
--- back, and closes the breaker when it is.
---@param ctx table
---@param types table<string, boolean> resource types such as "guild"
function reconcile.plan_trial(ctx, types)
  local list, err = resources.all()
  if not list then
    return unreadable(err)
  end
  local chosen, seen = {}, {}
  for _, managed in ipairs(list) do
    local kind = managed.kind:lower()
    if types[kind] and not seen[kind] and not resources.is_paused(managed.object) then
      seen[kind] = true
      chosen[#chosen + 1] = managed
    end
  end
  return plan(
    "one object of each type is looked at: its read is the trial that closes the breaker",
    chosen,
    { ["crossplane.io/reconcile-requested-at"] = ctx.now },
    WAVE,
    "acknowledged in status.lastHandledReconcileAt"
  )
end

local CATEGORY <const> = 4

-- Whether others may lie in it: guilds, roles and categories go before channels.
local function is_parent(managed)
  local spec = managed.object.spec and managed.object.spec.forProvider or {}
  return managed.kind ~= "Channel" or spec.type == CATEGORY
end

--- Ends the pause of all paused objects, parents first. They are as many as after a start of the
--- provider, which paces its work by itself.
function reconcile.plan_unpause()
  local list, err = resources.all()
  if not list then
    return unreadable(err)
  end
  local paused, children = {}, {}
  for _, managed in ipairs(list) do
    if resources.is_paused(managed.object) then
      local part = is_parent(managed) and paused or children
      part[#part + 1] = managed
    end
  end
  table.move(children, 1, #children, #paused + 1, paused)
  return plan("they are reconciled again", paused, { ["crossplane.io/paused"] = null }, ALL)
end

--- Pauses every object, so that nothing in Discord is changed by the provider.
function reconcile.plan_pause()
  local list, err = resources.all()
  if not list then
    return unreadable(err)
  end
  local running = {}
  for _, managed in ipairs(list) do
    if not resources.is_paused(managed.object) then
      running[#running + 1] = managed
    end
  end
  return plan(
    "the provider changes nothing in Discord, and what is there stays as evidence",
    running,
    { ["crossplane.io/paused"] = "true" },
    ALL
  )
end

--- Lets the objects of these types be looked at less often.
---@param types table<string, boolean>
---@param interval string as Go writes it: "10m"
function reconcile.plan_poll_less(types, interval)
  local list, err = resources.all()
  if not list then
    return unreadable(err)
  end
  local chosen = {}
  for _, managed in ipairs(list) do
    local set = resources.annotation(managed.object, "crossplane.io/poll-interval")
    if types[managed.kind:lower()] and set ~= interval then
      chosen[#chosen + 1] = managed
    end
  end
  return plan(
    "Discord is asked about them every " .. interval,
    chosen,
    { ["crossplane.io/poll-interval"] = interval },
    ALL,
    "drift of these objects is repaired that much later"
  )
end

return reconcile
