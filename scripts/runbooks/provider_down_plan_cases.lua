-- More cases of provider_down.lua: its package, its endpoints, its plans.
local s = require("lib.runbook_situations")

local CROSSPLANE <const> = {
  target = {
    flavour = "crossplane",
    provider = "discord",
    container = "package-runtime",
    runtime_config = "discord",
  },
}

local function package(healthy, name)
  return {
    metadata = { name = name or "discord" },
    spec = { package = "registry/discord:2" },
    status = {
      conditions = {
        { type = "Installed", status = "True" },
        { type = "Healthy", status = healthy, message = "cannot pull" },
      },
    },
  }
end

local function replica_set(image, revision)
  return {
    metadata = {
      annotations = { ["deployment.kubernetes.io/revision"] = revision },
      ownerReferences = { { uid = "d-1" } },
    },
    spec = { template = { spec = { containers = { { name = "provider", image = image } } } } },
  }
end

local function state(invalid, is_refused)
  return s.answer("provider.state", {
    discord = {
      { invalidRequests = { inTenMinutes = invalid }, tokenRefused = is_refused or false },
    },
  })
end

local function memory_patch(limit)
  return {
    {
      verb = "patch",
      gvr = { resource = "deployments" },
      body = {
        spec = {
          template = {
            spec = {
              containers = { { name = "provider", resources = { limits = { memory = limit } } } },
            },
          },
        },
      },
    },
  }
end

local LEASE <const> = { metadata = { uid = "l-1", resourceVersion = "7" } }

local function lease(renewed)
  return s.get("leases", {
    metadata = LEASE.metadata,
    spec = { holderIdentity = "a", renewTime = renewed },
  })
end

local cases = {
  s.check("healthy", "PD-011", { s.list("providers", { package("True") }) }, {
    status = "pass",
  }, CROSSPLANE),
  s.check("unhealthy", "PD-011", { s.list("providers", { package("False") }) }, {
    status = "fail",
    cause = "package.unhealthy",
    message = "cannot pull",
  }, CROSSPLANE),
  s.check("another package", "PD-011", { s.list("providers", { package("True", "github") }) }, {
    status = "unknown",
    message = "Crossplane does not know it",
  }, CROSSPLANE),
  s.check("not readable", "PD-011", { s.list("providers", nil) }, {
    status = "unknown",
  }, CROSSPLANE),

  s.check("alive", "PD-012", { s.answer("provider.health", { live = true, ms = 3 }) }, {
    status = "pass",
  }),
  s.check("not alive", "PD-012", { s.answer("provider.health", { live = false }) }, {
    status = "fail",
    cause = "provider.not_live",
  }),
  s.check("no answer", "PD-012", { s.answer("provider.health", "unreachable") }, {
    status = "fail",
    cause = "provider.unreachable",
  }),
  s.check("no right to ask", "PD-012", { s.answer("provider.health", "forbidden") }, {
    status = "unknown",
  }),

  s.check("scraped", "PD-013", { s.answer("prom.query", { { labels = {}, value = 1 } }) }, {
    status = "pass",
  }),
  s.check("down", "PD-013", { s.answer("prom.query", { { labels = {}, value = 0 } }) }, {
    status = "fail",
    cause = "metrics.not_scraped",
  }),
  s.check("no target", "PD-013", { s.answer("prom.query", "nodata") }, {
    status = "fail",
    cause = "metrics.no_target",
  }),
  s.check("no Prometheus", "PD-013", { s.answer("prom.query", "unconfigured") }, {
    status = "skip",
  }),
  s.check("Prometheus is down", "PD-013", { s.answer("prom.query", "unreachable") }, {
    status = "unknown",
  }),

  s.plan("the document's 512Mi", "set-memory-limit", {
    s.get("deployments", s.deployment(0)),
  }, { ops = memory_patch("512Mi") }),
  s.plan("never less: twice what there is", "set-memory-limit", {
    s.get("deployments", s.deployment(0, { limits = { memory = "2Gi" } })),
  }, { ops = memory_patch("4096Mi") }),
  s.plan("no limit to raise", "set-memory-limit", {
    s.get("deployments", s.deployment(0, { limits = {} })),
  }, { veto = "has no limit" }),
  s.plan("unknown limit", "set-memory-limit", {
    s.get("deployments", nil, s.err("forbidden")),
  }, { veto = "unknown" }),
  s.plan("into the DeploymentRuntimeConfig", "set-memory-limit", {
    s.get("deployments", s.deployment(0)),
    s.get("deploymentruntimeconfigs", {
      metadata = { resourceVersion = "9" },
      spec = {
        deploymentTemplate = {
          spec = {
            selector = {},
            template = { spec = { containers = { { name = "package-runtime" } } } },
          },
        },
      },
    }),
  }, {
    ops = {
      {
        verb = "patch",
        gvr = { resource = "deploymentruntimeconfigs" },
        name = "discord",
        patch_type = "merge",
        preconditions = { resourceVersion = "9" },
      },
    },
  }, CROSSPLANE),

  s.plan("the older ReplicaSet's image", "roll-back-image", {
    s.get("deployments", s.deployment(0)),
    s.list("replicasets", {
      replica_set("provider-discord:0", "1"),
      replica_set("provider-discord:1", "2"),
      replica_set("provider-discord:2", "3"),
    }),
  }, {
    why = "provider-discord:1",
    ops = {
      {
        body = {
          spec = {
            template = {
              spec = { containers = { { name = "provider", image = "provider-discord:1" } } },
            },
          },
        },
      },
    },
  }),
  s.plan("no older image", "roll-back-image", {
    s.get("deployments", s.deployment(0)),
    s.list("replicasets", { replica_set("provider-discord:2", "3") }),
  }, { veto = "no older ReplicaSet" }),
  s.plan("the older revision of the package", "roll-back-image", {
    s.list("providers", { package("False") }),
    s.list("providerrevisions", {
      { spec = { image = "registry/discord:1", revision = 1 } },
      { spec = { image = "registry/discord:2", revision = 2 } },
    }),
  }, {
    ops = {
      {
        gvr = { resource = "providers" },
        name = "discord",
        body = { spec = { package = "registry/discord:1" } },
      },
    },
  }, CROSSPLANE),

  s.plan("into the Secret that is there", "replace-token", { s.fingerprint() }, {
    ops = {
      {
        verb = "patch",
        name = "discord-credentials",
        body = { stringData = { token = { ["$input"] = "token" } } },
      },
    },
  }),
  s.plan("into a new Secret", "replace-token", { s.fingerprint({ exists = false }) }, {
    ops = { { verb = "apply", body = { kind = "Secret" } } },
  }),
  s.plan("unknown Secret", "replace-token", { s.answer("secret.fingerprint", "forbidden") }, {
    veto = "unknown",
  }),

  s.plan("of a dead holder", "release-lease", { lease("2026-01-01T11:00:00Z") }, {
    ops = { { verb = "delete", preconditions = { uid = "l-1", resourceVersion = "7" } } },
  }),
  s.plan("not of a living holder", "release-lease", { lease("2026-01-01T11:59:59Z") }, {
    veto = "two would lead",
  }),
  s.plan("not readable", "release-lease", { s.get("leases") }, { veto = "cannot be read" }),

  s.plan("that very pod", "restart-pod", {
    s.list("pods", { s.running_pod() }),
    state(3),
  }, { ops = { { verb = "delete", preconditions = { uid = "p-1" } } } }),
  s.plan("of a dead provider", "restart-pod", {
    s.list("pods", { s.running_pod() }),
    s.answer("provider.state", "unreachable"),
  }, { ops = { { verb = "delete" } } }),
  s.plan("not near a ban", "restart-pod", {
    s.list("pods", { s.running_pod() }),
    state(3000),
  }, { veto = "3000 invalid requests of 10000" }),
  s.plan("not with a refused token", "restart-pod", {
    s.list("pods", { s.running_pod() }),
    state(3, true),
  }, { veto = "replace the token" }),
  s.plan("no pod", "restart-pod", { s.list("pods", {}) }, { veto = "no pod to delete" }),
}

return { runbook = "runbooks.provider_down", cases = cases }
