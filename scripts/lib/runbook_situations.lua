-- Situations for the cases of the runbooks: objects as Kubernetes and Discord give them, and the
-- answers of the host API in which they come.
local situations = {}

--- The time of the cases, as text.
situations.NOW = "2026-01-01T12:00:00Z"

local NAMESPACE <const> = "crossplane-system"
local DEPLOYMENT <const> = "provider-discord"

--- An error of a source.
---@param kind string
---@param message string|nil
function situations.err(kind, message)
  return { kind = kind, message = message or "the source says " .. kind }
end

--- One case of a check.
---@param name string
---@param check string
---@param answers table[]
---@param expect table
---@param more table|nil further members
function situations.check(name, check, answers, expect, more)
  local case = {
    name = check .. " " .. name,
    check = check,
    now = situations.NOW,
    answers = array(answers),
    expect = expect,
  }
  for key, value in pairs(more or {}) do
    case[key] = value
  end
  return case
end

--- One case of a plan.
---@param name string
---@param plan string
---@param answers table[]
---@param expect table
---@param more table|nil further members
function situations.plan(name, plan, answers, expect, more)
  local case = situations.check(name, plan, answers, expect, more)
  case.check, case.plan = nil, plan
  return case
end

--- An answer to kube.get.
---@param resource string
---@param value table|nil nil: it is not there
---@param error table|nil
function situations.get(resource, value, error)
  return {
    effect = "kube.get",
    gvr = { resource = resource },
    value = value,
    error = not value and (error or situations.err("notfound")) or nil,
  }
end

--- An answer to kube.list.
---@param resource string
---@param value table[]|nil nil: it cannot be read
---@param group string|nil
function situations.list(resource, value, group)
  return {
    effect = "kube.list",
    gvr = { resource = resource, group = group },
    value = value and array(value),
    error = not value and situations.err("forbidden") or nil,
  }
end

--- An answer to an effect, or its error when `value` is a text: the kind.
---@param effect string
---@param value any
---@param members table|nil that the effect must have
function situations.answer(effect, value, members)
  local answer = { effect = effect }
  for key, member in pairs(members or {}) do
    answer[key] = member
  end
  if type(value) == "string" then
    answer.error = situations.err(value)
  else
    answer.value = value
  end
  return answer
end

--- An answer to a metrics effect, from Prometheus over five minutes unless `info` says otherwise.
---@param effect string
---@param name string
---@param value any a text is the kind of an error
---@param info table|nil
function situations.metric(effect, name, value, info)
  local answer = situations.answer(effect, value, { name = name })
  if not answer.error then
    answer.info = info or { source = "prometheus", window = 300 }
  end
  return answer
end

--- The provider's Deployment.
---@param available integer
---@param members table|nil `limits`, `since` (not available since), `replicas`
function situations.deployment(available, members)
  members = members or {}
  local conditions = {}
  if members.since then
    conditions[1] = {
      type = "Available",
      status = "False",
      lastTransitionTime = members.since,
    }
  end
  return {
    metadata = {
      name = DEPLOYMENT,
      namespace = NAMESPACE,
      uid = "d-1",
      creationTimestamp = "2026-01-01T00:00:00Z",
    },
    spec = {
      replicas = members.replicas or 1,
      template = {
        metadata = { labels = { app = DEPLOYMENT } },
        spec = {
          containers = {
            {
              name = "provider",
              image = "provider-discord:2",
              resources = { limits = members.limits or { cpu = "250m", memory = "256Mi" } },
            },
          },
        },
      },
    },
    status = { availableReplicas = available, conditions = array(conditions) },
  }
end

--- The provider's pod.
---@param status table of its container: `state`, `lastState`, `restartCount`, `ready`
---@param members table|nil `phase`, `node`, `conditions`, `reason`, `created`
function situations.pod(status, members)
  members = members or {}
  status.name = "provider"
  return {
    kind = "Pod",
    metadata = {
      name = DEPLOYMENT .. "-abc",
      namespace = NAMESPACE,
      uid = "p-1",
      creationTimestamp = members.created or "2026-01-01T08:00:00Z",
    },
    spec = {
      nodeName = members.node,
      containers = {
        { name = "provider", resources = { limits = { cpu = "250m", memory = "256Mi" } } },
      },
    },
    status = {
      phase = members.phase or "Running",
      reason = members.reason,
      message = members.message,
      conditions = members.conditions,
      containerStatuses = { status },
    },
  }
end

--- A pod that runs well.
function situations.running_pod()
  return situations.pod(
    { state = { running = {} }, ready = true, restartCount = 0 },
    { node = "node-1" }
  )
end

--- A Guild, Channel or Role.
---@param kind string
---@param name string
---@param members table|nil `ready`, `synced` (texts), `since`, `message`, `annotations`, `spec`,
---  `deleted`, `generation`, `observed`, `labels`, `created`
function situations.object(kind, name, members)
  members = members or {}
  local since = members.since or "2026-01-01T08:00:00Z"
  return {
    apiVersion = kind:lower() .. ".discord.crossplane.io/v1alpha1",
    kind = kind,
    metadata = {
      name = name,
      namespace = "team",
      annotations = members.annotations or {},
      labels = members.labels or {},
      generation = members.generation or 1,
      creationTimestamp = members.created or "2026-01-01T08:00:00Z",
      deletionTimestamp = members.deleted,
      finalizers = { "finalizer.managedresource.crossplane.io" },
    },
    spec = { forProvider = members.spec or {}, providerConfigRef = members.config },
    status = {
      conditions = {
        {
          type = "Synced",
          status = members.synced or "True",
          lastTransitionTime = since,
          message = members.message,
          observedGeneration = members.observed or 1,
        },
        { type = "Ready", status = members.ready or "True", lastTransitionTime = since },
      },
    },
  }
end

--- The answers to the lists of all three kinds.
---@param guilds table[]
---@param roles table[]
---@param channels table[]
function situations.objects(guilds, roles, channels)
  return situations.list("guilds", guilds),
    situations.list("roles", roles),
    situations.list("channels", channels)
end

--- A Secret's fingerprint that is as it should be.
---@param members table|nil what is otherwise
function situations.fingerprint(members)
  local print = {
    exists = true,
    has_key = true,
    keys = { "token" },
    length = 72,
    shape_ok = true,
    hmac8 = "0a1b2c3d",
    changed_at = "2025-12-01T00:00:00Z",
    created_at = "2025-12-01T00:00:00Z",
    manager = "kubectl-create",
  }
  for key, value in pairs(members or {}) do
    print[key] = value
  end
  return situations.answer("secret.fingerprint", print)
end

--- The answers by which Discord takes the token.
function situations.token_taken()
  return situations.answer(
    "discord.get",
    { status = 200, body = { id = "77", username = "bot" } },
    { path = "/users/@me" }
  ),
    situations.answer("provider.state", { discord = array({ { tokenRefused = false } }) })
end

return situations
