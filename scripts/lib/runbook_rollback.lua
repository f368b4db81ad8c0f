-- The image that the provider runs, and the way back to the last one that ran. Helm's Deployment
-- takes the image of its older ReplicaSet; in a cluster with Crossplane the package is what counts,
-- since Crossplane takes back what anybody writes into the Deployment.
local check = require("lib.check")
local kube = require("lib.kube")
local target = require("lib.runbook_target")

local rollback = {}

-- The provider's package. Out of the list, which whoever runs runbooks may read: by it the provider
-- is found, too.
local function installed_package(ctx)
  local all, err = kube.list(kube.types.providers)
  for _, one in ipairs(all or {}) do
    if one.metadata.name == ctx.target.provider then
      return one
    end
  end
  return nil, err or { kind = "notfound", message = "Crossplane does not know it" }
end

--- A check: Crossplane calls the package installed and healthy.
---@param explains string[]
---@return fun(ctx: table): table
function rollback.package_healthy(explains)
  return function(ctx)
    if not target.is_crossplane(ctx) then
      return check.skip("Crossplane did not install the provider")
    end
    local package, err = installed_package(ctx)
    if not package then
      return check.no_answer("Provider " .. (ctx.target.provider or ""), err)
    end
    for _, kind in ipairs({ "Installed", "Healthy" }) do
      local one = kube.condition(package, kind)
      if one and one.status ~= "True" then
        return check.fail(
          string.format("Provider %s: %s=%s, %s", ctx.target.provider, kind, one.status,
            one.message or one.reason or "no reason given"),
          { cause = "package.unhealthy", explains = explains, plans = { "roll-back-image" } }
        )
      end
    end
    return check.pass("Crossplane calls the package installed and healthy")
  end
end

local function refusal(why)
  return { why = "nothing can be done", ops = array({}), veto = why }
end

-- The image of the newest ReplicaSet of this Deployment whose image is another than today's.
local function older_image(ctx, deployment)
  local sets, err = kube.list(kube.types.replicasets, { namespace = ctx.target.namespace })
  if not sets then
    return nil, nil, err
  end
  local today = target.container(ctx, deployment.spec.template.spec).image
  local best, best_revision
  for _, set in ipairs(sets) do
    local owner = (set.metadata.ownerReferences or {})[1] or {}
    local container = target.container(ctx, set.spec.template.spec)
    local revision =
      tonumber((set.metadata.annotations or {})["deployment.kubernetes.io/revision"] or 0)
    if
      owner.uid == deployment.metadata.uid
      and container
      and container.image ~= today
      and (not best or revision > best_revision)
    then
      best, best_revision = container.image, revision
    end
  end
  return best, today
end

local function deployment_plan(ctx)
  local deployment, err = target.deployment(ctx)
  if not deployment then
    return refusal("the Deployment cannot be read: " .. (err and err.message or "no data"))
  end
  local image, today, problem = older_image(ctx, deployment)
  if not image then
    return refusal(
      problem and "the ReplicaSets cannot be read: " .. problem.message
        or "there is no older ReplicaSet with another image"
    )
  end
  return {
    why = string.format("the image goes back from %s to %s", today, image),
    ops = {
      {
        verb = "patch",
        gvr = kube.types.deployments,
        namespace = ctx.target.namespace,
        name = ctx.target.deployment,
        patch_type = "strategic",
        body = target.container_patch(ctx, { image = image }),
        note = "helm upgrade sets it forward again unless image.tag is given there too",
      },
    },
  }
end

-- Crossplane keeps a revision for each package that it installed.
local function package_plan(ctx)
  local package, err = installed_package(ctx)
  local revisions, problem = kube.list(kube.types.provider_revisions, {
    labels = "pkg.crossplane.io/package=" .. (ctx.target.provider or ""),
  })
  if not package or not revisions then
    local why = err or problem
    return refusal("the package cannot be read: " .. (why and why.message or "no data"))
  end
  local best
  for _, revision in ipairs(revisions) do
    local is_other = revision.spec.image ~= package.spec.package
    if is_other and (not best or revision.spec.revision > best.spec.revision) then
      best = revision
    end
  end
  if not best then
    return refusal("there is no older revision of the package")
  end
  return {
    why = string.format("from package %s back to %s", package.spec.package, best.spec.image),
    ops = {
      {
        verb = "patch",
        gvr = kube.types.providers,
        name = ctx.target.provider,
        patch_type = "merge",
        body = { spec = { package = best.spec.image } },
        note = "Crossplane makes the Deployment from the package",
      },
    },
  }
end

--- A plan: back to the last image that was in use.
---@param ctx table
function rollback.plan_image(ctx)
  if target.is_crossplane(ctx) then
    return package_plan(ctx)
  end
  return deployment_plan(ctx)
end

return rollback
