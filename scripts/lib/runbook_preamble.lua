-- The first check of every runbook: does the API server answer, and may we ask what the runbook
-- wants to know? Everything that needs Kubernetes needs this one.
local check = require("lib.check")
local kube = require("lib.kube")
local token = require("lib.runbook_token")

local preamble = {}

local function describe(right)
  local text = right.verb .. " " .. right.resource
  if right.subresource then
    text = text .. "/" .. right.subresource
  end
  return right.group ~= "" and text .. "." .. right.group or text
end

local function missing_rights(ctx, rights)
  local missing = {}
  for _, right in ipairs(rights) do
    local namespace, name = right.namespace, nil
    if namespace == true then
      namespace = ctx.target.namespace
    end
    if right.resource == "secrets" then
      -- The one with the token: whoever may read no other Secret lacks nothing.
      local reference = token.reference(ctx)
      namespace, name = reference.namespace, reference.name
    end
    local of = { group = right.group, version = "v1", resource = right.resource }
    local allowed, err =
      kube.can(right.verb, of, namespace, { name = name, subresource = right.subresource })
    if allowed == nil then
      return nil, err
    end
    if not allowed and not right.optional then
      missing[#missing + 1] = describe(right)
    end
  end
  return missing
end

--- Gives the check for a runbook.
---@param rights table[] the runbook's `rights`
---@return fun(ctx: table): table
function preamble.api(rights)
  return function(ctx)
    local version, err = kube.raw("/version")
    if not version then
      local why = err and err.message or "no data"
      return check.fail("the Kubernetes API does not answer: " .. why, {
        cause = "kube.unreachable",
        observed = { error = err and err.kind },
        escalate = { { to = "Platform Team", after = 0 } },
      })
    end
    local missing, problem = missing_rights(ctx, rights)
    if not missing then
      return check.no_answer("our rights", problem)
    end
    if #missing > 0 then
      return check.warn("we may not " .. table.concat(missing, ", "), {
        cause = "rights.missing",
        observed = { missing = array(missing) },
      })
    end
    local name = type(version) == "table" and version.gitVersion or "of unknown version"
    return check.pass(string.format("the API server (%s) answers, no right is missing", name))
  end
end

return preamble
