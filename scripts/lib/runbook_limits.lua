-- Plans that give the provider's container more memory or CPU. Never less: a document that says
-- "increase to 512Mi" would halve a limit of 1Gi. In a cluster where Crossplane made the
-- Deployment, the limit belongs into its DeploymentRuntimeConfig.
local kube = require("lib.kube")
local quantity = require("lib.quantity")
local target = require("lib.runbook_target")

local limits = {}

-- Cores as a limit is written.
local function millicores(cores)
  return string.format("%dm", math.ceil(cores * 1000 - 1e-6))
end

local function containers_of_runtime_config(config)
  local spec = config.spec or {}
  for _, key in ipairs({ "deploymentTemplate", "spec", "template", "spec", "containers" }) do
    if type(spec) ~= "table" then
      return {}
    end
    spec = spec[key]
  end
  return type(spec) == "table" and spec or {}
end

-- A CustomResource's lists are replaced by a patch, so all containers are sent, one changed.
local function runtime_config_op(ctx, resource, text)
  local name = ctx.target.runtime_config or "default"
  local config, missing = kube.get(kube.types.runtime_configs, nil, name)
  if not config then
    return nil, missing
  end
  local containers = containers_of_runtime_config(config)
  local found
  for _, container in ipairs(containers) do
    if container.name == ctx.target.container then
      found = container
    end
  end
  if not found then
    found = { name = ctx.target.container }
    containers[#containers + 1] = found
  end
  found.resources = found.resources or {}
  found.resources.limits = found.resources.limits or {}
  found.resources.limits[resource] = text
  local body = { spec = { template = { spec = { containers = containers } } } }
  if not (config.spec and config.spec.deploymentTemplate) then
    body.spec.selector = {}
  end
  return {
    verb = "patch",
    gvr = kube.types.runtime_configs,
    name = name,
    patch_type = "merge",
    body = { spec = { deploymentTemplate = body } },
    preconditions = { resourceVersion = config.metadata.resourceVersion },
    note = "Crossplane makes the Deployment from this; a patch of the Deployment would be undone",
  }
end

local function deployment_op(ctx, resource, text)
  return {
    verb = "patch",
    gvr = kube.types.deployments,
    namespace = ctx.target.namespace,
    name = ctx.target.deployment,
    patch_type = "strategic",
    body = target.container_patch(ctx, { resources = { limits = { [resource] = text } } }),
    note = "helm upgrade sets it back unless resources.limits."
      .. resource
      .. " is given there too",
  }
end

local function plan(ctx, resource, live, wanted, text)
  local have = live[resource]
  if not have then
    return {
      why = "the container has no limit, so none can be too small",
      ops = array({}),
      veto = "the container has no limit of its " .. resource .. ": raising it would set one",
    }
  end
  if wanted <= have then
    return {
      why = "the limit is higher already",
      ops = array({}),
      veto = "the limit would become smaller",
    }
  end
  local op, err
  if target.is_crossplane(ctx) then
    op, err = runtime_config_op(ctx, resource, text)
  else
    op = deployment_op(ctx, resource, text)
  end
  if not op then
    return nil, err
  end
  return {
    why = string.format("the limit is %s; it becomes %s", resource == "memory"
      and quantity.limit(have) or millicores(have), text),
    ops = { op },
  }
end

local function without_answer(err)
  return {
    why = "the limits could not be read",
    ops = array({}),
    veto = "the limits that are in force are unknown: " .. (err and err.message or "no answer"),
  }
end

--- A plan for more memory: the document's figure or twice what there is, whichever is more.
---@param ctx table
---@param document_mebibytes number
function limits.more_memory(ctx, document_mebibytes)
  local live, err = target.deployment_limits(ctx)
  if not live then
    return without_answer(err)
  end
  local wanted = math.max(document_mebibytes * 2 ^ 20, 2 * (live.memory or 0))
  local made, problem = plan(ctx, "memory", live, wanted, quantity.limit(wanted))
  return made or without_answer(problem)
end

--- A plan for more CPU: the document's figure or twice what there is, whichever is more.
---@param ctx table
---@param document_millicores number
function limits.more_cpu(ctx, document_millicores)
  local live, err = target.deployment_limits(ctx)
  if not live then
    return without_answer(err)
  end
  local wanted = math.max(document_millicores / 1000, 2 * (live.cpu or 0))
  local made, problem = plan(ctx, "cpu", live, wanted, millicores(wanted))
  return made or without_answer(problem)
end

return limits
