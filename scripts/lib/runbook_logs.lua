-- Checks that look for words in the provider's log. What they find is seldom the cause, so they
-- warn and keep the lines as evidence.
local check = require("lib.check")
local evidence = require("lib.evidence")
local target = require("lib.runbook_target")

local logs = {}

local SHOWN <const> = 5
local LONGEST <const> = 240

-- Cut where no character is split.
local function short(line)
  if #line <= LONGEST then
    return line
  end
  return (line:sub(1, LONGEST):gsub("[\128-\255]+$", "")) .. "…"
end

--- The last few lines.
---@param lines string[]
---@return string[]
function logs.last(lines)
  local shown = {}
  for index = math.max(1, #lines - SHOWN + 1), #lines do
    shown[#shown + 1] = short(lines[index])
  end
  return array(shown)
end

---@class LogSearch
---@field what string what the lines are called: "errors"
---@field words string[] plain texts, in any letter case
---@field pattern? string|string[] Lua patterns; a line in lower case must have one of them
---@field except? string[] plain texts: a line with one of them, in lower case, does not count
---@field cause string
---@field file string name of the evidence
---@field tail? integer lines that are read

local function fits(line, patterns, except)
  local lower = line:lower()
  for _, text in ipairs(except or {}) do
    if lower:find(text, 1, true) then
      return false
    end
  end
  if not patterns then
    return true
  end
  for _, pattern in ipairs(type(patterns) == "table" and patterns or { patterns }) do
    if lower:find(pattern) then
      return true
    end
  end
  return false
end

--- Lines of the provider's log that fit.
---@param ctx table
---@param search LogSearch
---@return string[]|nil lines
---@return SourceError|nil err
function logs.find(ctx, search)
  local lines, err = target.logs(ctx, {
    since = ctx.since,
    tail = search.tail or 2000,
    match = search.words,
  })
  if not lines then
    return nil, err
  end
  local found = {}
  for _, line in ipairs(lines) do
    if fits(line, search.pattern, search.except) then
      found[#found + 1] = line
    end
  end
  return found
end

--- A check: no such lines in the log.
---@param search LogSearch
---@return fun(ctx: table): table
function logs.without(search)
  return function(ctx)
    local found, err = logs.find(ctx, search)
    if not found then
      return check.no_answer("the provider's log", err)
    end
    if #found == 0 then
      return check.pass("no " .. search.what .. " in the log")
    end
    return check.warn(string.format("%d × %s in the log", #found, search.what), {
      cause = search.cause,
      observed = { count = #found },
      lines = logs.last(found),
      evidence = { evidence.add(search.file, table.concat(found, "\n")) },
    })
  end
end

return logs
