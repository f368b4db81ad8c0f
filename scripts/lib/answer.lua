-- The shape in which a runbook's effects are answered: { value = … }, or
-- { error = { kind, message } }.
local answer = {}

-- kind: "unreachable" (no answer at all), "timeout", "forbidden", "unauthorized", "notfound",
-- "nodata" (the source answered and has nothing), "unconfigured" (no option names the source),
-- "refused" (the host API does not do that), or "error" for anything else.

---@class SourceError
---@field kind string one of the words above
---@field message string what happened, for people

--- The value, or nil and why there is none. JSON's null as a value becomes nil.
---@param given table what `perform` gave
---@return any value
---@return SourceError|nil err
function answer.unwrap(given)
  if given.error then
    return nil, given.error
  end
  if given.value == null then
    return nil
  end
  return given.value
end

return answer
