-- What a check saw, kept with the report and in the bundle of `--evidence DIR`, with its SHA-256.
-- Text that looks like a token is replaced before anything is written.
local perform = ...

local evidence = {}

--- Keeps something.
---@param name string "pod.json", "previous.log"
---@param data any a table is kept as JSON, a text as it is
---@return string id to be named in `evidence` of the outcome: "e3"
function evidence.add(name, data)
  return perform({ effect = "evidence.add", name = name, data = data }).value
end

return evidence
