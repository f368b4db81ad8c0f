-- Facts about a Secret that give nothing of it away.
local perform = ...

local answer = require("lib.answer")

local secret = {}

---@class Fingerprint
---@field exists boolean whether the Secret is there
---@field has_key boolean
---@field keys string[] names only
---@field length integer|nil bytes of the value
---@field shape_ok boolean|nil whether it looks like a bot token: three parts with dots
---@field shape string|nil what is wrong with the shape: "ends with a newline"
---@field hmac8 string|nil hex digits of a keyed hash: equal for equal values in this Secret
---@field changed_at string|nil RFC 3339, the newest entry of managedFields that has data
---@field created_at string|nil RFC 3339
---@field manager string|nil who made it: "kubectl-edit"
---@field managers { manager: string, operation: string, at: string }[]
---@field uid string|nil
---@field type string|nil

--- The fingerprint of one key. Needs the right to get that Secret. A Secret that is missing is an
--- answer: `exists = false`.
---@param ref { namespace: string, name: string }
---@param key string
---@return Fingerprint|nil fingerprint
---@return SourceError|nil err
function secret.fingerprint(ref, key)
  return answer.unwrap(perform({
    effect = "secret.fingerprint",
    namespace = ref.namespace,
    name = ref.name,
    key = key,
  }))
end

return secret
