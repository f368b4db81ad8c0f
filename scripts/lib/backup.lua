-- A backup that `--backup DIR` names; without it `err.kind` is "unconfigured".
local perform = ...

local answer = require("lib.answer")

local backup = {}

---@class BackupFile
---@field name string relative to the folder
---@field bytes integer
---@field modified string RFC 3339
---@field format "yaml"|"json"|"other"
---@field error string|nil why it cannot be read as objects
---@field objects integer

---@class BackupObject
---@field file string
---@field api_version string
---@field kind string
---@field namespace string|nil
---@field name string
---@field external_name string|nil
---@field paused boolean
---@field spec table|nil of Discord's kinds and ProviderConfigs only
---@field secret_keys string[]|nil of a Secret: the names of its keys; values never leave Swift
---@field secret_plain boolean|nil of a Secret: its values are there, base64 only

---@class BackupFacts
---@field path string
---@field newest string|nil RFC 3339, of the files that hold objects
---@field oldest string|nil
---@field files BackupFile[]
---@field objects BackupObject[]

--- Everything in the folder, at most 2,000 files and 64 MiB.
---@return BackupFacts|nil facts
---@return SourceError|nil err
function backup.inspect()
  return answer.unwrap(perform({ effect = "backup.inspect" }))
end

return backup
