-- The node that the provider's pod runs on.
local check = require("lib.check")
local kube = require("lib.kube")
local target = require("lib.runbook_target")

local node = {}

local PRESSURE <const> = {
  MemoryPressure = "node.memory_pressure",
  DiskPressure = "node.disk_pressure",
  PIDPressure = "node.pid_pressure",
}

local function trouble(object)
  for _, condition in ipairs((object.status or {}).conditions or {}) do
    if condition.type == "Ready" and condition.status ~= "True" then
      return "node.not_ready", "is not ready: " .. (condition.message or condition.reason or "")
    end
  end
  for _, condition in ipairs((object.status or {}).conditions or {}) do
    if PRESSURE[condition.type] and condition.status == "True" then
      return PRESSURE[condition.type], "is under " .. condition.type
    end
  end
  return nil
end

--- A check: the node is ready and under no pressure.
---@param explains string[]
---@return fun(ctx: table): table
function node.healthy(explains)
  return function(ctx)
    local pod, err = target.pod(ctx)
    if not pod then
      return check.no_answer("the pod", err)
    end
    local name = pod.spec.nodeName
    if not name then
      return check.skip("the pod is on no node yet")
    end
    local object, problem = kube.get(kube.types.nodes, nil, name)
    if not object then
      if problem and problem.kind == "notfound" then
        return check.fail("node " .. name .. " does not exist any more", {
          cause = "node.gone",
          explains = explains,
          plans = { "restart-pod" },
        })
      end
      return check.no_answer("node " .. name, problem)
    end
    local cause, what = trouble(object)
    if cause then
      return check.fail(string.format("node %s %s", name, what), {
        cause = cause,
        explains = explains,
        observed = { node = name },
        escalate = { { to = "Platform Team", after = 0 } },
      })
    end
    return check.pass("node " .. name .. " is ready, under no pressure")
  end
end

return node
