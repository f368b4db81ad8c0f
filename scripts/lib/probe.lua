-- Probes of the network, layer by layer, from here ("cli") or from inside the provider's process
-- ("provider"). Only Discord's hosts (`ctx.target.discord`), the API server's names and what the
-- values file lists under `probeHosts` can be probed. A layer that is broken is an answer with
-- `ok = false`; `err` says that the probe itself could not be made.
local perform = ...

local answer = require("lib.answer")

local probe = {}

---@class ProbeOptions
---@field from? "cli"|"provider" "cli" if not given
---@field timeout? number seconds, 3 if not given

---@class HTTPProbeOptions: ProbeOptions
---@field body? boolean whether to keep the answer's JSON, up to 64 KiB; from here only

---@class ProbeResult
---@field ok boolean
---@field ms number
---@field error? string "dns", "refused", "timeout", "unreachable", "reset" or a text
---@field addresses? string[] of probe.dns
---@field address? string of probe.tcp
---@field status? integer of probe.http
---@field layer? "dns"|"tcp"|"tls"|"http" of probe.http: the first that broke
---@field body? any of probe.http with `body = true`: the answer's JSON, when it is some and short

local function ask(effect, options)
  options = options or {}
  effect.from = options.from or "cli"
  effect.timeout = options.timeout
  return answer.unwrap(perform(effect))
end

--- Resolves a name.
---@param host string
---@param options? ProbeOptions
---@return ProbeResult|nil result
---@return SourceError|nil err
function probe.dns(host, options)
  return ask({ effect = "net.dns", host = host }, options)
end

--- Connects.
---@param host string
---@param port integer
---@param options? ProbeOptions
---@return ProbeResult|nil result
---@return SourceError|nil err
function probe.tcp(host, port, options)
  return ask({ effect = "net.tcp", host = host, port = port }, options)
end

---@class TLSResult
---@field ok boolean whether the chain is good, for this name and now
---@field error? string what is wrong with it
---@field not_after? string RFC 3339, of the server's certificate
---@field not_before? string
---@field issuer? string
---@field subject? string
---@field chain? { subject: string, issuer: string, not_after: string }[] the server's own first
---@field ms number

--- Makes a TLS handshake and looks at the certificates.
---@param host string
---@param port integer
---@param options? ProbeOptions
---@return TLSResult|nil result
---@return SourceError|nil err
function probe.tls(host, port, options)
  return ask({ effect = "net.tls", host = host, port = port }, options)
end

--- GETs a URL without credentials.
---@param url string
---@param options? HTTPProbeOptions
---@return ProbeResult|nil result
---@return SourceError|nil err
function probe.http(url, options)
  return ask({ effect = "net.http", url = url, body = options and options.body }, options)
end

return probe
