-- How much memory the provider uses, from its own metric or from metrics.k8s.io, and how that
-- compares to its limit.
local kube = require("lib.kube")
local metrics = require("lib.metrics")
local target = require("lib.runbook_target")

local memory = {}

--- Resident memory in bytes, by the provider's own word, else by the kubelet's.
---@param ctx table
---@return number|nil bytes
---@return string|SourceError source or why it is unknown
function memory.resident(ctx)
  local bytes, info = metrics.value("process_resident_memory_bytes")
  if bytes then
    return bytes, info.source
  end
  local pod = target.pod(ctx)
  local usage = pod and kube.usage(pod)
  if usage then
    local container = usage.containers[target.container_of(ctx)(pod)]
    return (container or usage).memory, "metrics.k8s.io"
  end
  return nil, info
end

---@class MemoryReading
---@field bytes number
---@field limit number|nil bytes
---@field ratio number|nil of the limit
---@field source string

--- Memory and its limit.
---@param ctx table
---@return MemoryReading|nil reading
---@return SourceError|nil err
function memory.read(ctx)
  local bytes, source = memory.resident(ctx)
  if not bytes then
    return nil, source
  end
  local limits = target.deployment_limits(ctx)
  local limit = limits and limits.memory
  return { bytes = bytes, limit = limit, ratio = limit and bytes / limit, source = source }
end

return memory
