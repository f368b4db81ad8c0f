-- The values by which a rule says that something expected went wrong. A rule returns
-- `nil, result.…`; the reason becomes the condition's reason, the message is what people read.
-- Calling error() instead means a bug in the script.
local result = {}

---@class Failure
---@field reason string reason of the Synced condition, CamelCase
---@field message string what is wrong and what to do; one line, shown after reason and field
---@field field? string the field that is to blame, for instance "spec.forProvider.topic"
---@field terminal? boolean true: trying again is useless until the spec changes
---@field retry_after? number seconds until the next try
---@field code? integer Discord's error code
---@field status? integer HTTP status
---@field errors? table[] Discord's own field errors: path, code, message

--- A failure with the given members.
---@param members Failure
---@return Failure
function result.failure(members)
  assert(members.reason and members.message, "a failure needs a reason and a message")
  return members
end

--- The spec asks for something that cannot be.
---@param field string below spec.forProvider: "topic", "permissionOverwrites[2].allow"
---@param message string what is wrong with the value
---@return Failure
function result.invalid(field, message)
  return {
    reason = "InvalidSpec",
    message = message,
    field = "spec.forProvider." .. field,
    terminal = true,
  }
end

--- The external name is no Discord ID, so nothing can be looked up by it.
---@param external_name string
---@param what string "channel", "role" or "guild"
---@return Failure
function result.invalid_external_name(external_name, what)
  return {
    reason = "InvalidExternalName",
    message = string.format(
      "the annotation crossplane.io/external-name is %q, which is no Discord ID: set it to the ID "
        .. "of the %s that is to be adopted, or remove the annotation",
      external_name,
      what
    ),
    field = "metadata.annotations[crossplane.io/external-name]",
    terminal = true,
  }
end

return result
