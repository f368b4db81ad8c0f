-- Who could have the bot's token: who may read its Secret, who changed it lately, and whether it is
-- in a log.
local check = require("lib.check")
local clock = require("lib.clock")
local counted = require("lib.counted")
local discord = require("lib.discord_reads")
local kube = require("lib.kube")
local metrics = require("lib.metrics")
local target = require("lib.runbook_target")
local token = require("lib.runbook_token")

local credentials = {}

-- Groups that are everybody, or nearly.
local EVERYBODY <const> = {
  ["system:authenticated"] = true,
  ["system:unauthenticated"] = true,
  ["system:serviceaccounts"] = true,
  ["system:anonymous"] = true,
}

local function name_of(subject)
  local name = subject.namespace and subject.namespace .. "/" .. subject.name or subject.name
  return subject.kind .. " " .. name
end

-- Kubernetes' own components, the chart's accounts, and what the values file lists.
local function is_expected(ctx, subject)
  local account = "ServiceAccount " .. ctx.target.namespace .. "/" .. ctx.target.deployment
  local expected = { [account] = true, [account .. "-runbooks"] = true }
  for _, name in ipairs((ctx.values or {}).secretReaders or {}) do
    expected[name] = true
  end
  if expected[name_of(subject)] then
    return true
  end
  local is_kubernetes = subject.name:sub(1, 7) == "system:" or subject.namespace == "kube-system"
  local is_group_of_accounts = subject.name:find("^system:serviceaccounts:")
  return is_kubernetes and not EVERYBODY[subject.name] and not is_group_of_accounts
end

--- A check: only who must can read the Secret.
---@param ctx table
function credentials.readers(ctx)
  local reference = token.reference(ctx)
  local permitted, err =
    kube.who_can("get", kube.types.secrets, reference.namespace, reference.name)
  if not permitted then
    return check.no_answer("who may read the Secret (roles and bindings)", err)
  end
  local lines, everybody, seen = {}, nil, {}
  for _, one in ipairs(permitted) do
    local name = name_of(one.subject)
    if not is_expected(ctx, one.subject) and not seen[name] then
      seen[name] = true
      everybody = everybody or (EVERYBODY[one.subject.name] and name)
      lines[#lines + 1] = string.format("%s, by %s %s", name, one.binding.kind, one.binding.name)
    end
  end
  if #lines == 0 then
    return check.pass("whoever may read the Secret is expected to (" .. #permitted .. ")")
  end
  local details = {
    cause = everybody and "rbac.secret_public" or "rbac.secret_readers",
    observed = { count = #lines },
    lines = array(lines),
    escalate = { { to = "Security Team", after = 0 } },
  }
  if everybody then
    return check.fail(everybody .. " may read the Secret with the token", details)
  end
  details.escalate = nil
  return check.warn(
    counted.of(#lines, "unexpected reader") .. " of the Secret with the token",
    details
  )
end

--- A check: nobody changed the Secret in the last hours.
---@param ctx table
function credentials.unchanged(ctx)
  local name, print, err = token.fingerprint(ctx)
  if not print then
    return check.no_answer(name, err)
  elseif not print.exists then
    return check.fail(name .. " is not there", { cause = "secret.missing" })
  end
  local changed = clock.age(ctx, print.changed_at)
  local created = clock.age(ctx, print.created_at)
  if not changed then
    return check.unknown("when " .. name .. " was changed is not recorded")
  end
  local observed = { changed_at = print.changed_at, manager = print.manager }
  -- Making it is no change.
  local is_new = created ~= nil and created - changed < 2
  if changed > ctx.thresholds.audit_hours * 3600 or is_new then
    return check.pass(
      string.format("%s was last written %s ago", name, clock.text(changed)),
      { observed = observed }
    )
  end
  return check.warn(
    string.format("%s was changed %s ago by %q", name, clock.text(changed), print.manager or "?"),
    { cause = "secret.changed", observed = observed }
  )
end

local MARK <const> = "[redacted]"

-- How many lines of the log have the mark that stands for a token. The host API looks for words
-- before it replaces tokens: lines that it finds by the mark itself were written so.
local function marked(ctx, words)
  local lines, err = target.logs(ctx, { since = ctx.since, tail = 2000, match = words })
  if not lines then
    return nil, err
  end
  local count = 0
  for _, line in ipairs(lines) do
    if line:find(MARK, 1, true) then
      count = count + 1
    end
  end
  return count
end

--- A check: nothing in the log looks like a token. The lines are not kept.
---@param ctx table
function credentials.not_in_log(ctx)
  local harmless, err = marked(ctx, { MARK })
  local all, problem = marked(ctx, nil)
  if not harmless or not all then
    return check.no_answer("the provider's log", err or problem)
  end
  local found = all - harmless
  if found <= 0 then
    return check.pass("nothing in the log looks like a token")
  end
  return check.fail(counted.of(found, "line") .. " of the log with what looks like a token", {
    cause = "token.in_logs",
    observed = { count = found },
    plans = { "replace-token" },
    escalate = { { to = "Security Team", after = 0, why = "credential compromise" } },
  })
end

--- A check: Discord does not refuse requests for their token.
---@param ctx table
function credentials.no_refusals(ctx)
  local outcome = token.accepted({})(ctx)
  if outcome.status ~= "pass" then
    return outcome
  end
  local count = metrics.value("provider_discord_invalid_requests")
  local bound = ctx.thresholds.invalid_warn
  if count and count >= bound then
    return check.warn(string.format("%.0f refused requests in ten minutes", count), {
      cause = "auth.refusals",
      observed = { value = count },
      threshold = { value = bound, unit = "requests/10 min" },
    })
  end
  return outcome
end

--- A check: the token is that of the bot that the values file names, if it names one.
---@param ctx table
function credentials.identity(ctx)
  local expected = (ctx.values or {}).botId
  local answer, err = discord.get("/users/@me")
  if not answer or answer.status ~= 200 then
    return check.no_answer("whose token it is", err)
  end
  local who = string.format("%s (%s)", answer.body.username, answer.body.id)
  if expected and expected ~= answer.body.id then
    return check.fail("the token is that of " .. who .. ", not of " .. expected, {
      cause = "token.other_bot",
      escalate = { { to = "Security Team", after = 0, why = "credential compromise" } },
    })
  end
  return check.pass("the token is that of " .. who)
end

return credentials
