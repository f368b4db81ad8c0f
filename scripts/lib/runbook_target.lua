-- The provider as it is installed: its Deployment, its pods, its limits. Helm's chart makes a
-- Deployment of its own; Crossplane makes one from a Provider and a DeploymentRuntimeConfig, and
-- takes back what anybody else writes into it.
local kube = require("lib.kube")
local quantity = require("lib.quantity")

local target = {}

--- Whether Crossplane runs the Deployment.
---@param ctx table
---@return boolean
function target.is_crossplane(ctx)
  return ctx.target.flavour == "crossplane"
end

--- The provider's Deployment.
---@param ctx table
---@return table|nil deployment
---@return SourceError|nil err
function target.deployment(ctx)
  return kube.get(kube.types.deployments, ctx.target.namespace, ctx.target.deployment)
end

--- The body of a strategic merge patch of the Deployment that changes the provider's container.
---@param ctx table
---@param changes table fields of the container
---@return table body
function target.container_patch(ctx, changes)
  changes.name = ctx.target.container
  return { spec = { template = { spec = { containers = { changes } } } } }
end

--- The provider's pods, also those that are not running.
---@param ctx table
---@return table[]|nil pods
---@return SourceError|nil err
function target.pods(ctx)
  return kube.list(kube.types.pods, {
    namespace = ctx.target.namespace,
    labels = ctx.target.app_label,
  })
end

--- The pod that is worth looking into: a running one before one that waits, then the newest.
---@param pods table[]
---@return table|nil
function target.main_pod(pods)
  local best
  local function rank(pod)
    local is_running = pod.status and pod.status.phase == "Running"
    return (is_running and "1" or "0") .. (pod.metadata.creationTimestamp or "")
  end
  for _, pod in ipairs(pods) do
    if not best or rank(pod) > rank(best) then
      best = pod
    end
  end
  return best
end

--- The pod that is worth looking into, asked for.
---@param ctx table
---@return table|nil pod
---@return SourceError|nil err
function target.pod(ctx)
  local pods, err = target.pods(ctx)
  if not pods then
    return nil, err
  end
  local pod = target.main_pod(pods)
  if not pod then
    return nil, { kind = "notfound", message = "the provider has no pod" }
  end
  return pod
end

--- The provider's container in a pod's spec or in a Deployment's template.
---@param ctx table
---@param spec table|nil
---@return table|nil
function target.container(ctx, spec)
  local containers = spec and spec.containers or {}
  for _, container in ipairs(containers) do
    if container.name == ctx.target.container then
      return container
    end
  end
  return containers[1]
end

--- Name of the container in this pod that is the provider's.
---@param ctx table
---@return fun(pod: table): string|nil
function target.container_of(ctx)
  return function(pod)
    local container = target.container(ctx, pod.spec)
    return container and container.name
  end
end

--- The limits of the provider's container: memory in bytes, cpu in cores; nil where there is none.
---@param ctx table
---@param spec table|nil
---@return { memory: number|nil, cpu: number|nil }
function target.limits(ctx, spec)
  local container = target.container(ctx, spec)
  local limits = container and container.resources and container.resources.limits or {}
  return { memory = quantity.parse(limits.memory), cpu = quantity.parse(limits.cpu) }
end

--- The limits that the Deployment asks for.
---@param ctx table
---@return { memory: number|nil, cpu: number|nil }|nil
---@return SourceError|nil err
function target.deployment_limits(ctx)
  local deployment, err = target.deployment(ctx)
  if not deployment then
    return nil, err
  end
  return target.limits(ctx, deployment.spec.template.spec)
end

--- Lines of the provider's log, as kube.logs gives them.
---@param ctx table
---@param options LogOptions
---@return string[]|nil lines
---@return SourceError|nil err
function target.logs(ctx, options)
  local pod, err = target.pod(ctx)
  if not pod then
    return nil, err
  end
  options.container = target.container_of(ctx)(pod)
  return kube.logs(pod, options)
end

return target
