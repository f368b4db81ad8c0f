-- What a check of a runbook returns. No data is `unknown`, never `pass`; what does not apply here
-- is `skip`. A check never acts: it names plans, which `runbook fix` carries out.
local check = {}

---@class Escalation
---@field to string a name of the contacts: "Platform Team"
---@field after? number seconds that it may last before they are called; 0 if not given
---@field since? string|number when it began: RFC 3339, or Unix time in ms; now if not given
---@field why? string shown in brackets

---@class CheckDetails
---@field cause? string dotted words that stay the same: "pod.oomkilled", "auth.401"
---@field explains? string[] ids of the checks, of any runbook, that fail because of this
---@field observed? any what was measured, for programs: { value = 0.27, unit = "ratio" }
---@field threshold? any what it was held against: { value = 0.2, unit = "ratio" }
---@field lines? string[] further lines below the check
---@field evidence? string[] ids that `evidence.add` gave
---@field plans? string[] ids of the runbook's plans that would help
---@field escalate? Escalation[] whom to call
---@field hint? string replaces the check's own hint

---@class Outcome : CheckDetails
---@field status "pass"|"warn"|"fail"|"skip"|"unknown"
---@field message string

local function outcome(status, message, details)
  local made = {}
  for key, value in pairs(details or {}) do
    made[key] = value
  end
  made.status, made.message = status, message
  return made
end

--- As it should be.
---@param message string what was found: "1 of 1 replicas available"
---@param details? CheckDetails
---@return Outcome
function check.pass(message, details)
  return outcome("pass", message, details)
end

--- Not yet bad, but somebody should look.
---@param message string the finding and what it was held against
---@param details? CheckDetails
---@return Outcome
function check.warn(message, details)
  return outcome("warn", message, details)
end

--- Bad. Give a `cause`.
---@param message string the finding and what it was held against: "error ratio 27.4 % > 20 %"
---@param details? CheckDetails
---@return Outcome
function check.fail(message, details)
  return outcome("fail", message, details)
end

--- The check makes no sense here: there is no such object in this kind of installation.
---@param why string
---@param details? CheckDetails
---@return Outcome
function check.skip(why, details)
  return outcome("skip", why, details)
end

--- It could not be told: no data, no right, no answer.
---@param why string
---@param details? CheckDetails
---@return Outcome
function check.unknown(why, details)
  return outcome("unknown", why, details)
end

local WORDS <const> = {
  unreachable = "not reachable",
  timeout = "no answer in time",
  forbidden = "not allowed",
  unauthorized = "not let in",
  notfound = "not found",
  nodata = "no data",
  unconfigured = "not configured",
  refused = "refused",
}

--- `unknown` for the second value of a function of this library.
---@param what string what was asked: "metrics.k8s.io"
---@param err SourceError|nil
---@param details? CheckDetails
---@return Outcome
function check.no_answer(what, err, details)
  if not err then
    return outcome("unknown", what .. ": no data", details)
  end
  local word = WORDS[err.kind]
  local text = word and string.format("%s: %s (%s)", what, word, err.message)
    or string.format("%s: %s", what, err.message)
  return outcome("unknown", text, details)
end

return check
