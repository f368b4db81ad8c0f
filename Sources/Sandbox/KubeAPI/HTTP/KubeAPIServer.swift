import Hummingbird
import JSONValue
package import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// The sandbox's Kubernetes API server: a `KubeCluster` behind HTTP on loopback.
package final class KubeAPIServer: Service, Sendable {
  /// What a server needs to start.
  package struct Configuration: Sendable {
    /// The loopback address to listen on.
    package var address: String
    /// The port; 0 takes a free one.
    package var port: Int
    /// CustomResourceDefinitions as YAML texts, each of one or more documents.
    package var customResourceDefinitions: [String]
    /// The bearer token that every request has to bring; nil asks for none.
    package var token: String?
    /// How many changes a watch can be behind before it gets 410 Expired.
    package var historyLimit: Int
    /// What uids and generated names are made from.
    package var seed: UInt64
    /// What stands behind Pods; without it they have no log and no port.
    package var pods: PodBackend?

    /// A configuration; all but the CRDs has a default.
    package init(
      address: String = "127.0.0.1", port: Int = 0, customResourceDefinitions: [String] = [],
      token: String? = nil, historyLimit: Int = 4_096,
      seed: UInt64 = UInt64.random(in: 0...UInt64.max)
    ) {
      self.address = address
      self.port = port
      self.customResourceDefinitions = customResourceDefinitions
      self.token = token
      self.historyLimit = historyLimit
      self.seed = seed
    }
  }

  /// Why a server cannot be made.
  package struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    /// What is wrong.
    package let message: String
    package var description: String { message }
  }

  private let configuration: Configuration
  private let hub: ClusterHub
  private let logger: Logger
  private let onListening: @Sendable (Int) -> Void
  private let boundPort = Mutex<Int?>(nil)

  /// A server that has its CRDs and listens once it runs; throws when a CRD cannot be used.
  /// `onListening` is called once with the port.
  package init(
    configuration: Configuration, logger: Logger,
    onListening: @escaping @Sendable (Int) -> Void = { _ in },
    now: @escaping @Sendable () -> KubeTime = KubeTime.current
  ) throws(ConfigurationError) {
    guard ["127.0.0.1", "::1", "localhost"].contains(configuration.address) else {
      throw ConfigurationError(
        message: "the API server listens on loopback only, not on \(configuration.address)")
    }
    self.configuration = configuration
    self.logger = logger
    self.onListening = onListening
    do {
      let documents = try configuration.customResourceDefinitions.flatMap(YAMLDocuments.parse)
      let cluster = try KubeCluster(
        customResourceDefinitions: documents.filter { $0["kind"] == "CustomResourceDefinition" },
        now: now(), seed: configuration.seed, historyLimit: configuration.historyLimit)
      hub = ClusterHub(cluster: cluster, now: now)
    } catch let error as APIStatusError {
      throw ConfigurationError(message: error.message)
    } catch {
      throw ConfigurationError(message: "\(error)")
    }
  }

  /// The port that the server listens on; nil until it does.
  package var port: Int? { boundPort.withLock { $0 } }

  /// Serves until cancelled or asked to shut down gracefully; open watches end then.
  package func run() async throws {
    let application = Application(
      responder: KubeResponder(
        hub: hub, token: configuration.token, pods: configuration.pods, logger: logger),
      configuration: ApplicationConfiguration(
        address: .hostname(configuration.address, port: configuration.port),
        serverName: nil),
      onServerRunning: { [self] channel in
        guard let port = channel.localAddress?.port else { return }
        boundPort.withLock { $0 = port }
        onListening(port)
      },
      logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { [hub] in await hub.runBackgroundWork() }
      group.addTask { [hub] in await hub.runClock() }
      try await withGracefulShutdownHandler {
        try await application.run()
      } onGracefulShutdown: { [hub] in
        hub.shutDown()
      }
      hub.shutDown()
      group.cancelAll()
    }
  }

  /// A kubeconfig for a server that listens on this port.
  package func kubeconfig(port: Int, namespace: String = "default") -> String {
    let host =
      configuration.address.contains(":") ? "[\(configuration.address)]" : configuration.address
    return Kubeconfig.text(
      server: "http://\(host):\(port)", token: configuration.token, namespace: namespace)
  }

  /// Makes requests fail, hang or wait, as `/sandbox/faults` does.
  package func inject(_ fault: KubeFault) { hub.inject(fault) }

  /// Ends every fault.
  package func clearFaults() { hub.clearFaults() }

  /// How many watches are open.
  package var watchCount: Int { hub.watchCount }

  /// Looks at, or changes, the cluster's state from within the process.
  package func withCluster<Result: Sendable>(
    _ body: (inout KubeCluster) -> Result
  ) -> Result {
    hub.withCluster(body)
  }
}
