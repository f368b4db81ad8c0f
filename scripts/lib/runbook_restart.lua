-- Plans that restart the provider, and when that would do harm. A restart forgets what the provider
-- knows of Discord's limits and asks everything again; answers 401, 403 and 429 count towards a ban
-- of the address (10,000 in ten minutes), so a restart is refused while they are many.
local kube = require("lib.kube")
local provider = require("lib.provider")
local target = require("lib.runbook_target")

local restart = {}

local BAN <const> = 10000

--- Why the provider must not be restarted now; nil when nothing speaks against it.
---@param state table|nil the provider's /debug/state; nil when it does not answer
---@param maximum number invalid requests in ten minutes from which on a restart is refused
---@return string|nil
function restart.veto(state, maximum)
  if not state then
    return nil
  end
  for _, connection in ipairs(state.discord or {}) do
    local invalid = (connection.invalidRequests or {}).inTenMinutes or 0
    if invalid >= maximum then
      return string.format(
        "%d invalid requests of %d in ten minutes: a restart adds to them, and at %d Discord bans "
          .. "the address",
        invalid,
        BAN,
        BAN
      )
    end
    if connection.tokenRefused == true then
      return "Discord refuses the token: a restart would send it again, and each 401 counts "
        .. "towards a ban; replace the token instead"
    end
  end
  return nil
end

--- A reason against a restart that a check of this run gives.
---@param ctx table
---@param reasons table<string, string> by the id of a check that must not have failed
---@return string|nil
function restart.veto_by_results(ctx, reasons)
  local ids = {}
  for id in pairs(reasons) do
    ids[#ids + 1] = id
  end
  table.sort(ids)
  for _, id in ipairs(ids) do
    local result = (ctx.results or {})[id]
    if result and result.status == "fail" then
      return reasons[id]
    end
  end
  return nil
end

--- A plan that rolls the Deployment over.
---@param ctx table
---@param why string
---@param maximum number see restart.veto
---@param more_veto string|nil another reason against it
function restart.roll_out(ctx, why, maximum, more_veto)
  local state = provider.state()
  return {
    why = why,
    ops = {
      {
        verb = "restart",
        gvr = kube.types.deployments,
        namespace = ctx.target.namespace,
        name = ctx.target.deployment,
      },
    },
    veto = more_veto or restart.veto(state, maximum),
  }
end

--- A plan that deletes the provider's pod, so that its Deployment makes another. The pod's uid
--- makes sure that it is that pod and not its successor.
---@param ctx table
---@param why string
---@param maximum number see restart.veto
function restart.delete_pod(ctx, why, maximum)
  local pod, err = target.pod(ctx)
  if not pod then
    return {
      why = why,
      ops = array({}),
      veto = "there is no pod to delete" .. (err and ": " .. err.message or ""),
    }
  end
  return {
    why = why,
    ops = {
      {
        verb = "delete",
        gvr = kube.types.pods,
        namespace = ctx.target.namespace,
        name = pod.metadata.name,
        preconditions = { uid = pod.metadata.uid },
      },
    },
    veto = restart.veto(provider.state(), maximum),
  }
end

return restart
