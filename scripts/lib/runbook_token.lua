-- The bot's token, of which a script sees a fingerprint and never the text: is it there, does it
-- look like one, does Discord take it, and how is it replaced?
local check = require("lib.check")
local clock = require("lib.clock")
local discord = require("lib.discord_reads")
local kube = require("lib.kube")
local provider = require("lib.provider")
local secret = require("lib.secret")

local token = {}

--- Where the token is kept, as the ProviderConfig says.
---@param ctx table
---@return { namespace: string, name: string, key: string }
function token.reference(ctx)
  local given = ctx.target.secret or {}
  return {
    namespace = given.namespace or ctx.target.namespace,
    name = given.name or "discord-credentials",
    key = given.key or "token",
  }
end

local function named(reference)
  return string.format("Secret %s/%s", reference.namespace, reference.name)
end

--- The Secret in words, with its fingerprint's facts.
---@param ctx table
---@return string name
---@return Fingerprint|nil print
---@return SourceError|nil err
function token.fingerprint(ctx)
  local reference = token.reference(ctx)
  local print, err = secret.fingerprint(reference, reference.key)
  return named(reference), print, err
end

--- A check: the ProviderConfig exists.
---@param explains string[] checks that its absence explains
---@return fun(ctx: table): table
function token.configured(explains)
  return function(ctx)
    local name = ctx.target.provider_config or "default"
    local config, err = kube.get(kube.types.provider_configs, nil, name)
    if config then
      return check.pass("ProviderConfig " .. name .. " is there")
    elseif err and err.kind == "notfound" then
      return check.fail("there is no ProviderConfig " .. name .. ", so the provider has no token", {
        cause = "providerconfig.missing",
        explains = explains,
        observed = { name = name },
      })
    end
    return check.no_answer("ProviderConfig " .. name, err)
  end
end

--- A check: what the Secret holds looks like a token.
---@param explains string[] checks that a missing token explains
---@return fun(ctx: table): table
function token.stored(explains)
  return function(ctx)
    local name, print, err = token.fingerprint(ctx)
    if not print then
      return check.no_answer(name, err)
    end
    local key = token.reference(ctx).key
    local observed = {
      changed_at = print.changed_at,
      manager = print.manager,
      length = print.length,
    }
    local cause, message
    if not print.exists then
      cause, message = "secret.missing", name .. " is not there"
    elseif not print.has_key then
      cause, message = "secret.key_missing", name .. " has no key " .. key
    elseif not print.shape_ok and ctx.target.flavour ~= "sandbox" then
      cause = "secret.malformed"
      message = string.format(
        "what %s holds under %s is no bot token: %s",
        name,
        key,
        print.shape or "it does not look like one"
      )
    else
      return check.pass(name .. " holds what looks like a bot token", { observed = observed })
    end
    return check.fail(message, {
      cause = cause,
      explains = explains,
      observed = observed,
      plans = { "replace-token" },
    })
  end
end

local function refused(ctx, message, explains)
  local observed = { value = 401 }
  local name, print = token.fingerprint(ctx)
  local changed = print and clock.age(ctx, print.changed_at)
  if print and changed then
    observed.secret_changed_at, observed.secret_manager = print.changed_at, print.manager
    message = string.format(
      "%s; %s was changed %s ago by %q",
      message,
      name,
      clock.text(changed),
      print.manager or "somebody"
    )
  end
  return check.fail(message, {
    cause = "auth.401",
    explains = explains,
    observed = observed,
    plans = { "replace-token" },
    escalate = { { to = "Security Team", after = 0, why = "authentication" } },
  })
end

--- A check: Discord takes the token. Asked from here, and where that is not possible, of the
--- provider.
---@param explains string[]
---@return fun(ctx: table): table
function token.accepted(explains)
  return function(ctx)
    local answer, err = discord.get("/users/@me")
    if (answer and answer.status == 401) or (err and err.kind == "unauthorized") then
      return refused(ctx, "Discord refuses the token: GET /users/@me answers 401", explains)
    end
    local state = provider.state()
    for _, connection in ipairs(state and state.discord or {}) do
      if connection.tokenRefused == true then
        return refused(ctx, "Discord refuses the token that the provider uses", explains)
      end
    end
    if not answer then
      return check.no_answer("GET /users/@me", err)
    elseif answer.status ~= 200 then
      return check.unknown(
        "GET /users/@me answers " .. answer.status .. ", which says nothing about the token"
      )
    end
    return check.pass(string.format("Discord takes the token, as bot %q", answer.body.username), {
      observed = { value = 200, id = answer.body.id, username = answer.body.username },
    })
  end
end

--- A plan: a new token goes into the Secret, from an input that nobody sees.
---@param ctx table
function token.plan_replace(ctx)
  local reference = token.reference(ctx)
  local value = { [reference.key] = { ["$input"] = "token" } }
  local op = {
    gvr = kube.types.secrets,
    namespace = reference.namespace,
    name = reference.name,
    note = "the provider sees the change by itself, no restart is needed",
  }
  local name, print, err = token.fingerprint(ctx)
  if print and print.exists then
    op.verb, op.patch_type = "patch", "merge"
    op.body = { stringData = value }
  else
    -- Applied, not posted: the right to make a Secret of this name alone is enough for that.
    op.verb = "apply"
    op.body = {
      apiVersion = "v1",
      kind = "Secret",
      metadata = { name = reference.name, namespace = reference.namespace },
      type = "Opaque",
      stringData = value,
    }
  end
  local why_not = err and err.message or "no data"
  return {
    why = name .. " gets a token that Discord takes",
    ops = { op },
    veto = not print and "whether " .. name .. " exists is unknown: " .. why_not or nil,
    manual = {
      "In Discord's Developer Portal, your application, Bot: Reset Token. The old token ends at "
        .. "once, wherever it is used.",
      "Give the new token to this command's standard input, never in its arguments.",
    },
  }
end

return token
