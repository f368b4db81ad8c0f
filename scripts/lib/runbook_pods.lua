-- Why a pod does not run, as the runbooks tell it: what Kubernetes recorded about the pod and its
-- container, and the first of these that explains the rest.
local clock = require("lib.clock")
local kube = require("lib.kube")

local pods = {}

---@class PodTrouble
---@field cause string
---@field message string
---@field pod string name of the pod
---@field since string|nil when it was recorded

local IMAGE_REASONS <const> = {
  ErrImagePull = true,
  ImagePullBackOff = true,
  InvalidImageName = true,
  ErrImageNeverPull = true,
  RegistryUnavailable = true,
}

-- In the order in which they explain each other: a container that was killed for its memory also
-- is in CrashLoopBackOff.
local RANK <const> = {
  ["pod.oomkilled"] = 1,
  ["pod.image_pull"] = 2,
  ["pod.config_error"] = 3,
  ["pod.crashloop"] = 4,
  ["pod.unschedulable"] = 5,
  ["pod.evicted"] = 6,
}

local function container_status(pod, name)
  local statuses = pod.status and pod.status.containerStatuses or {}
  for _, status in ipairs(statuses) do
    if status.name == name then
      return status
    end
  end
  return statuses[1]
end

--- The state of the provider's container: restarts, ready, and the ends that are recorded.
---@param pod table
---@param container string|nil
function pods.container(pod, container)
  local status = container_status(pod, container) or {}
  local state, last = status.state or {}, status.lastState or {}
  return {
    restarts = status.restartCount or 0,
    is_ready = status.ready == true,
    waiting = state.waiting,
    running = state.running,
    ended = state.terminated or last.terminated,
  }
end

local function of_container(pod, container, add)
  local state = pods.container(pod, container)
  local waiting, ended = state.waiting or {}, state.ended or {}
  if ended.reason == "OOMKilled" and not (state.running and state.is_ready) then
    add("pod.oomkilled", "was killed for using more memory than its limit", ended.finishedAt)
  end
  if IMAGE_REASONS[waiting.reason] then
    add("pod.image_pull", "cannot get its image: " .. (waiting.message or waiting.reason))
  elseif
    waiting.reason == "CreateContainerConfigError" or waiting.reason == "CreateContainerError"
  then
    add("pod.config_error", "cannot be made: " .. (waiting.message or waiting.reason))
  elseif waiting.reason == "CrashLoopBackOff" then
    add(
      "pod.crashloop",
      string.format("ends again and again, last with exit code %s", ended.exitCode or "unknown"),
      ended.finishedAt
    )
  end
end

--- What is wrong with a pod, the explaining one first; empty when nothing is.
---@param pod table
---@param container string|nil
---@return PodTrouble[]
function pods.troubles(pod, container)
  local found = {}
  local function add(cause, message, since)
    found[#found + 1] = {
      cause = cause,
      message = string.format("pod %s %s", pod.metadata.name, message),
      pod = pod.metadata.name,
      since = since,
    }
  end
  of_container(pod, container, add)
  local scheduled = kube.condition(pod, "PodScheduled")
  if scheduled and scheduled.status == "False" then
    add(
      "pod.unschedulable",
      "finds no node: " .. (scheduled.message or scheduled.reason or "no reason given"),
      scheduled.lastTransitionTime
    )
  end
  local status = pod.status or {}
  if status.reason == "Evicted" then
    add("pod.evicted", "was evicted: " .. (status.message or "no reason given"))
  end
  table.sort(found, function(a, b)
    return RANK[a.cause] < RANK[b.cause]
  end)
  return found
end

--- The trouble of all pods that explains the others; nil when there is none.
---@param list table[]
---@param container_of fun(pod: table): string|nil
---@return PodTrouble|nil
function pods.worst(list, container_of)
  local worst
  for _, pod in ipairs(list) do
    local trouble = pods.troubles(pod, container_of(pod))[1]
    if trouble and (not worst or RANK[trouble.cause] < RANK[worst.cause]) then
      worst = trouble
    end
  end
  return worst
end

--- Restarts of the provider's container within the last hour, as far as a pod tells: all of them
--- when the pod is younger than that, one when the last end is.
---@param ctx table
---@param pod table
---@param container string|nil
---@return integer
function pods.recent_restarts(ctx, pod, container)
  local state = pods.container(pod, container)
  if state.restarts == 0 then
    return 0
  end
  local lived = clock.age(ctx, pod.metadata.creationTimestamp)
  if lived and lived <= 3600 then
    return state.restarts
  end
  local ended = state.ended and clock.age(ctx, state.ended.finishedAt)
  if not ended or ended > 3600 then
    return 0
  end
  -- A container that is waiting in a crash loop restarts every five minutes at least.
  return state.waiting and math.min(state.restarts, 12) or 1
end

--- How often the kubelet killed the container for its memory, as far as the pods tell.
---@param list table[]
---@param container_of fun(pod: table): string|nil
---@return integer count
---@return string|nil last
function pods.oom_kills(list, container_of)
  local count, last = 0, nil
  for _, pod in ipairs(list) do
    local state = pods.container(pod, container_of(pod))
    if state.ended and state.ended.reason == "OOMKilled" then
      -- Kubernetes keeps the reason of the last end only; the others are taken to be like it.
      count = count + math.max(1, state.restarts)
      if not last or (state.ended.finishedAt or "") > last then
        last = state.ended.finishedAt
      end
    end
  end
  return count, last
end

return pods
