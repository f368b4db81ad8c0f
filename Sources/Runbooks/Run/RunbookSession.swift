package import Engine
import HTTPTransport
package import JSONValue
package import KubeWatch

/// The outside world of one run, put together: who is asked, and what the run is about.
package struct RunbookSession: Sendable {
  /// Where the sources are.
  package struct Configuration: Sendable {
    /// The way to the cluster, or why there is none.
    package var access: Result<ClusterAccess, AccessError>
    /// The kubeconfig's context, for the report's head.
    package var context: String?
    /// Nil for the values file's, or else crossplane-system.
    package var namespace: String?
    /// Without a slash at its end.
    package var prometheus: String?
    /// The provider's own port, without a slash at its end; nil for the API server's proxy.
    package var provider: String?
    package var backup: String?
    package var values = RunbookValues()
    /// Seconds that are looked back.
    package var since: Int64 = 3_600
    /// Between two scrapes of /metrics.
    package var sampleInterval: Duration = .seconds(1)
    package var alert: JSONValue?
    /// Names of the inputs that are given, for plans.
    package var inputs: [String] = []
    /// This program's, for `User-Agent`.
    package var version = "0"

    /// A configuration with nothing but the way to the cluster.
    package init(access: Result<ClusterAccess, AccessError>) {
      self.access = access
    }
  }

  package let situation: RunbookSituation
  package let world: OutsideWorld
  /// For what fixes do after a plan.
  package let reads: KubeReads
  package let endpoint: ProviderEndpoint
  private let transports: [CurlTransport]

  /// Finds out what the run is about.
  package init(_ configuration: Configuration, time: TimeSource = .system()) async {
    let plain = CurlTransport(maximumResponseBytes: 32 << 20)
    var transports = [plain]
    switch configuration.access {
    case .success(let access):
      let transport = CurlTransport(tls: access.tls)
      transports.append(transport)
      reads = KubeReads(access: access, transport: transport, version: configuration.version)
    case .failure(let problem):
      reads = KubeReads(unavailable: SourceFailure(.unconfigured, problem.message))
    }
    self.transports = transports
    let values = configuration.values
    let (now, began) = (time.timestamp(), time.uptime())
    let found = await TargetSearch(
      reads: reads, time: time, values: values,
      context: configuration.context ?? (try? configuration.access.get())?.context,
      namespace: configuration.namespace
    ).find()
    let searched = (time.uptime() - began).wholeMilliseconds
    endpoint = ProviderEndpoint(way: Self.way(configuration, found, reads, plain))
    let metrics: any MetricReader
    var sources: [String: any EffectSource] = [
      "kube": KubeSource(reads: reads, time: time), "secret": SecretSource(reads: reads),
      "provider": ProviderSource(endpoint: endpoint, time: time),
      "backup": BackupSource(folder: configuration.backup),
      "net": ProbeSource(endpoint: endpoint, hosts: Self.hosts(configuration, found)),
      "discord": DiscordReader(
        reads: reads, transport: plain, time: time,
        config: found.target["provider_config"]?.stringValue ?? "default",
        version: configuration.version),
    ]
    if let url = configuration.prometheus {
      let prometheus = Prometheus(
        url: url, transport: plain, fixed: values.metricLabels, time: time)
      sources["prom"] = prometheus
      metrics = prometheus
    } else {
      sources["prom"] = UnconfiguredSource("name a Prometheus server with --prometheus URL")
      metrics = ScrapeReader(
        endpoint: endpoint, time: time, interval: configuration.sampleInterval)
    }
    sources["metrics"] = MetricSource(reader: metrics)
    world = OutsideWorld(sources: sources, time: time)
    situation = RunbookSituation(
      now: now, searchMilliseconds: searched, since: configuration.since, target: found.target,
      values: values, alert: configuration.alert, inputs: configuration.inputs,
      reportTarget: found.reportTarget)
  }

  /// Closes the connections.
  package func shutdown() async {
    for transport in transports { await transport.shutdown() }
  }

  private static func way(
    _ configuration: Configuration, _ found: TargetSearch.Found, _ reads: KubeReads,
    _ transport: CurlTransport
  ) -> ProviderEndpoint.Way {
    if let url = configuration.provider { return .direct(url: url, transport: transport) }
    guard found.reportTarget.isReachable else {
      return .none(
        SourceFailure(
          .unreachable,
          "the way to the provider leads through the API server, which is not reachable; "
            + "--provider URL names another"))
    }
    guard let pod = found.pod else {
      return .none(
        SourceFailure(
          .unreachable, "no Pod of the provider in \(found.reportTarget.namespace)"))
    }
    return .proxy(
      reads: reads, namespace: found.reportTarget.namespace, pod: pod, port: found.port)
  }

  /// What probes may reach.
  private static func hosts(
    _ configuration: Configuration, _ found: TargetSearch.Found
  ) -> Set<String> {
    var hosts: Set<String> = [
      "discord.com", "gateway.discord.gg", "cdn.discordapp.com", "discordstatus.com",
      "status.discord.com", "kubernetes.default.svc", "kubernetes.default",
    ]
    hosts.formUnion(configuration.values.probeHosts.map { $0.lowercased() })
    if let page = configuration.values.free["statusPage"]?.stringValue,
      let host = NetworkProbe.host(of: page)
    {
      hosts.insert(host)
    }
    if let host = found.target.value(at: "discord", "host")?.stringValue { hosts.insert(host) }
    if let access = try? configuration.access.get(),
      let host = NetworkProbe.host(of: access.server)
    {
      hosts.insert(host)
    }
    for url in [configuration.prometheus, configuration.provider] {
      if let host = url.flatMap(NetworkProbe.host) { hosts.insert(host) }
    }
    return hosts
  }
}

/// A source that no option names.
private struct UnconfiguredSource: EffectSource {
  let message: String

  init(_ message: String) {
    self.message = message
  }

  func answer(_ name: String, _ effect: JSONValue) async throws(SourceFailure) -> SourceAnswer {
    throw SourceFailure(.unconfigured, message)
  }
}
