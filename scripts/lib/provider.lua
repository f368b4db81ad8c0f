-- What the running provider says of itself: over `--provider URL`, or through the API server's pod
-- proxy. Dead, it is "unreachable".
local perform = ...

local answer = require("lib.answer")

local provider = {}

--- /debug/state: queue, breakers, rate limit buckets, generation of the scripts, connections.
---@return table|nil state
---@return SourceError|nil err
function provider.state()
  return answer.unwrap(perform({ effect = "provider.state" }))
end

---@class ProviderHealth
---@field live boolean
---@field ready boolean
---@field checks { name: string, ok: boolean, message?: string }[]
---@field via "direct"|"proxy"
---@field ms number

--- /healthz and /readyz?verbose.
---@return ProviderHealth|nil health
---@return SourceError|nil err
function provider.health()
  return answer.unwrap(perform({ effect = "provider.health" }))
end

return provider
