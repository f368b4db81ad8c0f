-- Log lines of a script. The engine adds the object, the run and the script's hash.
local perform = ...

local log = {}

local function write(level, message, fields)
  perform({ effect = "log", level = level, message = message, fields = fields })
end

--- For the author of a rule; not shown at the default level.
---@param message string constant text; what varies belongs into `fields`
---@param fields? table<string, any>
function log.debug(message, fields)
  write("debug", message, fields)
end

---@param message string
---@param fields? table<string, any>
function log.info(message, fields)
  write("info", message, fields)
end

---@param message string
---@param fields? table<string, any>
function log.warn(message, fields)
  write("warn", message, fields)
end

---@param message string
---@param fields? table<string, any>
function log.error(message, fields)
  write("error", message, fields)
end

return log
