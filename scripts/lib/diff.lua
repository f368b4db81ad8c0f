-- Compares what the spec asks for with what Discord holds, field by field.
local diff = {}

---@class Field
---@field field string name below spec.forProvider
---@field key string Discord's name of it
---@field absent? any what it means when Discord leaves the key out or answers null
---@field same? fun(want: any, got: any, observed: table, ctx: table): boolean default: `diff.same`

---@class Difference
---@field field string
---@field want any
---@field got any

--- Whether a value is not there: nil in Lua, null in JSON.
---@param value any
---@return boolean
function diff.is_absent(value)
  return value == nil or value == null
end

--- Deep equality in which null and missing are the same. Keys that only `got` has count as a
--- difference, unless they hold null.
---@param want any
---@param got any
---@return boolean
function diff.same(want, got)
  if diff.is_absent(want) or diff.is_absent(got) then
    return diff.is_absent(want) and diff.is_absent(got)
  end
  if type(want) ~= "table" or type(got) ~= "table" then
    return want == got
  end
  for key, value in pairs(want) do
    if not diff.same(value, got[key]) then
      return false
    end
  end
  for key, value in pairs(got) do
    if want[key] == nil and value ~= null then
      return false
    end
  end
  return true
end

--- Equality of texts for which Discord answers null as well as "" when they are empty.
---@param want any
---@param got any
---@return boolean
function diff.same_text(want, got)
  return (diff.is_absent(want) and "" or want) == (diff.is_absent(got) and "" or got)
end

-- A difference is shown to people; an image or a long text would fill the page.
local function shown(value)
  if type(value) ~= "string" or #value <= 256 then
    return value
  end
  local head = value:sub(1, (utf8.offset(value, 100) or 101) - 1)
  return string.format("%s… (%d bytes)", head, #value)
end

--- The fields that differ, and a request body that holds only them. A key that is missing from
--- `desired` is unmanaged: it is neither compared nor sent. null in `desired` asks for no value.
---@param fields Field[]
---@param desired table Discord's keys
---@param observed table Discord's object
---@param ctx table handed to the comparators
---@return Difference[] differences an empty array when everything is as desired
---@return table body
function diff.compare(fields, desired, observed, ctx)
  local differences, body = {}, {}
  for _, field in ipairs(fields) do
    local want, got = desired[field.key], observed[field.key]
    if diff.is_absent(got) then
      got = field.absent
    end
    if want ~= nil and not (field.same or diff.same)(want, got, observed, ctx) then
      if got == nil then
        got = null
      end
      differences[#differences + 1] = { field = field.field, want = shown(want), got = shown(got) }
      body[field.key] = want
    end
  end
  return array(differences), body
end

return diff
