/// The effects of runbooks: what each is asked with, and the capability that it takes. They are
/// performed by the target Runbooks; a resource rule that asks for one is refused by its gate.
package enum RunbookEffects {
  /// One effect.
  package struct Effect: Sendable, Hashable {
    /// What a runbook's `capabilities` must name; nil when nothing is needed.
    package let capability: String?
    /// The members besides "effect".
    package let members: Set<String>

    fileprivate init(_ capability: String?, _ members: Set<String>) {
      self.capability = capability
      self.members = members
    }
  }

  /// By name.
  package static let all: [String: Effect] = [
    "kube.get": Effect("kube.read", ["gvr", "namespace", "name"]),
    "kube.list": Effect("kube.read", ["gvr", "namespace", "labels", "fields", "limit"]),
    "kube.logs": Effect(
      "kube.read", ["namespace", "pod", "container", "previous", "since", "tail", "match"]),
    "kube.events": Effect("kube.read", ["object", "namespace", "since", "type"]),
    "kube.usage": Effect("kube.read", ["namespace", "pod"]),
    "kube.can": Effect("kube.read", ["verb", "gvr", "namespace", "name", "subresource"]),
    "kube.who_can": Effect("kube.read", ["verb", "gvr", "namespace", "name"]),
    "kube.raw": Effect("kube.read", ["path"]),
    "prom.query": Effect("metrics.read", ["expr"]),
    "prom.range": Effect("metrics.read", ["expr", "from", "step"]),
    "prom.alerts": Effect("metrics.read", []),
    "metrics.value": Effect("metrics.read", metric),
    "metrics.series": Effect("metrics.read", metric),
    "metrics.rate": Effect("metrics.read", metric),
    "metrics.sum_rate": Effect("metrics.read", metric),
    "metrics.quantile": Effect("metrics.read", metric.union(["q"])),
    "metrics.names": Effect("metrics.read", []),
    "discord.get": Effect("discord.read", ["path", "query", "anonymous", "config"]),
    "discord.audit": Effect("discord.read", ["guild_id", "since", "config"]),
    "discord.limits": Effect("discord.read", []),
    "discord.snapshot": Effect("discord.read", ["guild_id", "config"]),
    "net.dns": Effect("net.probe", ["host", "from", "timeout"]),
    "net.tcp": Effect("net.probe", ["host", "port", "from", "timeout"]),
    "net.tls": Effect("net.probe", ["host", "port", "from", "timeout"]),
    "net.http": Effect("net.probe", ["url", "from", "timeout", "body"]),
    "provider.state": Effect("provider.read", []),
    "provider.health": Effect("provider.read", []),
    "secret.fingerprint": Effect("secret.fingerprint", ["namespace", "name", "key"]),
    "backup.inspect": Effect("backup.read", []),
    "evidence.add": Effect(nil, ["name", "data"]),
  ]

  private static let metric: Set<String> = ["name", "labels", "by", "window"]

  /// What a runbook's `capabilities` may name.
  package static let capabilities = Set(all.values.compactMap(\.capability))
}
