-- Checks of the Deployment and its pods: does one run, and if not, what does Kubernetes say?
local check = require("lib.check")
local clock = require("lib.clock")
local counted = require("lib.counted")
local evidence = require("lib.evidence")
local kube = require("lib.kube")
local pods = require("lib.runbook_pods")
local quantity = require("lib.quantity")
local target = require("lib.runbook_target")

local workload = {}

-- Whom to call about a provider that has been down since then.
local function escalation(since)
  return {
    { to = "Platform Team", after = 0, since = since },
    { to = "SRE Team", after = 900, since = since },
    { to = "On-call Engineer", after = 900, since = since, why = "emergency contact" },
  }
end

-- Since when the Deployment has not been available.
local function unavailable_since(deployment)
  for _, condition in ipairs((deployment.status or {}).conditions or {}) do
    if condition.type == "Available" and condition.status ~= "True" then
      return condition.lastTransitionTime
    end
  end
  return nil
end

--- A check: at least one replica is available.
---@param explains string[]
---@param pods_check string the check of the pods, which a Deployment without replicas explains
---@return fun(ctx: table): table
function workload.available(explains, pods_check)
  local without_pods = { pods_check, table.unpack(explains) }
  return function(ctx)
    local deployment, err = target.deployment(ctx)
    if not deployment then
      if err and err.kind == "notfound" then
        return check.fail("there is no Deployment " .. ctx.target.deployment, {
          cause = "deployment.missing",
          explains = without_pods,
          escalate = escalation(),
        })
      end
      return check.no_answer("the Deployment", err)
    end
    local wanted = deployment.spec.replicas or 1
    local available = (deployment.status or {}).availableReplicas or 0
    local details = { observed = { available = available, wanted = wanted } }
    if available > 0 then
      return check.pass(string.format("%d of %d replicas available", available, wanted), details)
    end
    local since = unavailable_since(deployment)
    details.explains, details.escalate = explains, escalation(since)
    if wanted == 0 then
      details.cause, details.explains = "deployment.scaled_to_zero", without_pods
      return check.fail("the Deployment asks for no replica", details)
    end
    details.cause, details.plans = "deployment.unavailable", { "restart-pod" }
    local age = clock.age(ctx, since)
    return check.fail(
      string.format(
        "0 of %d replicas available%s",
        wanted,
        age and ", for " .. clock.text(age) or ""
      ),
      details
    )
  end
end

local PLAN_OF <const> = {
  ["pod.oomkilled"] = "set-memory-limit",
  ["pod.image_pull"] = "roll-back-image",
}

local function restarts_of(ctx, list, container_of)
  local restarts = 0
  for _, pod in ipairs(list) do
    restarts = restarts + pods.recent_restarts(ctx, pod, container_of(pod))
  end
  return restarts
end

--- A check: nothing is wrong with the pods, as Kubernetes records it.
---@param explains string[]
---@return fun(ctx: table): table
function workload.pods(explains)
  return function(ctx)
    local list, err = target.pods(ctx)
    if not list then
      return check.no_answer("the pods", err)
    end
    if #list == 0 then
      return check.fail("no pod has the label " .. ctx.target.app_label, {
        cause = "pod.none",
        explains = explains,
      })
    end
    local container_of = target.container_of(ctx)
    local worst = pods.worst(list, container_of)
    if worst then
      return check.fail(worst.message, {
        cause = worst.cause,
        explains = explains,
        observed = { pod = worst.pod, since = worst.since },
        plans = { PLAN_OF[worst.cause] or "restart-pod" },
        evidence = { evidence.add("pods.json", list) },
      })
    end
    local restarts = restarts_of(ctx, list, container_of)
    local observed = { pods = #list, restarts = restarts }
    if restarts > ctx.thresholds.restarts_warn then
      return check.warn(counted.of(restarts, "restart") .. " within an hour", {
        cause = "pod.restarts",
        observed = observed,
        threshold = { value = ctx.thresholds.restarts_warn, unit = "restarts/h" },
      })
    end
    return check.pass("nothing is wrong with the pods", { observed = observed })
  end
end

--- A check that keeps what the container wrote before it ended.
---@param ctx table
function workload.previous_log(ctx)
  local pod, err = target.pod(ctx)
  if not pod then
    return check.no_answer("the pod", err)
  end
  local state = pods.container(pod, target.container_of(ctx)(pod))
  if state.restarts == 0 and not state.ended then
    return check.pass("the container never ended")
  end
  local lines, problem = target.logs(ctx, { previous = true, tail = 50 })
  if not lines then
    return check.no_answer("the previous container's log", problem)
  end
  local ended = state.ended or {}
  return check.pass(
    string.format("the last container ended with code %s", ended.exitCode or "unknown"),
    {
      observed = { exit_code = ended.exitCode, reason = ended.reason },
      lines = #lines > 0 and array({ lines[#lines] }) or nil,
      evidence = { evidence.add("previous.log", table.concat(lines, "\n")) },
    }
  )
end

--- A check: the pod does not use nearly all the memory that it may.
---@param ctx table
function workload.usage(ctx)
  local pod, err = target.pod(ctx)
  if not pod then
    return check.no_answer("the pod", err)
  end
  local usage, problem = kube.usage(pod)
  if not usage then
    return check.no_answer("use of memory and CPU (metrics.k8s.io)", problem)
  end
  local limit = target.limits(ctx, pod.spec).memory
  local message = quantity.bytes(usage.memory) .. " in use"
  local observed = { memory = usage.memory, cpu = usage.cpu, limit = limit }
  if limit and usage.memory > ctx.thresholds.memory_warn * limit then
    return check.warn(string.format("%s of %s", message, quantity.bytes(limit)), {
      cause = "memory.near_limit",
      observed = observed,
      plans = { "set-memory-limit" },
    })
  end
  return check.pass(message, { observed = observed })
end

local EVENT_CAUSES <const> = {
  FailedMount = "pod.failed_mount",
  FailedCreate = "pod.failed_create",
  FailedCreatePodSandBox = "pod.sandbox",
}

local function is_about(event, deployment)
  local name = event.object.name
  return name == deployment or name:sub(1, #deployment + 1) == deployment .. "-"
end

--- A check: no warnings about the provider's Deployment, ReplicaSets and pods.
---@param explains string[] what an Event that names a cause explains
---@return fun(ctx: table): table
function workload.events(explains)
  return function(ctx)
    local events, err = kube.events({
      namespace = ctx.target.namespace,
      since = ctx.thresholds.events_window,
      type = "Warning",
    })
    if not events then
      return check.no_answer("Events", err)
    end
    local lines, cause, first = {}, nil, nil
    for _, event in ipairs(events) do
      if is_about(event, ctx.target.deployment) then
        local line =
          string.format("%s %s: %s", event.object.name, event.reason, event.message)
        lines[#lines + 1] = line
        if EVENT_CAUSES[event.reason] and not cause then
          cause, first = EVENT_CAUSES[event.reason], line
        end
      end
    end
    if #lines == 0 then
      return check.pass("no warnings about the provider")
    end
    local details = {
      cause = cause or "events.warning",
      observed = { count = #lines },
      lines = array({ table.unpack(lines, 1, 5) }),
      evidence = { evidence.add("events.json", events) },
    }
    if cause then
      details.explains = explains
      return check.fail(first, details)
    end
    return check.warn(counted.of(#lines, "warning") .. " about the provider", details)
  end
end

return workload
