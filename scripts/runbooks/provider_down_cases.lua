-- Cases of provider_down.lua for `provider-discord scripts test`.
local s = require("lib.runbook_situations")

local VERSION <const> = s.answer("kube.raw", { gitVersion = "v1.31.0" }, { path = "/version" })
local OOM <const> = { reason = "OOMKilled", exitCode = 137, finishedAt = "2026-01-01T11:50:00Z" }

local function waiting(reason, message, last)
  return {
    state = { waiting = { reason = reason, message = message } },
    lastState = { terminated = last },
    restartCount = 5,
    ready = false,
  }
end

local function pods(name, list, expect)
  return s.check(name, "PD-003", { s.list("pods", list) }, expect)
end

local function deployment(name, answer, expect)
  return s.check(name, "PD-002", { answer }, expect)
end

local function node(name, conditions, expect)
  local object = conditions and { status = { conditions = conditions } }
  return s.check(
    name,
    "PD-006",
    { s.list("pods", { s.running_pod() }), s.get("nodes", object) },
    expect
  )
end

local function event(reason, object)
  return {
    type = "Warning",
    reason = reason,
    message = "why",
    count = 1,
    object = { kind = "Pod", name = object or "provider-discord-abc" },
  }
end

local function lease(name, spec, expect)
  local object = spec and { metadata = { uid = "l-1", resourceVersion = "7" }, spec = spec }
  return s.check(name, "PD-010", { s.get("leases", object) }, expect)
end

local function secret(name, members, expect)
  return s.check(name, "PD-009", { s.fingerprint(members) }, expect)
end

local RUNNING <const> = { state = { running = {} }, ready = true, restartCount = 6 }

local cases = {
  s.check("everything is allowed", "PD-001", {
    VERSION,
    s.answer("kube.can", true),
  }, { status = "pass" }),
  s.check("a right is missing", "PD-001", {
    VERSION,
    s.answer("kube.can", false, { verb = "get", gvr = { resource = "deployments" } }),
    s.answer("kube.can", true),
  }, { status = "warn", cause = "rights.missing", message = "get deployments.apps" }),
  s.check("the token's Secret and no other may be read", "PD-001", {
    VERSION,
    s.answer("kube.can", true, { gvr = { resource = "secrets" }, name = "discord-credentials" }),
    s.answer("kube.can", true),
  }, { status = "pass" }),
  s.check("the API does not answer", "PD-001", {
    s.answer("kube.raw", "timeout"),
  }, { status = "fail", cause = "kube.unreachable" }),
  s.check("the rights cannot be told", "PD-001", {
    VERSION,
    s.answer("kube.can", "error"),
  }, { status = "unknown" }),

  deployment("one of one", s.get("deployments", s.deployment(1)), { status = "pass" }),
  deployment(
    "none, for twenty minutes",
    s.get("deployments", s.deployment(0, { since = "2026-01-01T11:40:00Z" })),
    {
      status = "fail",
      cause = "deployment.unavailable",
      message = "for 20m",
      escalate = {
        { to = "Platform Team" },
        { to = "SRE Team", after = 900 },
        { to = "On-call Engineer", after = 900 },
      },
    }
  ),
  deployment(
    "scaled to none",
    s.get("deployments", s.deployment(0, { replicas = 0 })),
    { status = "fail", cause = "deployment.scaled_to_zero" }
  ),
  deployment("not there", s.get("deployments"), { status = "fail", cause = "deployment.missing" }),
  deployment(
    "not readable",
    s.get("deployments", nil, s.err("forbidden")),
    { status = "unknown" }
  ),

  pods("well", { s.running_pod() }, { status = "pass" }),
  pods("many restarts", {
    s.pod(RUNNING, { created = "2026-01-01T11:30:00Z" }),
  }, { status = "warn", cause = "pod.restarts" }),
  pods("killed for memory, which also is a crash loop", {
    s.pod(waiting("CrashLoopBackOff", "back-off", OOM)),
  }, { status = "fail", cause = "pod.oomkilled", plans = { "set-memory-limit" } }),
  pods("no image", {
    s.pod(waiting("ImagePullBackOff", "not found")),
  }, { status = "fail", cause = "pod.image_pull", plans = { "roll-back-image" } }),
  pods("a Secret that its environment names is missing", {
    s.pod(waiting("CreateContainerConfigError", "secret not found")),
  }, { status = "fail", cause = "pod.config_error" }),
  pods("crash loop", {
    s.pod(waiting("CrashLoopBackOff", "back-off", { reason = "Error", exitCode = 1 })),
  }, { status = "fail", cause = "pod.crashloop", message = "exit code 1" }),
  pods("no node", {
    s.pod({}, {
      phase = "Pending",
      conditions = { { type = "PodScheduled", status = "False", message = "0/3 nodes" } },
    }),
  }, { status = "fail", cause = "pod.unschedulable", message = "0/3 nodes" }),
  pods("evicted", {
    s.pod({}, { phase = "Failed", reason = "Evicted" }),
  }, { status = "fail", cause = "pod.evicted" }),
  pods("none", {}, { status = "fail", cause = "pod.none" }),
  pods("not readable", nil, { status = "unknown" }),

  s.check("the container never ended", "PD-004", {
    s.list("pods", { s.running_pod() }),
  }, { status = "pass" }),
  s.check("the last words are kept", "PD-004", {
    s.list("pods", { s.pod(waiting("CrashLoopBackOff", "", { exitCode = 2 })) }),
    s.answer("kube.logs", array({ "starting", "no token" }), { previous = true }),
  }, { status = "pass", message = "code 2", lines = { "no token" } }),
  s.check("the last words are gone", "PD-004", {
    s.list("pods", { s.pod(waiting("CrashLoopBackOff", "", { exitCode = 2 })) }),
    s.answer("kube.logs", "notfound", { previous = true }),
  }, { status = "unknown" }),

  s.check("little memory", "PD-005", {
    s.list("pods", { s.running_pod() }),
    s.answer("kube.usage", { memory = 50 * 2 ^ 20, cpu = 0.01, containers = {} }),
  }, { status = "pass" }),
  s.check("much memory", "PD-005", {
    s.list("pods", { s.running_pod() }),
    s.answer("kube.usage", { memory = 250 * 2 ^ 20, cpu = 0.01, containers = {} }),
  }, { status = "warn", cause = "memory.near_limit" }),
  s.check("no metrics API", "PD-005", {
    s.list("pods", { s.running_pod() }),
    s.answer("kube.usage", "notfound"),
  }, { status = "unknown" }),

  node("ready", { { type = "Ready", status = "True" } }, { status = "pass" }),
  node("not ready", {
    { type = "Ready", status = "Unknown", message = "stopped posting" },
  }, { status = "fail", cause = "node.not_ready" }),
  node("under pressure", {
    { type = "Ready", status = "True" },
    { type = "MemoryPressure", status = "True" },
  }, { status = "fail", cause = "node.memory_pressure" }),
  node("gone", nil, { status = "fail", cause = "node.gone" }),
  s.check("a pod without a node", "PD-006", {
    s.list("pods", { s.pod({}, { phase = "Pending" }) }),
  }, { status = "skip" }),

  s.check("no warnings", "PD-007", {
    s.answer("kube.events", array({ event("BackOff", "something-else") })),
  }, { status = "pass" }),
  s.check("a warning", "PD-007", {
    s.answer("kube.events", array({ event("Unhealthy") })),
  }, { status = "warn", cause = "events.warning" }),
  s.check("a volume cannot be mounted", "PD-007", {
    s.answer("kube.events", array({ event("Unhealthy"), event("FailedMount") })),
  }, { status = "fail", cause = "pod.failed_mount" }),
  s.check("a quota is used up", "PD-007", {
    s.answer("kube.events", array({ event("FailedCreate", "provider-discord-6f") })),
  }, { status = "fail", cause = "pod.failed_create" }),
  s.check("no right to read Events", "PD-007", {
    s.answer("kube.events", "forbidden"),
  }, { status = "unknown" }),

  s.check("there", "PD-008", { s.get("providerconfigs", {}) }, { status = "pass" }),
  s.check("missing", "PD-008", { s.get("providerconfigs") }, {
    status = "fail",
    cause = "providerconfig.missing",
  }),
  s.check("not readable", "PD-008", {
    s.get("providerconfigs", nil, s.err("forbidden")),
  }, { status = "unknown" }),

  secret("good", nil, { status = "pass" }),
  secret("missing", { exists = false }, { status = "fail", cause = "secret.missing" }),
  secret("without the key", { has_key = false }, { status = "fail", cause = "secret.key_missing" }),
  secret("with a newline", { shape_ok = false, shape = "ends with a newline" }, {
    status = "fail",
    cause = "secret.malformed",
    message = "ends with a newline",
  }),
  s.check("not readable", "PD-009", { s.answer("secret.fingerprint", "forbidden") }, {
    status = "unknown",
  }),

  lease("held and renewed", { holderIdentity = "a", renewTime = "2026-01-01T11:59:50Z" }, {
    status = "pass",
  }),
  lease("free", { holderIdentity = "" }, { status = "pass" }),
  lease("held by a dead one", { holderIdentity = "a", renewTime = "2026-01-01T11:50:00Z" }, {
    status = "fail",
    cause = "lease.dead_holder",
    plans = { "release-lease" },
  }),
  lease("not there", nil, { status = "skip" }),
  s.check("not readable", "PD-010", { s.get("leases", nil, s.err("forbidden")) }, {
    status = "unknown",
  }),

  s.check("not Crossplane's", "PD-011", {}, { status = "skip" }),
}

return { runbook = "runbooks.provider_down", cases = cases }
