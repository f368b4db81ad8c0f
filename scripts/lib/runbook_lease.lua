-- The Lease by which one of several replicas leads. A holder that died without a word keeps the
-- others waiting until the Lease runs out.
local check = require("lib.check")
local clock = require("lib.clock")
local kube = require("lib.kube")

local lease = {}

local function read(ctx)
  if not ctx.target.lease then
    return nil, { kind = "notfound", message = "no Lease is known" }
  end
  return kube.get(kube.types.leases, ctx.target.namespace, ctx.target.lease)
end

local function is_dead(ctx, spec)
  local age = clock.age(ctx, spec.renewTime)
  local holder = spec.holderIdentity
  if not holder or holder == "" or not age then
    return false, nil
  end
  return age > math.max(ctx.thresholds.lease_age, spec.leaseDurationSeconds or 0), age
end

--- A check: the Lease is free, or its holder lives.
---@param explains string[]
---@return fun(ctx: table): table
function lease.alive(explains)
  return function(ctx)
    local object, err = read(ctx)
    if not object then
      if err and err.kind == "notfound" then
        return check.skip("there is no Lease: one replica needs none")
      end
      return check.no_answer("the Lease", err)
    end
    local spec = object.spec or {}
    local dead, age = is_dead(ctx, spec)
    if not age then
      return check.pass("nobody holds the Lease")
    end
    local observed = { holder = spec.holderIdentity, age = age }
    if not dead then
      return check.pass(
        string.format("%s renewed the Lease %s ago", spec.holderIdentity, clock.text(age)),
        { observed = observed }
      )
    end
    return check.fail(
      string.format(
        "%s holds the Lease and has not renewed it for %s",
        spec.holderIdentity,
        clock.text(age)
      ),
      {
        cause = "lease.dead_holder",
        explains = explains,
        observed = observed,
        threshold = { value = ctx.thresholds.lease_age, unit = "s" },
        plans = { "release-lease" },
      }
    )
  end
end

--- A plan: deletes the Lease of a holder that is dead. Who is alive takes it at once.
---@param ctx table
function lease.plan_release(ctx)
  local object, err = read(ctx)
  if not object then
    return {
      why = "nothing can be done",
      ops = array({}),
      veto = "the Lease cannot be read: " .. (err and err.message or "no data"),
    }
  end
  local dead = is_dead(ctx, object.spec or {})
  return {
    why = "a replica that lives takes the Lease at once instead of waiting for its end",
    ops = {
      {
        verb = "delete",
        gvr = kube.types.leases,
        namespace = ctx.target.namespace,
        name = ctx.target.lease,
        preconditions = {
          uid = object.metadata.uid,
          resourceVersion = object.metadata.resourceVersion,
        },
      },
    },
    veto = not dead and "the holder of the Lease is alive: two would lead" or nil,
  }
end

return lease
