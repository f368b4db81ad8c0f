package import Engine
package import JSONValue
import KubeWatch

/// Finds out what the runbooks are about: how the provider is installed, where its Pod is, which
/// Discord it talks to. What can't be found out is as the values file, or else the product, names it.
package struct TargetSearch: Sendable {
  private let reads: KubeReads
  private let time: TimeSource
  private let names: RunbookValues
  private let context: String?
  private let namespace: String?
  private let deadline: Duration

  /// - Parameters:
  ///   - namespace: of `--namespace`; nil for the values file's, or else crossplane-system.
  ///   - deadline: the most that the whole search may take.
  package init(
    reads: KubeReads, time: TimeSource, values: RunbookValues, context: String?,
    namespace: String?, deadline: Duration = KubeReads.firstTimeout + .seconds(4)
  ) {
    self.reads = reads
    self.time = time
    names = values
    self.context = context
    self.namespace = namespace
    self.deadline = deadline
  }

  /// What was found: `ctx.target`, and the same for the report's head.
  package struct Found: Sendable {
    package let target: JSONValue
    package let reportTarget: ReportTarget
    package let pod: String?
    package let port: Int
  }

  private struct Facts: Sendable {
    var isReachable = false
    var problem: String?
    var deployments: [JSONValue] = []
    var pods: [JSONValue] = []
    var providers: [JSONValue] = []
    var configs: [JSONValue] = []
  }

  /// Looks, with a deadline.
  package func find() async -> Found {
    let facts = await Deadline.first(within: deadline, time: time) { await self.facts() }
    var unknown = Facts()
    unknown.problem = "the API server did not answer within \(CheckGraph.text(deadline))"
    return describe(facts ?? unknown)
  }

  private var space: String {
    namespace ?? names.target["namespace"] ?? "crossplane-system"
  }

  private func facts() async -> Facts {
    var facts = Facts()
    do throws(SourceFailure) {
      _ = try await reads.json(path: "/version")
      facts.isReachable = true
    } catch {
      facts.problem = error.message
      return facts
    }
    async let deployments = list(
      ResourceType(group: "apps", version: "v1", kind: "", plural: "deployments"), space)
    async let pods = list(ResourceType(group: "", version: "v1", kind: "", plural: "pods"), space)
    async let providers = list(
      ResourceType(
        group: "pkg.crossplane.io", version: "v1", kind: "", plural: "providers",
        isNamespaced: false), nil)
    async let configs = list(
      ResourceType(
        group: "discord.crossplane.io", version: "v1alpha1", kind: "", plural: "providerconfigs",
        isNamespaced: false), nil)
    facts.deployments = await deployments
    facts.pods = await pods
    facts.providers = await providers
    facts.configs = await configs
    return facts
  }

  /// A list; what may not be read, or is not there, is empty: the checks say so better.
  private func list(_ type: ResourceType, _ namespace: String?) async -> [JSONValue] {
    (try? await KubeSource.items(of: type, in: namespace, most: 500, reads: reads)) ?? []
  }

  private func describe(_ facts: Facts) -> Found {
    let provider = facts.providers.first {
      $0.value(at: "spec", "package")?.stringValue?.contains("provider-discord") == true
    }
    let providerName = provider?.value(at: "metadata", "name")?.stringValue
    let wanted = names.target["deployment"] ?? "provider-discord"
    let deployment =
      facts.deployments.first { Self.name($0) == wanted }
      ?? facts.deployments.first {
        Self.label($0, "app") == "provider-discord"
          || Self.label($0, "app.kubernetes.io/name") == "provider-discord"
          || (providerName != nil && Self.label($0, "pkg.crossplane.io/provider") == providerName)
      }
    let isSandbox =
      deployment?.value(at: "metadata", "annotations", "sandbox.discord.crossplane.io/stands-for")
      != nil
    let flavour = isSandbox ? "sandbox" : provider != nil ? "crossplane" : "helm"
    let selector = Self.selector(deployment) ?? names.target["appLabel"] ?? "app=provider-discord"
    let pods = facts.pods.filter { Self.matches($0, selector) }.sorted {
      let times = [$0, $1].map {
        $0.value(at: "metadata", "creationTimestamp")?.stringValue ?? ""
      }
      return times[0] > times[1]
    }
    let container = container(of: deployment ?? pods.first, flavour: flavour)
    let port = Self.port(of: container)
    let config = config(facts.configs)
    let reportTarget = ReportTarget(
      context: context, namespace: space, deployment: deployment.flatMap(Self.name) ?? wanted,
      flavour: flavour, isReachable: facts.isReachable, problem: facts.problem)
    var target: JSONValue = [
      "namespace": .string(space), "deployment": .string(reportTarget.deployment),
      "app_label": .string(selector), "flavour": .string(flavour),
      "container": .string(
        container?["name"]?.stringValue ?? names.target["container"] ?? "provider"),
      "network_policy": .string(names.target["networkPolicy"] ?? "provider-discord-netpol"),
      "lease": .string(names.target["lease"] ?? "provider-discord"),
      "reachable": .bool(facts.isReachable),
      "provider_config": .string(Self.name(config) ?? "default"),
      "secret": secret(of: config), "discord": Self.discord(of: config),
    ]
    target["context"] = context.map { .string($0) }
    target["problem"] = facts.problem.map { .string($0) }
    target["provider"] = providerName.map { .string($0) }
    target["runtime_config"] = provider?.value(at: "spec", "runtimeConfigRef", "name")
    let pod = pods.first.flatMap(Self.name)
    target["pod"] = pod.map { .string($0) }
    return Found(target: target, reportTarget: reportTarget, pod: pod, port: port)
  }

  private func container(of object: JSONValue?, flavour: String) -> JSONValue? {
    let spec = object?.value(at: "spec", "template", "spec") ?? object?["spec"]
    let containers = spec?["containers"]?.arrayValue ?? []
    let wanted = [names.target["container"], "provider", "package-runtime"].compactMap(\.self)
    for name in wanted {
      if let found = containers.first(where: { $0["name"]?.stringValue == name }) { return found }
    }
    return containers.first
  }

  private static func port(of container: JSONValue?) -> Int {
    let ports = container?["ports"]?.arrayValue ?? []
    let found =
      ports.first { ["http", "metrics", "admin"].contains($0["name"]?.stringValue ?? "") }
      ?? ports.first
    return found?["containerPort"]?.integerValue.map { Int($0) } ?? 8080
  }

  private func config(_ configs: [JSONValue]) -> JSONValue? {
    let wanted = names.target["providerConfig"] ?? "default"
    return configs.first { Self.name($0) == wanted } ?? configs.first
  }

  private func secret(of config: JSONValue?) -> JSONValue {
    let reference = config?.value(at: "spec", "credentials", "secretRef")
    return [
      "namespace": reference?["namespace"] ?? .string(space),
      "name": reference?["name"] ?? "discord-credentials", "key": reference?["key"] ?? "token",
    ]
  }

  private static func discord(of config: JSONValue?) -> JSONValue {
    let written = config?.value(at: "spec", "baseURL")?.stringValue ?? ""
    let url = written.isEmpty ? ConnectionSettings.discordAddress : written
    let scheme = url.hasPrefix("http://") ? "http" : "https"
    let host = NetworkProbe.host(of: url) ?? "discord.com"
    let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? ""
    let authority = rest.prefix { $0 != "/" }
    let digits = authority.reversed().prefix { $0.isNumber }
    let hasPort = authority.dropLast(digits.count).last == ":"
    let port = hasPort ? Int64(String(digits.reversed())) : nil
    return [
      "base_url": .string(url), "scheme": .string(scheme), "host": .string(host),
      "port": .integer(port ?? (scheme == "https" ? 443 : 80)),
    ]
  }

  private static func name(_ object: JSONValue?) -> String? {
    object?.value(at: "metadata", "name")?.stringValue
  }

  private static func label(_ object: JSONValue, _ label: String) -> String? {
    object.value(at: ["metadata", "labels", label])?.stringValue
  }

  /// The Deployment's own selector, which its Pods have, as kubectl takes it.
  private static func selector(_ deployment: JSONValue?) -> String? {
    guard let labels = deployment?.value(at: "spec", "selector", "matchLabels")?.objectValue,
      !labels.isEmpty
    else { return nil }
    return labels.sorted { $0.key < $1.key }.compactMap { key, value in
      value.stringValue.map { "\(key)=\($0)" }
    }.joined(separator: ",")
  }

  private static func matches(_ pod: JSONValue, _ selector: String) -> Bool {
    selector.split(separator: ",").allSatisfy { part in
      let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
      return sides.count == 2 && label(pod, sides[0]) == sides[1]
    }
  }
}
