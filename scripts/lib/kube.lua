-- The Kubernetes API for runbooks: reads only. Secrets cannot be read; lib.secret gives
-- fingerprints.
-- A type is a table { group, version, resource }, or its text "apps/v1/deployments", "v1/pods".
local perform = ...

local answer = require("lib.answer")

local kube = {}

---@class ResourceRef
---@field group string "" for the core group
---@field version string
---@field resource string the plural: "pods"

--- Types that runbooks often need.
kube.types = {
  pods = { group = "", version = "v1", resource = "pods" },
  nodes = { group = "", version = "v1", resource = "nodes" },
  events = { group = "", version = "v1", resource = "events" },
  services = { group = "", version = "v1", resource = "services" },
  configmaps = { group = "", version = "v1", resource = "configmaps" },
  namespaces = { group = "", version = "v1", resource = "namespaces" },
  secrets = { group = "", version = "v1", resource = "secrets" },
  deployments = { group = "apps", version = "v1", resource = "deployments" },
  replicasets = { group = "apps", version = "v1", resource = "replicasets" },
  leases = { group = "coordination.k8s.io", version = "v1", resource = "leases" },
  networkpolicies = { group = "networking.k8s.io", version = "v1", resource = "networkpolicies" },
  crds = { group = "apiextensions.k8s.io", version = "v1", resource = "customresourcedefinitions" },
  guilds = { group = "guild.discord.crossplane.io", version = "v1alpha1", resource = "guilds" },
  channels = {
    group = "channel.discord.crossplane.io",
    version = "v1alpha1",
    resource = "channels",
  },
  roles = { group = "role.discord.crossplane.io", version = "v1alpha1", resource = "roles" },
  provider_configs = {
    group = "discord.crossplane.io",
    version = "v1alpha1",
    resource = "providerconfigs",
  },
  providers = { group = "pkg.crossplane.io", version = "v1", resource = "providers" },
  provider_revisions = {
    group = "pkg.crossplane.io",
    version = "v1",
    resource = "providerrevisions",
  },
  runtime_configs = {
    group = "pkg.crossplane.io",
    version = "v1beta1",
    resource = "deploymentruntimeconfigs",
  },
}

--- The type that a text names: "v1/pods", "apps/v1/deployments".
---@param text string|ResourceRef
---@return ResourceRef
function kube.type(text)
  if type(text) == "table" then
    return text
  end
  local group, version, resource = text:match("^([^/]+)/([^/]+)/([^/]+)$")
  if not group then
    group = ""
    version, resource = text:match("^([^/]+)/([^/]+)$")
  end
  assert(resource, "a type is written as in apps/v1/deployments or v1/pods, not " .. text)
  return { group = group, version = version, resource = resource }
end

--- One object. `err.kind` is "notfound" when it is not there.
---@param of string|ResourceRef
---@param namespace string|nil nil for a type without namespaces
---@param name string
---@return table|nil object
---@return SourceError|nil err
function kube.get(of, namespace, name)
  return answer.unwrap(
    perform({ effect = "kube.get", gvr = kube.type(of), namespace = namespace, name = name })
  )
end

---@class ListOptions
---@field namespace? string all if not given
---@field labels? string a selector as kubectl takes it
---@field fields? string likewise
---@field limit? integer 1000 if not given

--- Objects, all pages of them up to `limit`. A type that the server does not know is "notfound".
---@param of string|ResourceRef
---@param options? ListOptions
---@return table[]|nil objects
---@return SourceError|nil err
function kube.list(of, options)
  options = options or {}
  return answer.unwrap(perform({
    effect = "kube.list",
    gvr = kube.type(of),
    namespace = options.namespace,
    labels = options.labels,
    fields = options.fields,
    limit = options.limit,
  }))
end

---@class LogOptions
---@field container? string
---@field previous? boolean of the container before the last restart
---@field since? number seconds
---@field tail? integer the last lines, 500 if not given
---@field match? string|string[] plain text in any letter case: only lines with one of them come

--- Lines of a container's log, oldest first, at most 2,000. Text that looks like a token comes as
--- "[redacted]".
---@param pod table the Pod object
---@param options? LogOptions
---@return string[]|nil lines
---@return SourceError|nil err
function kube.logs(pod, options)
  options = options or {}
  local match = options.match
  if type(match) == "string" then
    match = { match }
  end
  return answer.unwrap(perform({
    effect = "kube.logs",
    namespace = pod.metadata.namespace,
    pod = pod.metadata.name,
    container = options.container,
    previous = options.previous,
    since = options.since,
    tail = options.tail,
    match = match and array(match),
  }))
end

---@class KubeEvent
---@field type string "Normal" or "Warning"
---@field reason string
---@field message string
---@field count integer
---@field first string RFC 3339
---@field last string RFC 3339
---@field object { kind: string, namespace?: string, name: string, uid?: string }
---@field source string

---@class EventOptions
---@field for_? table an object, or { kind, name }
---@field namespace? string
---@field since? number seconds
---@field type? string "Warning"

--- Events, newest first, at most 500; repetitions are one with a count.
---@param options? EventOptions
---@return KubeEvent[]|nil events
---@return SourceError|nil err
function kube.events(options)
  options = options or {}
  local object = options.for_
  if object and object.metadata then
    object = {
      kind = object.kind,
      name = object.metadata.name,
      namespace = object.metadata.namespace,
      uid = object.metadata.uid,
    }
  end
  return answer.unwrap(perform({
    effect = "kube.events",
    object = object,
    namespace = options.namespace or (object and object.namespace),
    since = options.since,
    type = options.type,
  }))
end

---@class PodUsage
---@field cpu number cores, all containers
---@field memory number bytes, all containers
---@field containers table<string, { cpu: number, memory: number }>
---@field at string RFC 3339
---@field window number seconds that the CPU is averaged over

--- What a Pod uses, from metrics.k8s.io; "notfound" where that API is not installed.
---@param pod table the Pod object
---@return PodUsage|nil usage
---@return SourceError|nil err
function kube.usage(pod)
  return answer.unwrap(perform({
    effect = "kube.usage",
    namespace = pod.metadata.namespace,
    pod = pod.metadata.name,
  }))
end

--- Whether whoever runs this runbook may do something (SelfSubjectAccessReview).
---@param verb string "get", "list", "patch", …
---@param of string|ResourceRef a subresource as in "v1/pods/log" is given in `subresource`
---@param namespace? string nil for all namespaces
---@param options? { name?: string, subresource?: string }
---@return boolean|nil allowed
---@return SourceError|nil err
function kube.can(verb, of, namespace, options)
  options = options or {}
  return answer.unwrap(perform({
    effect = "kube.can",
    verb = verb,
    gvr = kube.type(of),
    namespace = namespace,
    name = options.name,
    subresource = options.subresource,
  }))
end

---@class Permitted
---@field subject { kind: string, name: string, namespace?: string }
---@field binding { kind: string, name: string, namespace?: string }
---@field role { kind: string, name: string }
---@field wildcard boolean whether a rule with `*` gives it

--- Who may do something, computed from the RBAC objects (other authorizers are not seen).
---@param verb string
---@param of string|ResourceRef
---@param namespace? string
---@param name? string one object: rules with resourceNames that have it count too
---@return Permitted[]|nil subjects
---@return SourceError|nil err
function kube.who_can(verb, of, namespace, name)
  return answer.unwrap(perform({
    effect = "kube.who_can",
    verb = verb,
    gvr = kube.type(of),
    namespace = namespace,
    name = name,
  }))
end

--- The answer to a GET of any path: JSON as a table, other text as text. Paths with Secrets, exec,
--- proxies and the like are refused.
---@param path string from "/", with its query
---@return table|string|nil body
---@return SourceError|nil err
function kube.raw(path)
  return answer.unwrap(perform({ effect = "kube.raw", path = path }))
end

--- A condition in the status of an object that was read, or nil.
---@param object table
---@param kind string "Ready", "PodScheduled"
---@return table|nil
function kube.condition(object, kind)
  for _, condition in ipairs(object.status and object.status.conditions or {}) do
    if condition.type == kind then
      return condition
    end
  end
  return nil
end

return kube
