import DiscordAPI
import Glibc
import HTTPTransport
import KubeWatch
import Logging
import LuaBridge

/// The provider's parts, put together.
struct ProviderParts: Sendable {
  let configuration: ProviderConfiguration
  let library: RuleLibrary
  let logger: Logger
  let registry = MetricRegistry()
  let readiness = Readiness()
  let liveness: Liveness
  let time: TimeSource
  /// Its writes pass only while this process leads.
  let kube: KubeClient
  let leadership: Leadership
  /// Nil for a provider that is alone.
  let elector: LeaderElector?
  let events: EventRecorder
  let resources: ResourceStores
  let configStore = Store()
  let dependencies = DependencyIndex()
  let history = ReconcileHistory()
  let outages: Outages
  let pool: WorkPool<ResourceKey>
  let watch: ResourceWatch
  let connections: Connections
  let reconciler: ManagedReconciler
  let planner: RulePlanner
  let deployment: RuleDeployment
  let reflectors: [Reflector]
  let configReflector: Reflector
  let configs: ProviderConfigs
  /// Tells that ProviderConfigs changed: an approval of rules may be among the changes.
  let configChanged: AsyncStream<Void>

  init(
    configuration: ProviderConfiguration, seams: ProviderSeams, library: RuleLibrary,
    logger: Logger
  ) {
    self.configuration = configuration
    self.library = library
    self.logger = logger
    ProviderMetrics.register(in: registry)
    let rules = library.rules.all
    ProviderMetrics.begin(
      in: registry, resourceTypes: rules.map(\.resourceType), kinds: rules.map(\.type.kind),
      gvks: rules.map { LifecycleMetrics.label($0.type) })
    liveness = Liveness(time: seams.time)
    time = seams.time
    let sleep = seams.time.sleep
    let leadership = Leadership(isElected: configuration.leaderElection != nil)
    self.leadership = leadership
    let registry = registry
    let host = configuration.access.host
    func client(_ transport: any Transport) -> KubeClient {
      KubeClient(
        access: configuration.access, transport: transport, version: configuration.version,
        sleep: { try? await sleep($0) },
        requestFinished: { method, status in
          // As client-go: a watch is a GET, and no answer is <error>.
          registry.add(
            ProviderMetrics.restRequests,
            [
              status.map { String($0) } ?? "<error>", method == "WATCH" ? "GET" : method, host,
            ])
        })
    }
    kube = client(
      FencedTransport(
        base: seams.kubeTransport, leadership: leadership, exempt: .reads, now: seams.now))
    let openKube = client(seams.kubeTransport)
    let events = EventRecorder(
      client: openKube, component: "provider-discord", instance: Self.hostName(), logger: logger,
      now: seams.now, wall: seams.wallTime, sleep: sleep)
    self.events = events
    elector = configuration.leaderElection.map {
      LeaderElector(
        settings: $0, kube: openKube, leadership: leadership, events: events, seams: seams,
        logger: logger)
    }
    resources = ResourceStores(
      library.rules.all.map {
        ResourceStores.Entry(type: $0.type, namespaces: configuration.namespaces)
      })
    pool = WorkPool(time: time, jitter: seams.random)
    let order = GuildOrder(now: seams.time.uptime)
    let usageChanges = UsageChanges(now: seams.time.uptime)
    let watch = ResourceWatch(
      pool: pool, resources: resources, dependencies: dependencies, order: order,
      usageChanges: usageChanges, history: history,
      lifecycle: LifecycleMetrics(registry: registry, time: time))
    self.watch = watch
    connections = Self.connections(
      configuration, kube: kube, leadership: leadership, seams: seams, registry: registry,
      watch: watch, logger: logger,
      breakers: BreakerEvents(events: events, configs: configStore))
    configs = ProviderConfigs(
      store: configStore, kube: kube, resources: resources, logger: logger)
    let connections = connections
    let (configChanged, configChanges) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    self.configChanged = configChanged
    configReflector = Reflector(
      type: ProviderConfigs.type, client: kube, store: configStore, logger: logger,
      random: seams.random, now: seams.now, sleep: sleep,
      onChange: {
        usageChanges.note()
        connections.configChanged($0)
        configChanges.yield()
      })
    reflectors = Self.reflectors(
      resources, kube: kube, seams: seams, watch: watch, logger: logger)
    let (kube, configs) = (kube, configs)
    let metrics = ReconcileMetrics(registry: registry)
    var parts = ManagedReconciler.Parts(
      library: library, resources: resources,
      writer: ObjectWriter(
        kube: kube, time: time, accept: { watch.wrote($1, of: $0) }),
      connections: connections, claim: { try await configs.claim($0) },
      runner: RuleRunner(
        limits: configuration.limits,
        runner: ScriptRunner(now: seams.discordTime.now, giveWay: seams.giveWay),
        report: { metrics.scriptRan(module: $0, function: $1, usage: $2, failure: $3) }),
      dependencies: dependencies, order: order,
      schedule: PollSchedule(interval: configuration.poll),
      events: ResourceEvents(recorder: events), metrics: metrics, time: time, logger: logger)
    parts.recorder = configuration.record.map { store in
      RunRecorder(store: store) { error in
        logger.warning("a recording could not be written", metadata: ["error": "\(error)"])
      }
    }
    parts.history = history
    outages = parts.outages
    reconciler = ManagedReconciler(parts: parts)
    planner = RulePlanner(
      resources: resources, connections: connections,
      runner: RuleRunner(
        limits: configuration.limits, runner: ScriptRunner(now: seams.discordTime.now)),
      schedule: parts.schedule, settled: parts.settled, time: time, logger: logger)
    let configStore = configStore
    deployment = RuleDeployment(
      RuleDeployment.Parts(
        library: library, planner: planner, policy: configuration.deployment,
        schemas: configuration.schemas, limits: configuration.limits,
        approvals: { configStore.all().compactMap { $0.annotations[DeploymentReport.approval] } },
        report: DeploymentReport(
          registry: registry, events: events, configs: configStore, logger: logger),
        time: time))
    addReadinessChecks()
    addProtectionChecks()
    addCollectors()
  }

  private static func connections(
    _ configuration: ProviderConfiguration, kube: KubeClient, leadership: Leadership,
    seams: ProviderSeams, registry: MetricRegistry, watch: ResourceWatch, logger: Logger,
    breakers: BreakerEvents
  ) -> Connections {
    let telemetry = DiscordTelemetry(registry: registry, logger: logger, pool: watch.pool)
    // Discord counts invalid requests per address: all tokens share this.
    let address = DiscordAddress()
    let secrets = SecretWatch(kube: kube, seams: seams, logger: logger)
    let transport = FencedTransport(
      base: seams.discordTransport, leadership: leadership, exempt: .nothing, now: seams.now)
    return Connections(
      watch: { secrets.watch($0, $1) },
      connect: { baseURL, token, users in
        var observer = telemetry.observer { breakers.record($1, of: $0, for: users()) }
        let reach = DiscordReachRecorder()
        let (report, time) = (observer.requestFinished, seams.time)
        observer.requestFinished = { request in
          reach.note(request, at: time.uptime())
          report(request)
        }
        let client = DiscordClient(
          baseURL: try DiscordBaseURL(baseURL), token: token, transport: transport,
          address: address, time: seams.discordTime, random: seams.random, observer: observer,
          configuration: configuration.discord)
        let reads = GuildReads(client: client, maximumAge: configuration.poll.scaled(by: 0.5))
        return DiscordConnection(
          client: client, reads: ConnectionReads(reads: reads, time: seams.time),
          reach: reach)
      },
      wake: { watch.wakeUsers(of: $0) }, logger: logger)
  }

  private static func reflectors(
    _ resources: ResourceStores, kube: KubeClient, seams: ProviderSeams, watch: ResourceWatch,
    logger: Logger
  ) -> [Reflector] {
    resources.all.flatMap { entry in
      entry.stores.map { namespace, store in
        Reflector(
          type: entry.type, client: kube, store: store,
          namespace: namespace.isEmpty ? nil : namespace, logger: logger, random: seams.random,
          now: seams.now, sleep: seams.time.sleep,
          onChange: { watch.watched($0, of: entry.type) })
      }
    }
  }

  private static func hostName() -> String {
    var name = utsname()
    guard unsafe uname(&name) == 0 else { return "unknown" }
    return unsafe withUnsafeBytes(of: &name.nodename) {
      unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
