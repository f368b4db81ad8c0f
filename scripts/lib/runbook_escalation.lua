-- The escalation matrix: whom a severity reaches at first, after half an hour, and after an hour.
-- It comes from the values file; this is the document's.
local escalation = {}

local MATRIX <const> = {
  critical = { "On-call Engineer", "Platform Team Lead", "CTO" },
  high = { "Platform Team", "SRE Team", "Engineering Manager" },
  medium = { "Development Team", "Platform Team", "Team Lead" },
  low = { "Development Team" },
}

local AFTER <const> = { 0, 1800, 3600 }

--- Whom to call, and when, for a severity.
---@param ctx table
---@param severity "critical"|"high"|"medium"|"low"
---@param since string|number|nil when it began; now, if that is unknown
---@return Escalation[]
function escalation.of(ctx, severity, since)
  local matrix = (ctx.values or {}).escalationMatrix or MATRIX
  local steps = {}
  for index, to in ipairs(matrix[severity] or MATRIX[severity]) do
    steps[index] = { to = to, after = AFTER[index], since = since, why = severity }
  end
  return steps
end

return escalation
