-- The cluster's own DNS, without which the provider finds no host.
local check = require("lib.check")
local kube = require("lib.kube")

local clusterdns = {}

local function is_ready(pod)
  for _, condition in ipairs((pod.status or {}).conditions or {}) do
    if condition.type == "Ready" then
      return condition.status == "True"
    end
  end
  return false
end

--- A check: at least one pod of the cluster's DNS is ready.
---@param explains string[]
---@return fun(ctx: table): table
function clusterdns.runs(explains)
  return function()
    local pods, err = kube.list(kube.types.pods, {
      namespace = "kube-system",
      labels = "k8s-app=kube-dns",
    })
    if not pods then
      return check.no_answer("the pods of the cluster's DNS", err)
    end
    if #pods == 0 then
      return check.skip("this cluster has no pods k8s-app=kube-dns in kube-system")
    end
    local ready = 0
    for _, pod in ipairs(pods) do
      if is_ready(pod) then
        ready = ready + 1
      end
    end
    local message = string.format("%d of %d DNS pods are ready", ready, #pods)
    local observed = { ready = ready, all = #pods }
    if ready == 0 then
      return check.fail(message, {
        cause = "dns.cluster_down",
        explains = explains,
        observed = observed,
        escalate = { { to = "Platform Team", after = 0 } },
      })
    elseif ready < #pods then
      return check.warn(message, { cause = "dns.cluster_degraded", observed = observed })
    end
    return check.pass(message, { observed = observed })
  end
end

return clusterdns
